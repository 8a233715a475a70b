import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { until } from '../support/poll.ts';
import { newRegistration, register, REGISTER, type Customer } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const RENAME = `mutation ($id: ID!, $name: String, $key: ID!) {
  updateUser(input: { id: $id, firstName: $name }, idempotencyKey: $key) {
    user { version syncState { state sourceVersion targetVersion } } replayed
  }
}`;

describeOnPostgres('the gateway', () => {
  let system: System;
  let customer: Customer;
  let admin: TestClient;
  beforeAll(async () => {
    system = await openSystem();
    customer = await register(system.client);
    admin = await system.admin();
  });
  afterAll(() => system[Symbol.asyncDispose]());

  const variables = (): Record<string, unknown> => ({ input: newRegistration(), key: randomUUID() });

  describe('request and correlation ids', () => {
    const IDS = { 'x-request-id': 'request-1', 'x-correlation-id': 'conversation:1' };

    async function correlationOf(database: 'user' | 'sync', subject: string): Promise<string[]> {
      const sql = postgres(system.databaseUrls[database], { max: 1 });
      const rows = await sql`SELECT correlation_id, traceparent FROM outbox WHERE subject = ${subject}`;
      await sql.end();
      return rows.map((row) => `${row['correlation_id']} ${row['traceparent']}`);
    }

    test('are taken, answered, and go with the events of every service', async () => {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const { headers, data } = await system.client.with({ ...IDS, traceparent }).send(REGISTER, variables());
      expect(headers.get('x-request-id')).toBe('request-1');
      expect(headers.get('x-correlation-id')).toBe('conversation:1');
      const { id } = data.registerUser.user;
      expect(await correlationOf('user', id)).toEqual([`conversation:1 ${traceparent}`]);
      // One at each target: the system of record, and the notification service.
      const copied = await until(async () => {
        const events = await correlationOf('sync', id);
        return events.length === 2 && events;
      });
      expect(copied).toEqual(Array.from({ length: 2 }, () => `conversation:1 ${traceparent}`));
    });

    test('are made when there are none; the conversation is then the request', async () => {
      const { headers } = await system.client.send('{ __typename }');
      expect(headers.get('x-request-id')).toMatch(UUID);
      expect(headers.get('x-correlation-id')).toBe(headers.get('x-request-id'));
      const { headers: again } = await system.client.with({ 'x-request-id': 'mine' }).send('{ __typename }');
      expect(again.get('x-correlation-id')).toBe('mine');
    });

    test.each(['', 'a b', 'ä', `<script>`, 'x'.repeat(129)])('are made anew when malformed: %j', async (malformed) => {
      const ids = { 'x-request-id': encodeLatin1(malformed), 'x-correlation-id': encodeLatin1(malformed) };
      const { headers } = await system.client.with(ids).send('{ __typename }');
      expect(headers.get('x-request-id')).toMatch(UUID);
      expect(headers.get('x-correlation-id')).toBe(headers.get('x-request-id'));
    });
  });

  describe('the session that a mutation opens', () => {
    test('speaks for the rest of a registration, and stays inside', async () => {
      const { data, headers } = await system.client.send(REGISTER, variables());
      expect(data.registerUser.user.syncState).toEqual([
        { target: 'oracle', state: expect.any(String) },
        { target: 'notification', state: expect.any(String) },
      ]);
      expect([...headers.keys()].filter((name) => name.startsWith('x-lockstep'))).toEqual([]);
      const direct = await fetch(`${system.user.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: REGISTER.replace('syncState { target state }', ''), variables: variables() }),
      });
      expect(direct.status).toBe(200);
      expect([...direct.headers.keys()].filter((name) => name.startsWith('x-lockstep'))).toEqual([]);
    });

    test('speaks for the rest of a login, also over a token of somebody else', async () => {
      const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { token expiresAt user { id syncState { state } } } }`;
      const input = { email: customer.email.toUpperCase(), password: newRegistration().password };
      const other = await register(system.client);
      for (const client of [system.client, other.client]) {
        const { login } = await client.ask(LOGIN, { input });
        expect(login.user).toEqual({
          id: customer.id,
          syncState: [{ state: expect.any(String) }, { state: expect.any(String) }],
        });
        const lifeMs = new Date(login.expiresAt).getTime() - Date.now();
        expect(lifeMs).toBeGreaterThan(14 * 60_000);
        expect(lifeMs).toBeLessThanOrEqual(15 * 60_000);
      }
      expect(await other.client.ask('{ me { id } }')).toEqual({ me: { id: other.id } });
    });
  });

  describe('Idempotent-Replayed', () => {
    const replayed = async (
      client: TestClient,
      query: string,
      given: Record<string, unknown>,
    ): Promise<string | null> => (await client.send(query, given)).headers.get('idempotent-replayed');

    test('tells first effect from replay, and is absent without a mutation', async () => {
      const given = variables();
      expect(await replayed(system.client, REGISTER, given)).toBe('false');
      expect(await replayed(system.client, REGISTER, given)).toBe('true');
      expect(await replayed(system.client, '{ me { id } }', {})).toBeNull();
    });

    test('is true only when every field of the mutation was a replay, in whatever subgraph', async () => {
      const TWO = `mutation ($id: ID!, $a: ID!, $b: ID!) {
        updateUser(input: { id: $id, lastName: "B" }, idempotencyKey: $a) { replayed }
        triggerSync(input: { pipeline: "users-to-oracle" }, idempotencyKey: $b) { replayed }
      }`;
      const [a, b] = [randomUUID(), randomUUID()];
      expect(await replayed(admin, TWO, { id: customer.id, a, b })).toBe('false');
      expect(await replayed(admin, TWO, { id: customer.id, a, b })).toBe('true');
      expect(await replayed(admin, TWO, { id: customer.id, a, b: randomUUID() })).toBe('false');
      expect(await replayed(admin, TWO, { id: customer.id, a: randomUUID(), b })).toBe('false');
    });

    test('is not true when a field beside the replay was refused', async () => {
      const key = randomUUID();
      await customer.client.ask(RENAME, { id: customer.id, name: 'Ada', key });
      const WITH = (refused: string): string => `mutation ($id: ID!, $key: ID!) {
        updateUser(input: { id: $id, firstName: "Ada" }, idempotencyKey: $key) { replayed } ${refused}
      }`;
      const inSameSubgraph = 'setUserStatus(input: { id: $id, status: ACTIVE }, idempotencyKey: "x") { replayed }';
      const inAnother = 'triggerSync(input: { pipeline: "users-to-oracle" }, idempotencyKey: "x") { replayed }';
      for (const refused of [inSameSubgraph, inAnother]) {
        const answer = await customer.client.send(WITH(refused), { id: customer.id, key });
        expect(answer.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
        expect(answer.headers.get('idempotent-replayed')).toBe('false');
      }
    });
  });

  test("a mutation's own answer never says that an older version is the latest applied", async () => {
    for (let round = 0; round < 25; round += 1) {
      const { updateUser } = await customer.client.ask(RENAME, {
        id: customer.id,
        name: `A ${randomUUID()}`,
        key: randomUUID(),
      });
      expect(updateUser.user.syncState).toHaveLength(2);
      for (const copy of updateUser.user.syncState) {
        expect(copy.sourceVersion).toBeGreaterThanOrEqual(updateUser.user.version);
        const claimed = copy.state === 'APPLIED' ? copy.targetVersion : copy.sourceVersion;
        expect(claimed).toBeGreaterThanOrEqual(updateUser.user.version);
      }
    }
  });

  test('aliases, fragments, directives and type names work across subgraphs', async () => {
    const TARGETS = ['oracle', 'notification'];
    const QUERY = `query ($id: ID!, $no: Boolean!, $yes: Boolean!) {
      __typename
      mine: me { ...Person left: syncState { where: target } right: syncState { state } }
      again: user(id: $id) { ...Person ... on User { syncState @skip(if: $yes) { state } version @include(if: $no) } }
      ... @include(if: $no) { gone: me { id } }
    }
    fragment Person on User { __typename key: id syncState @include(if: $yes) { __typename target user { called: name } } }`;
    const person = {
      __typename: 'User',
      key: customer.id,
      syncState: TARGETS.map((target) => ({
        __typename: 'RecordSync',
        target,
        user: { called: expect.any(String) },
      })),
    };
    expect(await customer.client.ask(QUERY, { id: customer.id, no: false, yes: true })).toEqual({
      __typename: 'Query',
      mine: {
        ...person,
        left: TARGETS.map((where) => ({ where })),
        right: TARGETS.map(() => ({ state: expect.any(String) })),
      },
      again: person,
    });
  });

  test('mutation fields run one after the other, across subgraphs and within one', async () => {
    const MANY = `mutation ($id: ID!, $a: ID!, $b: ID!, $c: ID!) {
      one: updateUser(input: { id: $id, firstName: "One" }, idempotencyKey: $a) { user { version firstName } }
      two: updateUser(input: { id: $id, firstName: "Two" }, idempotencyKey: $b) { user { version firstName } }
      between: triggerSync(input: { pipeline: "users-to-oracle" }, idempotencyKey: $a) { pipeline { id } }
      three: updateUser(input: { id: $id, firstName: "Three" }, idempotencyKey: $c) { user { version firstName } }
    }`;
    const { one, two, three } = await admin.ask(MANY, {
      id: customer.id,
      a: randomUUID(),
      b: randomUUID(),
      c: randomUUID(),
    });
    const first = one.user.version;
    expect([one, two, three].map(({ user }) => user)).toEqual([
      { version: first, firstName: 'One' },
      { version: first + 1, firstName: 'Two' },
      { version: first + 2, firstName: 'Three' },
    ]);
  });
});

/** Headers travel as Latin-1. */
const encodeLatin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
