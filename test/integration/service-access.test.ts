import { buildClientSchema, getIntrospectionQuery } from 'graphql';
import { SignJWT, importJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mintAccessToken, serviceTokens } from '#shared/identity/tokens.ts';
import { TestClient, type GraphqlAnswer } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { newKeys } from '../support/keys.ts';
import { register, type Customer } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const ENTITIES = 'query ($id: ID!) { _entities(representations: [{ __typename: "User", id: $id }]) { __typename } }';
const PRODUCTS = '{ _entities(representations: [{ __typename: "Product", id: "PROD-001" }]) { __typename } }';
const SERVICE_ONLY = {
  _entities: ENTITIES,
  _service: '{ _service { sdl } }',
  outboxStatus: '{ outboxStatus { position relayed beyond oldestBeyondAt } }',
} as const;
const OPERATIONS = Object.keys(SERVICE_ONLY) as (keyof typeof SERVICE_ONLY)[];
const SUBGRAPHS = ['user', 'order', 'inventory', 'notification', 'sync'] as const;
type Subgraph = (typeof SUBGRAPHS)[number];

/** What each subgraph knows of somebody, by reference: its own records, and its fields of others'. */
const REFERENCES: readonly { readonly subgraph: Subgraph; readonly type: string; readonly select: string }[] = [
  { subgraph: 'user', type: 'User', select: 'email' },
  { subgraph: 'order', type: 'Order', select: 'status items { quantity }' },
  { subgraph: 'order', type: 'User', select: 'orders { edges { node { id } } }' },
  { subgraph: 'notification', type: 'Notification', select: 'subject body' },
  { subgraph: 'notification', type: 'User', select: 'notifications { edges { node { id } } }' },
  { subgraph: 'notification', type: 'User', select: 'unreadCount' },
  { subgraph: 'notification', type: 'User', select: 'notificationProfile { email }' },
  { subgraph: 'sync', type: 'User', select: 'syncState { state }' },
  { subgraph: 'sync', type: 'Order', select: 'syncState { state }' },
  { subgraph: 'sync', type: 'Product', select: 'syncState { state }' },
];
const CHANNEL = 'x-lockstep-service-token';

