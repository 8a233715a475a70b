import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GatewayConfig } from '#gateway/config.ts';
import { startGateway } from '#gateway/main.ts';
import { mintAccessToken } from '#shared/identity/tokens.ts';
import type { RunningService } from '#shared/process.ts';
import { TestClient, type GraphqlAnswer } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { newKeys } from '../support/keys.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { register, type Customer } from '../support/customers.ts';
import { gatewayConfig } from '../support/gateway-defaults.ts';
import { openSystem, type System } from '../support/system.ts';

const SUPERGRAPH = fileURLToPath(new URL('../../supergraph.graphql', import.meta.url));
const ME = '{ me { name syncState { state } } }';

/** A gateway of its own, in front of whatever answers at these addresses. */
function gatewayBefore(
  keys: ReturnType<typeof newKeys>,
  config: Partial<GatewayConfig> & Pick<GatewayConfig, 'routingUrls'>,
): Promise<RunningService> {
  return startGateway(gatewayConfig(keys, { SUPERGRAPH_FILE: SUPERGRAPH, ...config }));
}

describeOnPostgres('without sync', () => {
  let system: System;
  let customer: Customer;
  beforeAll(async () => {
    system = await openSystem();
    customer = await register(system.client);
    await system.sync[Symbol.asyncDispose]();
  });
  afterAll(() => system[Symbol.asyncDispose]());

  const unavailable = { code: 'SUBGRAPH_UNAVAILABLE' };

  test('a user is answered, and only the sync state is missing, with its place', async () => {
    const { status, data, errors } = await customer.client.send(ME);
    expect(status).toBe(200);
    expect(data).toEqual({ me: { name: 'Ada Lovelace', syncState: null } });
    expect(errors).toEqual([
      { message: 'The sync service is not available right now.', path: ['me', 'syncState'], extensions: unavailable },
    ]);
  });

  test('in a list each place that is missing is told', async () => {
    const admin = await system.admin();
    const { data, errors } = await admin.send('{ all: users { edges { node { id state: syncState { state } } } } }');
    expect(data.all.edges.length).toBeGreaterThan(1);
    expect(errors?.map(({ path, extensions }) => ({ path, extensions }))).toEqual(
      data.all.edges.map((_: unknown, at: number) => ({
        path: ['all', 'edges', at, 'node', 'state'],
        extensions: unavailable,
      })),
    );
  });

  test('its own fields are missing, each with its place', async () => {
    const admin = await system.admin();
    const { data, errors } = await admin.send('{ syncPipelines { id } one: syncPipeline(id: "x") { id } me { name } }');
    expect(data).toEqual({ syncPipelines: null, one: null, me: { name: 'Lockstep Admin' } });
    expect(errors?.map(({ path }) => path)).toEqual([['syncPipelines'], ['one']]);
  });

  test('writes go on', async () => {
    const { updateUser } = await customer.client.ask(
      'mutation ($id: ID!) { updateUser(input: { id: $id, lastName: "Byron" }, idempotencyKey: "k") { user { name } } }',
      { id: customer.id },
    );
    expect(updateUser.user.name).toBe('Ada Byron');
  });

  test('the gateway is degraded, and ready', async () => {
    for (const path of ['/health', '/health/ready']) {
      const response = await fetch(system.gateway.url + path);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ status: 'degraded' });
    }
    const { checks } = (await (await fetch(`${system.gateway.url}/health`)).json()) as { checks: unknown };
    expect(checks).toMatchObject({ user: { status: 'ok' }, sync: { status: 'down' } });
  });
});

