import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_PORT } from '#scripts/start/arguments.ts';
import { SERVICES } from '#scripts/start/services.ts';
import { TestClient } from '../support/client.ts';
import { actUntil, until } from '../support/poll.ts';
import { register } from '../support/customers.ts';
import {
  allGone,
  arePortsFree,
  descendantsOf,
  freeGatewayPort,
  npmStart,
  type Started,
  temporaryFolder,
} from './start-driver.ts';
import { describeOnPostgres } from '../support/database.ts';
import { READY, TIMEOUT_MS } from './start-fixture.ts';
import { pastedOperation, replicaOf, signInAsAdmin } from './started-system.ts';

describeOnPostgres('the first minutes with npm start', { timeout: TIMEOUT_MS }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let system: Started;
  let client: TestClient;
  let origin: string;
  const data = (): string => join(folder.path, 'data');

  beforeAll(async () => {
    folder = await temporaryFolder();
    // The ports of the README when nobody has them; else any.
    system = npmStart(data(), (await arePortsFree(DEFAULT_PORT)) ? undefined : await freeGatewayPort());
    await system.says(READY);
    origin = `http://127.0.0.1:${system.port}`;
    client = new TestClient(origin);
  }, TIMEOUT_MS);

  afterAll(async () => {
    const left = descendantsOf(system.pid);
    system.process.kill('SIGTERM');
    await system.ended;
    await allGone(left);
    await folder[Symbol.asyncDispose]();
  }, TIMEOUT_MS);

  test('what the panel invites to paste works as it stands, twice', async () => {
    const operation = pastedOperation(system);
    const { registerUser } = await client.ask(operation);
    expect(registerUser).toEqual({
      user: {
        name: 'Ada Lovelace',
        syncState: ['oracle', 'notification'].map((target) => ({
          target,
          state: expect.stringMatching(/^(PENDING|IN_FLIGHT|APPLIED)$/),
        })),
      },
      token: expect.any(String),
      replayed: false,
    });
    expect(await client.ask(operation)).toMatchObject({ registerUser: { replayed: true } });
  });

  test('a registration is seen arriving, by its owner and in the file', async () => {
    const admin = await signInAsAdmin({ data: data(), port: system.port });
    await using stream = admin.subscribe(
      'subscription { recordSynced(entity: USER) { recordId state user { name email } } }',
    );
    let customer = await register(client);
    const emails = [customer.email];
    const seen = await actUntil(stream.next(), async () => {
      customer = await register(client);
      emails.push(customer.email);
    });
    expect(seen?.data.recordSynced).toMatchObject({ state: 'APPLIED', user: { name: 'Ada Lovelace' } });
    expect(emails).toContain(seen?.data.recordSynced.user.email);
    const synced = { target: 'oracle', state: 'APPLIED' };
    await until(async () => {
      const { me } = await customer.client.ask('{ me { name syncState { target state } } }');
      expect(me).toEqual({ name: 'Ada Lovelace', syncState: expect.arrayContaining([synced]) });
      return true;
    });
    expect(replicaOf(data(), customer.email)).toEqual({ first_name: 'Ada', last_name: 'Lovelace', version: 1 });
  });

  test('admin.json logs in, to what only admins see', async () => {
    const admin = await signInAsAdmin({ data: data(), port: system.port });
    expect(await admin.ask('{ me { role } syncPipelines { id status } }')).toMatchObject({
      me: { role: 'ADMIN' },
      syncPipelines: [
        { id: 'users-to-oracle', status: 'RUNNING' },
        { id: 'orders-to-oracle', status: 'RUNNING' },
        { id: 'products-to-oracle', status: 'RUNNING' },
        { id: 'users-to-notification' },
      ],
    });
  });

  test.each(SERVICES)('$name tells its health and its metrics', async ({ name, portOffset }) => {
    const service = `http://127.0.0.1:${system.port + portOffset}`;
    for (const path of ['/health', '/health/live', '/health/ready']) {
      const response = await fetch(`${service}${path}`);
      expect([path, response.status, await response.json()]).toEqual([
        path,
        200,
        expect.objectContaining({ status: 'ok' }),
      ]);
    }
    const metrics = await (await fetch(`${service}/metrics`)).text();
    expect(metrics).toMatch(new RegExp(`^process_cpu_user_seconds_total\\{service="${name}"\\} `, 'mu'));
  });

  test("the gateway's health covers every subgraph, and the supergraph", async () => {
    const { checks } = (await (await fetch(`${origin}/health`)).json()) as { checks: Record<string, unknown> };
    const subgraphs = SERVICES.filter(({ kind }) => kind === 'subgraph').map(({ name }) => name);
    expect(Object.keys(checks).toSorted()).toEqual([...subgraphs, 'supergraph'].toSorted());
  });

  test('the door shows the Sandbox to browsers, and addresses to programs', async () => {
    const page = await fetch(origin, { headers: { accept: 'text/html,application/xhtml+xml' } });
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await page.text()).toContain('embeddable-sandbox');
    const addresses = await fetch(origin, { headers: { accept: '*/*' } });
    expect(await addresses.json()).toMatchObject({ graphql: '/graphql', altair: '/altair', health: '/health' });
  });

  test('what it keeps about people is for its owner only', async ({ skip }) => {
    skip(process.platform === 'win32', 'Windows has no file modes');
    for (const file of ['oracle.sqlite', 'oracle.sqlite-wal', 'admin.json', 'secrets.json']) {
      expect([file, ((await stat(join(data(), file))).mode & 0o077).toString(8)]).toEqual([file, '0']);
    }
  });

  test('the next start finds data and keys again', async () => {
    const operation = pastedOperation(system);
    const { registerUser } = await client.ask(operation);
    const left = descendantsOf(system.pid);
    system.process.kill('SIGTERM');
    await system.ended;
    await allGone(left);
    system = npmStart(data(), system.port);
    await system.says(READY);
    expect(await client.ask(operation)).toMatchObject({ registerUser: { replayed: true } });
    // A token of the day before is still good.
    const owner = client.as(registerUser.token);
    expect(await owner.ask('{ me { email } }')).toEqual({ me: { email: 'ada@example.com' } });
    expect(replicaOf(data(), 'ada@example.com')).toBeDefined();
  });
});
