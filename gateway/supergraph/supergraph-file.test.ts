import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isSame, SupergraphFile } from './supergraph-file.ts';

let folder: string;
let path: string;
let file: SupergraphFile;
const { signal } = new AbortController();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-test-file-'));
  path = join(folder, 'supergraph.graphql');
  file = new SupergraphFile(path);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('it is what was written last, in place or by a file that took its place', async () => {
  await writeFile(path, 'one');
  expect(await file.look()).toEqual({ text: 'one' });
  await writeFile(path, 'two');
  expect(await file.look()).toEqual({ text: 'two' });
  await writeFile(`${path}.new`, 'six');
  await rename(`${path}.new`, path);
  expect(await file.look()).toEqual({ text: 'six' });
});

test('it is what lies behind a link to a link that was moved, as a config map is mounted', async () => {
  for (const name of ['first', 'second']) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'supergraph.graphql'), name);
  }
  await symlink('first', join(folder, '..data'));
  await symlink(join('..data', 'supergraph.graphql'), path);
  expect(await file.look()).toEqual({ text: 'first' });
  await symlink('second', join(folder, '..next'));
  await rename(join(folder, '..next'), join(folder, '..data'));
  await rm(join(folder, 'first'), { recursive: true });
  expect(await file.look()).toEqual({ text: 'second' });
});

test('without a file it says why, and the same each time', async () => {
  const found = [await file.look(), await file.look()] as const;
  expect(found[0]).toMatchObject({ unreadable: { code: 'ENOENT' } });
  expect(isSame(...found)).toBe(true);
  await mkdir(path);
  expect(await file.look()).toMatchObject({ unreadable: { code: 'EISDIR' } });
  expect(isSame(found[0], await file.look())).toBe(false);
});

test('what is still being written is not taken', async () => {
  await writeFile(path, 'half');
  const settled = file.settled(signal);
  await writeFile(path, 'half and');
  await writeFile(path, 'half and half');
  expect(await settled).toEqual({ text: 'half and half' });
});

test('a file that is away for a moment is waited for', async () => {
  const settled = file.settled(signal);
  await writeFile(path, 'back');
  expect(await settled).toEqual({ text: 'back' });
});

test('nothing is found by who has stopped looking', async () => {
  await writeFile(path, 'one');
  const stop = new AbortController();
  const settled = file.settled(stop.signal);
  stop.abort();
  expect(await settled).toBeUndefined();
});

test('an empty text is a text', async () => {
  await writeFile(path, '');
  const empty = await file.look();
  expect(empty).toEqual({ text: '' });
  expect(isSame(empty, { unreadable: new Error('') })).toBe(false);
});
