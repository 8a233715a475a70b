import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { actUntil, until } from '../support/poll.ts';
import { openReplicaHouse, type Replica, type ReplicaHouse } from '../support/replicas.ts';
import { newRegistration } from '../support/customers.ts';

const REGISTER = `mutation ($input: RegisterUserInput!, $key: ID!) {
  registerUser(input: $input, idempotencyKey: $key) { user { id } token replayed }
}`;
const RENAME = `mutation ($input: UpdateUserInput!, $key: ID!) {
  updateUser(input: $input, idempotencyKey: $key) { user { id version } replayed }
}`;

const PLACE = `mutation ($input: PlaceOrderInput!, $key: ID!) {
  placeOrder(input: $input, idempotencyKey: $key) { order { id status } replayed }
}`;

/** Processes that share a database and nothing else, started at the same time on an empty one. */
describeOnPostgres('two replicas of a service', () => {
  let opened: AsyncDisposableStack;
  let house: ReplicaHouse;
  let replicas: readonly [Replica, Replica];
  let sql: postgres.Sql;
  beforeAll(async () => {
    opened = new AsyncDisposableStack();
    house = opened.use(await openReplicaHouse());
    replicas = await Promise.all([house.start('user'), house.start('user')]);
    sql = postgres(house.databaseUrls.user, { max: 1, onnotice: () => {} });
    opened.defer(() => sql.end());
  });
  afterAll(() => opened.disposeAsync());

  async function newCustomer(): Promise<{ id: string; clients: readonly [TestClient, TestClient] }> {
    const [one, other] = replicas;
    const variables = { input: newRegistration(), key: randomUUID() };
    const { registerUser } = await one.client.ask(REGISTER, variables);
    return {
      id: registerUser.user.id,
      clients: [one.client.as(registerUser.token), other.client.as(registerUser.token)],
    };
  }

  test('that start at once make one admin, and tell of one', async () => {
    const [admins] = await sql`
      SELECT (SELECT count(*)::int FROM users WHERE role = 'ADMIN') AS made,
        (SELECT count(*)::int FROM outbox WHERE type = 'user.created' AND data->>'role' = 'ADMIN') AS told`;
    expect(admins).toEqual({ made: 1, told: 1 });
  });

  test('that start at once stock the shop once', async () => {
    await Promise.all([house.start('inventory'), house.start('inventory')]);
    await using inventory = connect(house.databaseUrls.inventory);
    const [stock] = await inventory.sql`
      SELECT (SELECT count(*)::int FROM products) AS products,
        (SELECT count(*)::int FROM inventory_operations) AS operations, (SELECT count(*)::int FROM outbox) AS events`;
    expect(stock!['products']).toBeGreaterThan(0);
    expect(stock).toEqual({ products: stock!['products'], operations: stock!['products'], events: stock!['products'] });
  });

  test("take each other's tokens", async () => {
    const { id, clients } = await newCustomer();
    expect(await clients[1].ask('{ me { id } }')).toEqual({ me: { id } });
  });

  test('give fifty calls with one key one effect and one answer', async () => {
    const { id, clients } = await newCustomer();
    const variables = { input: { id, firstName: 'Grace' }, key: randomUUID() };
    const calls = Array.from({ length: 50 }, (_, at) => clients[at % 2]!.ask(RENAME, variables));
    const answers = (await Promise.all(calls)).map(({ updateUser }) => updateUser);
    expect(answers.filter(({ replayed }) => replayed)).toHaveLength(49);
    expect(answers.map(({ user }) => user)).toEqual(answers.map(() => ({ id, version: 2 })));
    const told = await sql`SELECT type FROM outbox WHERE subject = ${id} ORDER BY position`;
    expect(told.map(({ type }) => type as string)).toEqual(['user.created', 'user.updated']);
  });

  test('register one user for one e-mail address that both are given at once', async () => {
    const input = newRegistration();
    const register = ({ client }: Replica): Promise<unknown> => client.ask(REGISTER, { input, key: randomUUID() });
    const answers = await Promise.all(replicas.map(register));
    expect(answers.filter((answer) => (answer as { registerUser: { user: unknown } }).registerUser.user)).toHaveLength(
      1,
    );
  });

  test('tell a subscriber of either what either writes, once and in order', async () => {
    const { id, clients } = await newCustomer();
    const WRITES = 20;
    const streams = clients.map((client) => client.subscribe('subscription { userChanged { version firstName } }'));
    await using stack = new AsyncDisposableStack();
    for (const stream of streams) stack.use(stream);
    const rename = (at: number): Promise<unknown> =>
      clients[at % 2]!.ask(RENAME, { input: { id, firstName: `Grace ${at}` }, key: randomUUID() });
    let warmUps = 0;
    for (const stream of streams) await actUntil(stream.next(), () => rename((warmUps += 1)));
    const before = warmUps + 1;
    for (let at = 1; at <= WRITES; at += 1) await rename(warmUps + at);
    const wanted = Array.from({ length: WRITES }, (_, at) => before + at + 1);
    for (const stream of streams) {
      const seen: number[] = [];
      while (seen.at(-1) !== before + WRITES) seen.push((await stream.next())!.data.userChanged.version);
      expect(seen.filter((version) => version > before)).toEqual(wanted);
    }
  });
});

