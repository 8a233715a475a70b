import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { allGone, descendantsOf, eventually, startByNpm } from './start-driver.ts';
import { describeOnPostgres } from '../support/database.ts';
import { GATEWAY, READY, stop, TIMEOUT_MS, useFixture, USER } from './start-fixture.ts';

const fixture = useFixture();

function modeOf(file: string): Promise<string> {
  return stat(join(fixture.data, file)).then(({ mode }) => (mode & 0o777).toString(8));
}

describeOnPostgres('the life of a system', { timeout: TIMEOUT_MS }, () => {
  test('a first start makes everything, and the next one finds it again', async () => {
    const first = await fixture.runReady();
    const { environment, starts } = await first.ask(USER);
    expect(starts).toBe(1);
    expect(first.output()).toMatch(/✓ PostgreSQL 18\.\d+ on 127\.0\.0\.1:\d+ \(\d+\.\d s\)/u);
    const admin = JSON.parse(await readFile(join(fixture.data, 'admin.json'), 'utf8')) as Record<string, string>;
    expect(admin).toEqual({ email: 'admin@lockstep.example', password: environment['ADMIN_PASSWORD'] });
    expect([await modeOf('admin.json'), await modeOf('secrets.json')]).toEqual(['600', '600']);
    const left = descendantsOf(first.pid);
    await stop(first);
    await allGone(left);

    const second = await fixture.runReady();
    const again = await second.ask(USER);
    expect(again.starts).toBe(2);
    for (const name of [
      'DATABASE_URL',
      'IDEMPOTENCY_SECRET',
      'JWT_PRIVATE_KEY',
      'SERVICE_PRIVATE_KEY',
      'ADMIN_PASSWORD',
    ]) {
      expect(again.environment[name]).toBe(environment[name]);
    }
    await stop(second);
  });

  test('SIGTERM drains the gateway, then the subgraphs, then PostgreSQL, and leaves nothing running', async () => {
    const drained = join(fixture.folder, 'drained');
    const system = await fixture.runReady({ environment: { STAND_IN_DRAINED: drained } });
    const left = descendantsOf(system.pid);
    expect(left.filter(({ command }) => command === 'postgres').length).toBeGreaterThan(1);
    await stop(system);
    const [first, ...rest] = (await readFile(drained, 'utf8')).trim().split('\n');
    expect(first).toBe('gateway');
    expect(rest.toSorted()).toEqual(['inventory', 'notification', 'order', 'user']);
    expect(existsSync(join(fixture.data, 'postgres', 'postmaster.pid'))).toBe(false);
    await allGone(left);
  });

  test('a supervisor killed outright leaves neither services nor PostgreSQL', async () => {
    const system = await fixture.runReady();
    const left = descendantsOf(system.pid);
    system.process.kill('SIGKILL');
    await allGone(left);
  });

  test('data survives the sudden death of supervisor and database', async () => {
    const first = await fixture.runReady();
    await first.ask(USER, ({ starts }) => starts === 1);
    first.process.kill('SIGKILL');
    process.kill(await fixture.postmasterPid(), 'SIGKILL');
    const second = await fixture.runReady();
    await second.ask(USER, ({ starts }) => starts === 2);
    await stop(second);
  });

  test('a PostgreSQL that outlived its supervisor is taken over', async () => {
    const first = await fixture.runReady();
    const guardian = descendantsOf(first.pid).filter(({ command }) => command === 'sh' || command === 'cat');
    for (const { pid } of guardian) process.kill(pid, 'SIGKILL');
    const orphan = await fixture.postmasterPid();
    first.process.kill('SIGKILL');
    await first.ended;
    const second = await fixture.runReady();
    expect(second.output()).toContain('Stopped the PostgreSQL that a killed system had left running');
    expect(await fixture.postmasterPid()).not.toBe(orphan);
    await second.ask(USER, ({ starts }) => starts === 2);
    await stop(second);
  });

  test('a service that crashes is started again', async () => {
    const system = await fixture.runReady();
    const before = await system.ask(GATEWAY);
    await fetch(`http://127.0.0.1:${fixture.port}/crash`).catch(() => undefined);
    await system.says(/gateway ended with exit code 3; it is started again in 0\.\d s/u);
    await system.ask(GATEWAY, ({ pid }) => pid !== before.pid);
    await stop(system);
  });

  test('a PostgreSQL that is killed is started again', async () => {
    const system = await fixture.runReady();
    const before = await fixture.postmasterPid();
    process.kill(before, 'SIGKILL');
    await system.says(/PostgreSQL is back/u);
    expect(await fixture.postmasterPid()).not.toBe(before);
    await system.ask(USER, ({ starts }) => starts === 1);
    await stop(system);
  });

  test('the end of npm, of which nobody tells, ends the system', async () => {
    const npm = fixture.adopt(await startByNpm({ directory: fixture.data, port: fixture.port }, fixture.folder));
    await npm.says(READY);
    const left = descendantsOf(npm.pid);
    npm.process.kill('SIGKILL');
    await allGone(left);
  });

  test('a second signal stops at once what would not drain', async () => {
    const system = await fixture.runReady({ environment: { STAND_IN_HANGS: 'gateway' } });
    const left = descendantsOf(system.pid);
    system.process.kill('SIGINT');
    await system.says(/Stopping/u);
    // The first half second takes a second signal for an echo of the first.
    const insist = setInterval(() => system.process.kill('SIGINT'), 100);
    // Whoever insists so often may end it in the middle of its own end.
    expect([1, 'SIGINT']).toContain(await system.ended);
    clearInterval(insist);
    await allGone(left);
  });

  test("root's PostgreSQL keeps its data where its own user can reach it, until --reset", async ({ skip }) => {
    skip(process.getuid?.() !== 0, "only root's PostgreSQL runs as another user");
    await chmod(fixture.folder, 0o700);
    const first = await fixture.runReady();
    const [place = ''] = /\/\S+\/postgres(?=, which its own user can reach)/u.exec(first.output()) ?? [];
    expect(existsSync(join(place, 'PG_VERSION'))).toBe(true);
    await stop(first);
    const second = await fixture.runReady();
    await second.ask(USER, ({ starts }) => starts === 2);
    await stop(second);
    await chmod(fixture.folder, 0o711);
    const third = await fixture.runReady({ argv: ['--reset'] });
    expect(existsSync(dirname(place))).toBe(false);
    expect(existsSync(join(fixture.data, 'postgres', 'PG_VERSION'))).toBe(true);
    await stop(third);
  });

  test('--reset begins anew', async () => {
    const first = await fixture.runReady();
    const before = await first.ask(USER);
    await stop(first);
    await writeFile(join(fixture.data, 'note.txt'), 'not ours');
    const second = await fixture.runReady({ argv: ['--reset'] });
    const after = await second.ask(USER);
    expect(after.starts).toBe(1);
    expect(after.environment['ADMIN_PASSWORD']).not.toBe(before.environment['ADMIN_PASSWORD']);
    expect(await readdir(fixture.data)).toContain('note.txt');
    await stop(second);
  });

  test('what the user has set wins over what is made up, except where the embedded system is', async () => {
    const environment = {
      ADMIN_EMAIL: 'ada@example.com',
      JWT_PRIVATE_KEY: '{}',
      DATABASE_URL: 'postgres://elsewhere/x',
      SYNC_INTERVAL: '7',
    };
    const system = await fixture.runReady({ environment });
    const user = (await system.ask(USER)).environment;
    expect(user).toMatchObject({ ADMIN_EMAIL: 'ada@example.com', JWT_PRIVATE_KEY: '{}', SYNC_INTERVAL: '7' });
    expect(user['DATABASE_URL']).toContain('@127.0.0.1:');
    expect(JSON.parse(await readFile(join(fixture.data, 'admin.json'), 'utf8'))).toMatchObject({
      email: 'ada@example.com',
    });
    const gateway = (await system.ask(GATEWAY)).environment;
    expect(gateway['USER_URL']).toBe(`http://127.0.0.1:${fixture.port + USER}/graphql`);
    expect(Object.keys(gateway)).not.toContain('JWT_PRIVATE_KEY');
    await stop(system);
  });
});

describeOnPostgres('an interrupted first start', { timeout: TIMEOUT_MS }, () => {
  test('SIGTERM while the cluster is being made ends it, and the next start succeeds', async () => {
    const first = fixture.run();
    await eventually(
      () => 'a half-made cluster',
      async () => (await readdir(fixture.data).catch(() => [])).some((name) => name.startsWith('postgres.making-')),
    );
    first.process.kill('SIGTERM');
    expect(await first.ended, first.output()).toBe(0);
    expect((await readdir(fixture.data)).filter((name) => name.startsWith('postgres'))).toEqual([]);
    await stop(await fixture.runReady());
  });

  test('a killed one leaves nothing that the next start stumbles over', async () => {
    const first = fixture.run();
    await eventually(
      () => 'a half-made cluster',
      async () => (await readdir(fixture.data).catch(() => [])).some((name) => name.startsWith('postgres.making-')),
    );
    first.process.kill('SIGKILL');
    await first.ended;
    await mkdir(join(fixture.data, 'postgres.making-before'));
    await stop(await fixture.runReady());
    expect((await readdir(fixture.data)).filter((name) => name.startsWith('postgres'))).toEqual(['postgres']);
  });
});
