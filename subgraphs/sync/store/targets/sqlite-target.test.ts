import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { replicaOf, type Column } from '#sync/domain/replica.ts';
import { userEvent } from '#test/support/events.ts';
import { describeTargetContract, type TargetStorage } from '#test/support/target-contract.ts';
import { openSqliteTarget } from './sqlite-target.ts';

interface SqliteStorage extends TargetStorage {
  readonly file: string;
}

async function newStorage(): Promise<SqliteStorage> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-test-sqlite-'));
  const file = join(folder, 'target.sqlite');
  return {
    file,
    open: () => Promise.resolve(openSqliteTarget('oracle', file)),
    read: (id) => {
      using reader = new DatabaseSync(file, { readOnly: true });
      const row = reader.prepare('SELECT * FROM users WHERE id = ?').get(id);
      return Promise.resolve(row === undefined ? undefined : ({ ...row } as Record<string, Column>));
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

describeTargetContract('SQLite', newStorage);

test('SQLite is written ahead, so that others can read meanwhile', async () => {
  await using storage = await newStorage();
  await using target = await storage.open();
  await target.apply('USER', [replicaOf('USER', userEvent({ id: 'a', version: 1, position: 1 }).event)]);
  using reader = new DatabaseSync(storage.file, { readOnly: true });
  expect(reader.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
});

test('SQLite cannot be reached once it is closed', async () => {
  await using storage = await newStorage();
  const target = await storage.open();
  await target[Symbol.asyncDispose]();
  await expect(target.check()).rejects.toThrow();
  const replica = replicaOf('USER', userEvent({ id: 'a', version: 1, position: 1 }).event);
  await expect(target.apply('USER', [replica])).rejects.toThrow();
});