/** Clients come to either gateway, and every service behind them is there twice. */
describeOnPostgres('a system of which everything runs twice', () => {
  test(
    'answers through either gateway what was done through the other, and does it once',
    { timeout: 240_000 },
    async () => {
      await using house = await openReplicaHouse();
      const start = async (service: Parameters<ReplicaHouse['start']>[0]): Promise<Replica[]> =>
        Promise.all([house.start(service), house.start(service)]);
      const services = ['user', 'inventory', 'order', 'notification', 'sync', 'gateway'] as const;
      const gateways: Replica[] = [];
      for (const service of services) gateways.splice(0, 2, ...(await start(service)));
      const variables = { input: newRegistration(), key: randomUUID() };
      const { registerUser } = await gateways[0]!.client.ask(REGISTER, variables);
      const [one, other] = gateways.map(({ client }) => client.as(registerUser.token)) as [TestClient, TestClient];

      await using stream = other.subscribe('subscription { userChanged { version } }');
      const rename = (): Promise<unknown> =>
        one.ask(RENAME, { input: { id: registerUser.user.id, firstName: randomUUID() }, key: randomUUID() });
      const heard = await actUntil(stream.next(), rename);
      expect(heard!.data.userChanged.version).toBeGreaterThan(1);

      const order = { input: { items: [{ productId: 'PROD-004', quantity: 1 }] }, key: randomUUID() };
      const placed = await Promise.all([one, other].map((client) => client.ask(PLACE, order)));
      expect(placed[0].placeOrder.order).toEqual(placed[1].placeOrder.order);
      expect(placed.filter(({ placeOrder }) => placeOrder.replayed)).toHaveLength(1);

      const states = async (): Promise<string[]> => {
        const { me } = await other.ask('{ me { syncState { state } } }');
        return (me.syncState as { state: string }[]).map(({ state }) => state);
      };
      await until(async () => (await states()).every((state) => state === 'APPLIED'), { what: 'the copies' });
      expect(await states()).toHaveLength(2);
      await using sync = connect(house.databaseUrls.sync);
      const ledger =
        await sync.sql`SELECT state, count(*)::int AS events FROM event_ledger WHERE durable = 'users-to-oracle' GROUP BY state`;
      await using user = connect(house.databaseUrls.user);
      const [told] = await user.sql`SELECT count(*)::int AS events FROM outbox`;
      expect([...ledger]).toEqual([{ state: 'APPLIED', events: told!['events'] as number }]);
      const messages = async (): Promise<string[]> => {
        const { notifications } = await other.ask('{ notifications { edges { node { template channel } } } }');
        const nodes = (notifications.edges as { node: { template: string; channel: string } }[]).map(
          ({ node }) => node,
        );
        return nodes.map(({ template, channel }) => `${template} ${channel}`).toSorted();
      };
      await until(async () => (await messages()).some((message) => message.startsWith('ORDER_CONFIRMED')));
      expect(await messages()).toEqual([...new Set(await messages())]);
    },
  );
});

function connect(url: string): AsyncDisposable & { readonly sql: postgres.Sql } {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  return { sql, [Symbol.asyncDispose]: () => sql.end() };
}
