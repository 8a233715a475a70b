import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freeGatewayPort, type Started } from './start-driver.ts';
import { describeOnPostgres } from '../support/database.ts';
import { stop, TIMEOUT_MS, useFixture, USER } from './start-fixture.ts';

const fixture = useFixture();

/** Expects one sentence, no stack trace, and the exit code for a configuration problem. */
async function expectRefusal(system: Started, sentence: RegExp): Promise<void> {
  expect(await system.ended, system.output()).toBe(78);
  const problems = system
    .output()
    .split('\n')
    .filter((line) => line.startsWith('✗'));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(sentence);
  expect(system.output()).not.toMatch(/^\s+at /mu);
}

describeOnPostgres('what stands in the way is told in one sentence', { timeout: TIMEOUT_MS }, () => {
  test('a second system on the same data', async () => {
    const first = await fixture.runReady();
    await expectRefusal(
      fixture.run({ port: await freeGatewayPort() }),
      new RegExp(`already runs .*process ${first.pid}, http://127.0.0.1:${fixture.port}/`, 'u'),
    );
    await stop(first);
  });

  test('a service that refuses its configuration', async () => {
    const system = fixture.run({ environment: { STAND_IN_REFUSES: 'user' } });
    await expectRefusal(system, /user cannot run as it is configured: IDEMPOTENCY_SECRET is not set/u);
  });

  test.for([
    [USER, /port \d+, which the user needs, is taken/u],
    [11_432, /port \d+, which PostgreSQL needs, is taken/u],
  ] as const)('a taken port %i above the gateway', async ([offset, sentence]) => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(fixture.port + offset, '127.0.0.1', done));
    try {
      await expectRefusal(fixture.run(), sentence);
    } finally {
      server.close();
    }
  });

  test('a file where the data directory should be', async () => {
    await writeFile(fixture.data, '');
    await expectRefusal(fixture.run(), /A file is in the way/u);
    await expectRefusal(fixture.run({ directory: join(fixture.data, 'below') }), /A file is in the way/u);
  });

  test('a damaged secrets.json, and a missing one', async () => {
    await stop(await fixture.runReady());
    await writeFile(join(fixture.data, 'secrets.json'), '{"postgres":');
    await expectRefusal(fixture.run(), /secrets\.json is damaged.*--reset/u);
    await rm(join(fixture.data, 'secrets.json'));
    await expectRefusal(fixture.run(), /secrets\.json is missing.*--reset/u);
  });

  test('a database without a version, and one of another version', async () => {
    await stop(await fixture.runReady());
    await writeFile(join(fixture.data, 'postgres', 'PG_VERSION'), '9\n');
    await expectRefusal(fixture.run(), /made by PostgreSQL 9 .*--reset/u);
    await rm(join(fixture.data, 'postgres', 'PG_VERSION'));
    await expectRefusal(fixture.run(), /no PG_VERSION.*--reset/u);
  });

  test('an option nobody knows', async () => {
    const system = fixture.run({ argv: ['--prot'] });
    expect(await system.ended).toBe(2);
    expect(system.output()).toMatch(/^✗ Unknown option '--prot'\. See npm start -- --help\n$/u);
  });
});