describeOnPostgres('without the user service', () => {
  test('a pipeline that cannot ask its source says so, and shows no zeros', async () => {
    await using system = await openSystem();
    await register(system.client);
    const admin = await system.admin();
    await admin.ask('{ syncPipelines { id } }');
    await system.user[Symbol.asyncDispose]();
    const { syncPipelines } = await admin.ask(
      '{ syncPipelines { id status lag { records } counts { committed inFlight applied } } }',
    );
    const informed = {
      status: 'RUNNING',
      lag: { records: expect.any(Number) },
      counts: { committed: expect.any(Number), inFlight: expect.any(Number), applied: expect.any(Number) },
    };
    const uninformed = {
      status: 'DEGRADED',
      lag: null,
      counts: { committed: null, inFlight: null, applied: expect.any(Number) },
    };
    expect(syncPipelines).toEqual([
      { id: 'users-to-oracle', ...uninformed },
      // The others' sources answer.
      { id: 'orders-to-oracle', ...informed },
      { id: 'products-to-oracle', ...informed },
      { id: 'users-to-notification', ...uninformed },
    ]);
    const { data, errors } = await admin.send('{ me { id } }');
    expect(data).toEqual({ me: null });
    expect(errors).toMatchObject([{ path: ['me'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
  });

  test('tokens stay valid for who knows its keys: in memory, and on disk over a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-test-jwks-'));
    const JWKS_FILE = join(folder, 'keys', 'jwks.json');
    try {
      await using system = await openSystem({ gateway: { JWKS_FILE } });
      const customer = await register(system.client);
      await customer.client.ask('{ me { id } }');
      expect(JSON.parse(await readFile(JWKS_FILE, 'utf8')).keys[0]).toMatchObject({ kid: 'user-tokens' });
      expect(await readFile(JWKS_FILE, 'utf8')).not.toContain('"d"');
      const { token } = await mintAccessToken(system.keys.jwt, { id: customer.id, role: 'ADMIN' }, new Date());
      await system.user[Symbol.asyncDispose]();
      const routingUrls = { user: `${system.user.url}/graphql`, sync: `${system.sync.url}/graphql` };
      const asked = async (url: string): Promise<GraphqlAnswer<unknown>> =>
        new TestClient(url).as(token).send('{ __typename }');
      expect((await asked(system.gateway.url)).status).toBe(200);
      const JWKS_URL = `${system.user.url}/.well-known/jwks.json`;
      await using restarted = await gatewayBefore(system.keys, { JWKS_FILE, JWKS_URL, routingUrls });
      expect((await asked(restarted.url)).data).toEqual({ __typename: 'Query' });
      for (const damaged of ['', '{', '{}', 'null', '{"keys":[{}]}']) {
        await writeFile(JWKS_FILE, damaged);
        await using ignorant = await gatewayBefore(system.keys, { JWKS_FILE, JWKS_URL, routingUrls });
        const { status, errors } = await asked(ignorant.url);
        expect({ damaged, status }).toEqual({ damaged, status: 503 });
        expect(errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
        await using raw = await openRawSocket(ignorant.url);
        raw.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
        expect((await raw.closed).code).toBe(1013);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('what answers with something else than keys changes no known key', async () => {
    const keys = newKeys();
    await using stranger = await answering('{"status":"ok"}', 'application/json');
    await using gateway = await gatewayBefore(keys, { JWKS_URL: stranger.url, routingUrls: {} });
    const { token } = await mintAccessToken(keys.jwt, { id: 'x', role: 'ADMIN' }, new Date());
    expect((await new TestClient(gateway.url).as(token).send('{ __typename }')).status).toBe(503);
  });
});

describe('a subgraph that misbehaves', () => {
  test('by never answering is given up after the limit, with TIMEOUT', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    await using _ = closing(silent);
    const url = `http://127.0.0.1:${port}/graphql`;
    const routingUrls = { user: url, sync: url };
    await using gateway = await gatewayBefore(newKeys(), { SUBGRAPH_TIMEOUT_MS: 200, routingUrls });
    const { data, errors } = await new TestClient(gateway.url).send('{ me { id } }');
    expect(data).toEqual({ me: null });
    expect(errors).toEqual([
      {
        message: 'The user service did not answer within 200 ms.',
        path: ['me'],
        extensions: { code: 'TIMEOUT' },
      },
    ]);
  });

  test('by not being there has SUBGRAPH_UNAVAILABLE', async () => {
    const url = `http://127.0.0.1:${await freePort()}/graphql`;
    await using gateway = await gatewayBefore(newKeys(), { routingUrls: { user: url, sync: url } });
    const { errors } = await new TestClient(gateway.url).send('{ me { id } }');
    expect(errors).toMatchObject([{ path: ['me'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
    await using stream = new TestClient(gateway.url).subscribe('subscription { userChanged { id } }');
    await expect(stream.next()).rejects.toThrow('"code":"SUBGRAPH_UNAVAILABLE"');
  });

  test.each([
    ['a page', '<html>secret</html>', 'text/html'],
    ['nothing', '', 'application/json'],
    ['a part of an answer', '{"data":{"me":{"id":"secret', 'application/json'],
    ['another JSON', '{"secret":true}', 'application/json'],
    ['a list', '["secret"]', 'application/json'],
    ['null', 'null', 'application/json'],
    ['data that is no object', '{"data":"secret"}', 'application/json'],
    ['errors that are no list', '{"errors":"secret"}', 'application/json'],
    ['errors that are none', '{"data":{"me":null},"errors":[{"secret":1},null]}', 'application/json'],
    ['neither data nor errors', '{"data":null}', 'application/json'],
  ])('by answering %s has SUBGRAPH_UNAVAILABLE, and nothing of it leaks', async (_, body, type) => {
    await using strange = await answering(body, type);
    await using gateway = await gatewayBefore(newKeys(), { routingUrls: { user: strange.url, sync: strange.url } });
    const { status, data, errors } = await new TestClient(gateway.url).send('{ me { id } }');
    expect({ status, data }).toEqual({ status: 200, data: { me: null } });
    expect(errors).toEqual([
      {
        message: 'The user service is not available right now.',
        path: ['me'],
        extensions: { code: 'SUBGRAPH_UNAVAILABLE' },
      },
    ]);
  });

  test('by saying more of its errors than clients may know has message, place, code and field shown', async () => {
    const said = {
      message: 'No.',
      path: ['me', 'id'],
      extensions: { code: 'FORBIDDEN', field: 'id', stacktrace: ['secret'], sql: 'secret' },
      secret: 1,
    };
    await using strange = await answering(JSON.stringify({ data: { me: null }, errors: [said] }), 'application/json');
    await using gateway = await gatewayBefore(newKeys(), { routingUrls: { user: strange.url, sync: strange.url } });
    const { errors } = await new TestClient(gateway.url).send('{ me { id } }');
    expect(errors).toEqual([{ message: 'No.', path: ['me', 'id'], extensions: { code: 'FORBIDDEN', field: 'id' } }]);
  });

  test('by answering entities in another shape is a fault without detail', async () => {
    await using user = await answering(
      '{"data":{"me":{"__typename":"User","id":"1","version":1}}}',
      'application/json',
    );
    await using sync = await answering('{"data":{"_entities":"secret"}}', 'application/json');
    await using gateway = await gatewayBefore(newKeys(), { routingUrls: { user: user.url, sync: sync.url } });
    const client = new TestClient(gateway.url, { 'x-request-id': 'r1' });
    const { data, errors } = await client.send('{ me { id syncState { state } } }');
    expect(data).toEqual({ me: { id: '1', syncState: null } });
    expect(errors).toEqual([
      { message: 'Something went wrong on our side (request r1).', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ]);
  });

  test('by breaking its own schema at the top is a fault, not a silent null', async () => {
    const body = '{"data":{"login":{"token":null,"user":null}}}';
    await using user = await answering(body, 'application/json');
    await using gateway = await gatewayBefore(newKeys(), { routingUrls: { user: user.url, sync: user.url } });
    const { data, errors } = await new TestClient(gateway.url).send(
      'mutation { login(input: { email: "a@example.com", password: "x" }) { token } }',
    );
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
  });
});

/** A server that answers everything with the same. */
async function answering(body: string, type: string): Promise<{ url: string } & AsyncDisposable> {
  const server = createHttpServer((request, response) => {
    request.resume();
    response.setHeader('content-type', type).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/graphql`, ...closing(server) };
}

function closing(server: Server | HttpServer): AsyncDisposable {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket: { destroy(): void }) => sockets.add(socket));
  return {
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
