import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { locatePostgres } from '#scripts/start/postgres-binaries.ts';
import { allGone, descendantsOf, eventually, freeGatewayPort, type Started, startSystem, temporaryFolder } from './start-driver.ts';

const available = locatePostgres() !== undefined;
if (!available) console.warn('SKIPPED: the tests of npm start, because the npm package of embedded PostgreSQL is not installed');

const READY = /Ctrl-C stops everything/u;
const USER = 1;
const GATEWAY = 0;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
let port: number;
const started: Started[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
  data = join(folder.path, 'data');
  port = await freeGatewayPort();
});

afterEach(async () => {
  for (const { pid, process, ended } of started.splice(0)) {
    const left = descendantsOf(pid);
    process.kill('SIGKILL');
    await ended;
    await allGone(left);
  }
  await folder[Symbol.asyncDispose]();
});

function run(options: Partial<Parameters<typeof startSystem>[0]> = {}): Started {
  const system = startSystem({ directory: data, port, ...options });
  started.push(system);
  return system;
}

async function runReady(options: Partial<Parameters<typeof startSystem>[0]> = {}): Promise<Started> {
  const system = run(options);
  await system.says(READY);
  return system;
}

async function stop(system: Started): Promise<void> {
  system.process.kill('SIGTERM');
  expect(await system.ended, system.output()).toBe(0);
}

/** Expects one sentence, no stack trace, and the exit code for a configuration problem. */
async function expectRefusal(system: Started, sentence: RegExp): Promise<void> {
  expect(await system.ended, system.output()).toBe(78);
  const problems = system.output().split('\n').filter((line) => line.startsWith('✗'));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(sentence);
  expect(system.output()).not.toMatch(/^\s+at /mu);
}

function modeOf(file: string): Promise<string> {
  return stat(join(data, file)).then(({ mode }) => (mode & 0o777).toString(8));
}

function postmasterPid(): Promise<number> {
  return readFile(join(data, 'postgres', 'postmaster.pid'), 'utf8').then((text) => Number.parseInt(text, 10));
}

describe.skipIf(!available)('the life of a system', () => {
  test('a first start makes everything, and the next one finds it again', async () => {
    const first = await runReady();
    const { environment, starts } = await first.ask(USER);
    expect(starts).toBe(1);
    expect(first.output()).toMatch(/✓ PostgreSQL 18\.\d+ on 127\.0\.0\.1:\d+ \(\d+\.\d s\)/u);
    const admin = JSON.parse(await readFile(join(data, 'admin.json'), 'utf8')) as Record<string, string>;
    expect(admin).toEqual({ email: 'admin@lockstep.example', password: environment['ADMIN_PASSWORD'] });
    expect([await modeOf('admin.json'), await modeOf('secrets.json')]).toEqual(['600', '600']);
    const left = descendantsOf(first.pid);
    await stop(first);
    await allGone(left);

    const second = await runReady();
    const again = await second.ask(USER);
    expect(again.starts).toBe(2);
    for (const name of ['DATABASE_URL', 'IDEMPOTENCY_SECRET', 'JWT_PRIVATE_KEY', 'SERVICE_PRIVATE_KEY', 'ADMIN_PASSWORD']) {
      expect(again.environment[name]).toBe(environment[name]);
    }
    await stop(second);
  });

  test('SIGTERM drains the gateway, then the subgraphs, then PostgreSQL, and leaves nothing running', async () => {
    const drained = join(folder.path, 'drained');
    const system = await runReady({ environment: { STAND_IN_DRAINED: drained } });
    const left = descendantsOf(system.pid);
    expect(left.filter(({ command }) => command === 'postgres').length).toBeGreaterThan(1);
    await stop(system);
    expect(await readFile(drained, 'utf8')).toBe('gateway\nuser\n');
    expect(existsSync(join(data, 'postgres', 'postmaster.pid'))).toBe(false);
    await allGone(left);
  });

  test('a supervisor killed outright leaves neither services nor PostgreSQL', async () => {
    const system = await runReady();
    const left = descendantsOf(system.pid);
    system.process.kill('SIGKILL');
    await allGone(left);
  });

  test('data survives the sudden death of supervisor and database', async () => {
    const first = await runReady();
    await first.ask(USER, ({ starts }) => starts === 1);
    first.process.kill('SIGKILL');
    process.kill(await postmasterPid(), 'SIGKILL');
    const second = await runReady();
    await second.ask(USER, ({ starts }) => starts === 2);
    await stop(second);
  });

  test('a PostgreSQL that outlived its supervisor is taken over', async () => {
    const first = await runReady();
    const guardian = descendantsOf(first.pid).filter(({ command }) => command === 'sh' || command === 'cat');
    for (const { pid } of guardian) process.kill(pid, 'SIGKILL');
    const orphan = await postmasterPid();
    first.process.kill('SIGKILL');
    await first.ended;
    const second = await runReady();
    expect(second.output()).toContain('Stopped the PostgreSQL that a killed system had left running');
    expect(await postmasterPid()).not.toBe(orphan);
    await second.ask(USER, ({ starts }) => starts === 2);
    await stop(second);
  });

  test('a service that crashes is started again', async () => {
    const system = await runReady();
    const before = await system.ask(GATEWAY);
    await fetch(`http://127.0.0.1:${port}/crash`).catch(() => undefined);
    await system.says(/gateway ended with exit code 3; it is started again in 0\.\d s/u);
    await system.ask(GATEWAY, ({ pid }) => pid !== before.pid);
    await stop(system);
  });

  test('a PostgreSQL that is killed is started again', async () => {
    const system = await runReady();
    const before = await postmasterPid();
    process.kill(before, 'SIGKILL');
    await system.says(/PostgreSQL is back/u);
    expect(await postmasterPid()).not.toBe(before);
    await system.ask(USER, ({ starts }) => starts === 1);
    await stop(system);
  });

  test('the end of npm, shell and all, ends the system', async () => {
    const system = await runReady({ environment: { npm_lifecycle_event: 'start' } });
    // Our own end cannot be tried here; that the watch does not mistake a living parent for a dead one can.
    await system.ask(GATEWAY);
    await stop(system);
  });

  test('--reset begins anew', async () => {
    const first = await runReady();
    const before = await first.ask(USER);
    await stop(first);
    await writeFile(join(data, 'note.txt'), 'not ours');
    const second = await runReady({ argv: ['--reset'] });
    const after = await second.ask(USER);
    expect(after.starts).toBe(1);
    expect(after.environment['ADMIN_PASSWORD']).not.toBe(before.environment['ADMIN_PASSWORD']);
    expect(await readdir(data)).toContain('note.txt');
    await stop(second);
  });

  test('what the user has set wins over what is made up, except where the embedded system is', async () => {
    const environment = { ADMIN_EMAIL: 'ada@example.com', JWT_PRIVATE_KEY: '{}', DATABASE_URL: 'postgres://elsewhere/x', SYNC_INTERVAL: '7' };
    const system = await runReady({ environment });
    const user = (await system.ask(USER)).environment;
    expect(user).toMatchObject({ ADMIN_EMAIL: 'ada@example.com', JWT_PRIVATE_KEY: '{}', SYNC_INTERVAL: '7' });
    expect(user['DATABASE_URL']).toContain('@127.0.0.1:');
    expect(JSON.parse(await readFile(join(data, 'admin.json'), 'utf8'))).toMatchObject({ email: 'ada@example.com' });
    const gateway = (await system.ask(GATEWAY)).environment;
    expect(gateway['USER_URL']).toBe(`http://127.0.0.1:${port + USER}/graphql`);
    expect(Object.keys(gateway)).not.toContain('JWT_PRIVATE_KEY');
    await stop(system);
  });
});

