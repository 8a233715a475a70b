import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { emptyDataDirectory, openDataDirectory } from './data-directory.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-data-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a folder is made, with those above it', async () => {
  await using directory = await openDataDirectory(join(folder, 'a', 'b'), 4_000);
  expect(await readdir(directory.path)).toEqual(['compile-cache', 'jwks', 'lock', 'lock.json']);
});

test('a second opening is refused with the process and address of the first', async () => {
  await using directory = await openDataDirectory(folder, 4_321);
  await expect(openDataDirectory(directory.path, 5_000)).rejects.toThrow(
    `(process ${process.pid}, http://127.0.0.1:4321/)`,
  );
});

test('a refused opening leaves the holder its lock', async () => {
  await using _ = await openDataDirectory(folder, 4_000);
  await expect(openDataDirectory(folder, 4_000)).rejects.toThrow('already runs');
  await expect(openDataDirectory(folder, 4_000)).rejects.toThrow('already runs');
});

test('a closed directory can be opened again, and knows that its holder ended well', async () => {
  await (await openDataDirectory(folder, 4_000))[Symbol.asyncDispose]();
  await using directory = await openDataDirectory(folder, 4_000);
  expect(directory.lastHolderWasKilled).toBe(false);
});

test('what a killed holder left is recognised', async () => {
  await writeFile(join(folder, 'lock.json'), '{"pid":1,"port":4000}');
  await using directory = await openDataDirectory(folder, 4_000);
  expect(directory.lastHolderWasKilled).toBe(true);
});

test('a file in the way is told', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  await expect(openDataDirectory(file, 4_000)).rejects.toThrow('A file is in the way');
  await expect(openDataDirectory(join(file, 'below'), 4_000)).rejects.toThrow('A file is in the way');
});

test('a folder that cannot be written is told', async ({ skip }) => {
  skip(process.getuid?.() === 0, 'root writes to any folder');
  await chmod(folder, 0o500);
  await expect(openDataDirectory(folder, 4_000)).rejects.toThrow('cannot be written (EACCES)');
});

test('emptying removes what is ours, and nothing else', async () => {
  const ours = [
    'postgres',
    'postgres.making-1',
    'secrets.json',
    'admin.json',
    'cluster-id',
    'oracle.sqlite',
    'oracle.sqlite-wal',
  ];
  const theirs = ['notes.txt', 'postgres-notes', 'secrets.json.backup', 'my-oracle.sqlite'];
  await using directory = await openDataDirectory(folder, 4_000);
  for (const name of [...ours, ...theirs]) await mkdir(join(folder, name));
  await emptyDataDirectory(directory);
  expect((await readdir(folder)).sort()).toEqual(['compile-cache', 'jwks', 'lock', 'lock.json', ...theirs].sort());
});