describeOnPostgres('what is for services only', () => {
  let system: System;
  let customer: Customer;
  let adminToken: string;
  let customerToken: string;
  let serviceToken: string;

  beforeAll(async () => {
    system = await openSystem();
    customer = await register(system.client);
    const admin = await system.admin();
    const { me } = await admin.ask('{ me { id } }');
    const now = new Date();
    adminToken = (await mintAccessToken(system.keys.jwt, { id: me.id, role: 'ADMIN' }, now)).token;
    customerToken = (await mintAccessToken(system.keys.jwt, { id: customer.id, role: 'CUSTOMER' }, now)).token;
    serviceToken = await serviceTokens('probe', system.keys.services.probe)();
  });
  afterAll(() => system[Symbol.asyncDispose]());

  const send = (
    client: TestClient,
    operation: keyof typeof SERVICE_ONLY,
    subgraph: Subgraph = 'user',
  ): Promise<GraphqlAnswer<Record<string, unknown> | undefined>> =>
    operation === '_entities' && subgraph === 'inventory'
      ? client.send(PRODUCTS)
      : client.send(SERVICE_ONLY[operation], operation === '_entities' ? { id: customer.id } : {});

  const cases = SUBGRAPHS.flatMap((subgraph) => OPERATIONS.map((operation) => ({ subgraph, operation })));
  test.each(cases)('$operation of $subgraph refuses everyone but a service', async ({ subgraph, operation }) => {
    const direct = new TestClient(system[subgraph].url);
    for (const client of [direct, direct.as(customerToken), direct.as(adminToken)]) {
      const { data, errors } = await send(client, operation, subgraph);
      expect(data?.[operation] ?? null).toBeNull();
      expect(errors).toMatchObject([{ extensions: { code: expect.stringMatching(/^(FORBIDDEN|UNAUTHENTICATED)$/) } }]);
    }
    const { data, errors } = await send(direct.as(serviceToken), operation, subgraph);
    expect(errors).toBeUndefined();
    expect(data?.[operation]).toBeTruthy();
  });

  test("a service's channel opens entities to the user it speaks for, and outboxStatus to nobody", async () => {
    const channel = new TestClient(system.user.url, { [CHANNEL]: serviceToken });
    const { _entities: own } = await channel.as(customerToken).ask(ENTITIES, { id: customer.id });
    expect(own).toEqual([{ __typename: 'User' }]);
    const { _entities: unsigned } = await channel.ask(ENTITIES, { id: customer.id });
    expect(unsigned).toEqual([null]);
    for (const client of [channel, channel.as(customerToken), channel.as(adminToken)]) {
      const { errors } = await send(client, 'outboxStatus');
      expect(errors).toMatchObject([{ extensions: { code: expect.stringMatching(/^(FORBIDDEN|UNAUTHENTICATED)$/) } }]);
    }
  });

  test.each(REFERENCES)('$type of $subgraph { $select } is for whom it belongs to, by reference too', async (row) => {
    const { subgraph, type, select } = row;
    const channel = new TestClient(system[subgraph].url, { [CHANNEL]: serviceToken });
    const fields = `_entities(representations: $what) { ... on ${type} { ${select} } }`;
    const what = [await representationOf(type)];
    const answer = async (client: TestClient): Promise<unknown> => {
      const { _entities } = await client.ask(`query ($what: [_Any!]!) { ${fields} }`, { what });
      const [entity] = _entities as (Record<string, unknown> | null)[];
      return entity === null || entity === undefined ? null : (Object.values(entity)[0] ?? null);
    };
    const { client: _, ...other } = await register(system.client);
    const otherToken = (await mintAccessToken(system.keys.jwt, { id: other.id, role: 'CUSTOMER' }, new Date())).token;
    expect(await answer(channel.as(otherToken))).toBeNull();
    expect(await answer(channel)).toBeNull();
    // Products belong to no one.
    const ownerToken = type === 'Product' ? adminToken : customerToken;
    for (const token of [ownerToken, adminToken]) expect(await answer(channel.as(token))).not.toBeNull();
  });

  /** A record of the customer's as the gateway would name it to another subgraph. */
  async function representationOf(type: string): Promise<Record<string, unknown>> {
    const whole = { __typename: type, version: 1, user: { __typename: 'User', id: customer.id } };
    switch (type) {
      case 'Order': {
        const { placeOrder } = await customer.client.ask(
          'mutation { placeOrder(input: { items: [{ productId: "PROD-004", quantity: 1 }] }, idempotencyKey: "one") { order { id } } }',
        );
        return { ...whole, id: placeOrder.order.id };
      }
      case 'Notification': {
        const { me } = await customer.client.ask('{ me { notifications { edges { node { id } } } } }');
        return { __typename: type, id: me.notifications.edges[0].node.id };
      }
      case 'Product':
        return { __typename: type, id: 'PROD-001', version: 1 };
      default:
        return { ...whole, id: customer.id };
    }
  }

  test('the gateway does not show it', async () => {
    const shown = buildClientSchema(await system.client.ask(getIntrospectionQuery()));
    expect(Object.keys(shown.getQueryType()!.getFields()).filter((name) => OPERATIONS.includes(name as never))).toEqual(
      [],
    );
    for (const type of ['OutboxStatus', '_Entity', '_Service', '_Any']) expect(shown.getType(type)).toBeUndefined();
    for (const operation of OPERATIONS) {
      const { errors } = await send(await system.asService(), operation);
      expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    }
  });

  describe('a forged channel token is refused', () => {
    const forgeries = {
      'no token at all': async () => Promise.resolve('gateway'),
      "another system's gateway": () => serviceTokens('gateway', newKeys().services.gateway)(),
      'signed with the key of another kind': () => serviceTokens('gateway', system.keys.jwt)(),
      'without a signature': () => {
        const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
        const claims = { iss: 'lockstep', aud: 'lockstep-services', sub: 'gateway', exp: 4_102_444_800 };
        return Promise.resolve(`${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`);
      },
      'its claims changed after signing': () => {
        const [header, , signature] = serviceToken.split('.');
        const claims = { iss: 'lockstep', aud: 'lockstep-services', sub: 'gateway', exp: 4_102_444_800 };
        return Promise.resolve(
          [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.'),
        );
      },
      'long expired': async () => {
        const key = system.keys.services.gateway;
        return new SignJWT()
          .setProtectedHeader({ alg: 'EdDSA', kid: key.kid })
          .setIssuer('lockstep')
          .setAudience('lockstep-services')
          .setSubject('gateway')
          .setExpirationTime(Math.floor(Date.now() / 1_000) - 60)
          .sign(await importJWK(key, 'EdDSA'));
      },
    };
    test.each(Object.keys(forgeries) as (keyof typeof forgeries)[])('%s', async (name) => {
      const forged = await forgeries[name]();
      for (const url of [system.user.url, system.sync.url, system.gateway.url]) {
        for (const headers of [{ [CHANNEL]: forged }, { authorization: `Bearer ${forged}` }]) {
          const { status, data, errors } = await new TestClient(url, headers).send('{ __typename }');
          expect({ status, data, code: errors?.[0]?.extensions?.code }).toEqual({
            status: 401,
            data: undefined,
            code: 'UNAUTHENTICATED',
          });
        }
      }
    });
  });

  test('a user token is no channel token', async () => {
    for (const url of [system.user.url, system.sync.url, system.gateway.url]) {
      for (const token of [customerToken, adminToken]) {
        const { status, errors } = await new TestClient(url, { [CHANNEL]: token }).send('{ __typename }');
        expect(status).toBe(401);
        expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
      }
    }
  });

  test('a service token makes nobody a user, and a service changes nothing', async () => {
    const service = system.client.as(serviceToken);
    expect(await service.ask('{ me { id } }')).toEqual({ me: null });
    const { errors } = await service.send(
      'mutation ($id: ID!) { setUserStatus(input: { id: $id, status: SUSPENDED }, idempotencyKey: "k") { replayed } }',
      { id: customer.id },
    );
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    const { updateUser } = await service.ask(
      'mutation ($id: ID!) { updateUser(input: { id: $id, firstName: "Eve" }, idempotencyKey: "k") { userErrors { code } } }',
      { id: customer.id },
    );
    expect(updateUser.userErrors).toEqual([{ code: 'USER_NOT_FOUND' }]);
  });

  test('a token signed with a service key for the audience of users is refused', async () => {
    const { token } = await mintAccessToken(system.keys.services.probe, { id: customer.id, role: 'ADMIN' }, new Date());
    for (const url of [system.user.url, system.sync.url, system.gateway.url]) {
      expect((await new TestClient(url).as(token).send('{ __typename }')).status).toBe(401);
    }
  });
});