describe.skipIf(!available)('what stands in the way is told in one sentence', () => {
  test('a second system on the same data', async () => {
    const first = await runReady();
    await expectRefusal(run({ port: await freeGatewayPort() }), new RegExp(`already runs .*process ${first.pid}, http://127.0.0.1:${port}/`, 'u'));
    await stop(first);
  });

  test('a service that refuses its configuration', async () => {
    const system = run({ environment: { STAND_IN_REFUSES: 'user' } });
    await expectRefusal(system, /user cannot run as it is configured: IDEMPOTENCY_SECRET is not set/u);
  });

  test.for([
    [USER, /port \d+, which the user needs, is taken/u],
    [11_432, /port \d+, which PostgreSQL needs, is taken/u],
  ] as const)('a taken port %i above the gateway', async ([offset, sentence]) => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(port + offset, '127.0.0.1', done));
    try {
      await expectRefusal(run(), sentence);
    } finally {
      server.close();
    }
  });

  test('a file where the data directory should be', async () => {
    await writeFile(data, '');
    await expectRefusal(run(), /A file is in the way/u);
    await expectRefusal(run({ directory: join(data, 'below') }), /A file is in the way/u);
  });

  test('a damaged secrets.json, and a missing one', async () => {
    await stop(await runReady());
    await writeFile(join(data, 'secrets.json'), '{"postgres":');
    await expectRefusal(run(), /secrets\.json is damaged.*--reset/u);
    await rm(join(data, 'secrets.json'));
    await expectRefusal(run(), /secrets\.json is missing.*--reset/u);
  });

  test('a database without a version, and one of another version', async () => {
    await stop(await runReady());
    await writeFile(join(data, 'postgres', 'PG_VERSION'), '9\n');
    await expectRefusal(run(), /made by PostgreSQL 9 .*--reset/u);
    await rm(join(data, 'postgres', 'PG_VERSION'));
    await expectRefusal(run(), /no PG_VERSION.*--reset/u);
  });

  test('an option nobody knows', async () => {
    const system = run({ argv: ['--prot'] });
    expect(await system.ended).toBe(2);
    expect(system.output()).toMatch(/^✗ Unknown option '--prot'\. See npm start -- --help\n$/u);
  });
});

describe.skipIf(!available)('an interrupted first start', () => {
  test('SIGTERM while the cluster is being made ends it, and the next start succeeds', async () => {
    const first = run();
    await eventually(() => 'a half-made cluster', async () => (await readdir(data).catch(() => [])).some((name) => name.startsWith('postgres.making-')));
    first.process.kill('SIGTERM');
    expect(await first.ended, first.output()).toBe(0);
    expect((await readdir(data)).filter((name) => name.startsWith('postgres'))).toEqual([]);
    await stop(await runReady());
  });

  test('a killed one leaves nothing that the next start stumbles over', async () => {
    const first = run();
    await eventually(() => 'a half-made cluster', async () => (await readdir(data).catch(() => [])).some((name) => name.startsWith('postgres.making-')));
    first.process.kill('SIGKILL');
    await first.ended;
    await mkdir(join(data, 'postgres.making-before'));
    await stop(await runReady());
    expect((await readdir(data)).filter((name) => name.startsWith('postgres'))).toEqual(['postgres']);
  });
});
