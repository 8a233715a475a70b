import { randomUUID } from 'node:crypto';
import {
  buildClientSchema,
  getIntrospectionQuery,
  isIntrospectionType,
  isObjectType,
  type GraphQLSchema,
} from 'graphql';
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ACCESS_TABLE } from '../support/access-table.ts';
import { VIEWERS, type Row, type ViewerName } from '../support/access-vocabulary.ts';
import type { GraphqlError, TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { userEvent } from '../support/events.ts';
import { actUntil, until } from '../support/poll.ts';
import { newRegistration, register, type Customer } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const isSubscription = ({ coordinate }: Row): boolean => coordinate.startsWith('Subscription.');
const UPDATE =
  'mutation ($id: ID!, $name: String!, $key: ID!) { updateUser(input: { id: $id, firstName: $name }, idempotencyKey: $key) { user { version } userErrors { code } } }';

const PLACE = `mutation ($product: ID!, $key: ID!) {
  placeOrder(input: { items: [{ productId: $product, quantity: 1 }] }, idempotencyKey: $key) { order { id status } }
}`;
const SEND = `mutation ($id: ID!, $key: ID!) {
  sendNotification(input: { userId: $id, channel: IN_APP, subject: "Hello", body: "You." }, idempotencyKey: $key) {
    notification { id }
  }
}`;
const ADJUST = `mutation ($key: ID!) {
  adjustStock(input: { productId: "PROD-002", change: 1, reason: "Found one." }, idempotencyKey: $key) { replayed }
}`;

describeOnPostgres('every field answers each viewer as the access table says', () => {
  let system: System;
  let schema: GraphQLSchema;
  let owner: Customer;
  let other: Customer;
  /** The key and the id of an order of the owner, and the cursor of an event before it. */
  const order = { placed: randomUUID() as string, id: '', failed: '', cursor: '' };
  let notification: string;
  let clients: Readonly<Record<ViewerName, TestClient>>;
  /** Who receives what is theirs, and nothing else. */
  let selves: Readonly<Partial<Record<ViewerName, Customer>>>;

  beforeAll(async () => {
    system = await openSystem();
    schema = buildClientSchema(await system.client.ask(getIntrospectionQuery()));
    [owner, other] = await Promise.all([register(system.client), register(system.client)]);
    const service = await system.asService();
    const admin = await system.admin();
    clients = { anonymous: system.client, owner: owner.client, other: other.client, admin, service };
    const { me } = await admin.ask('{ me { id email } }');
    selves = { other, admin: { ...me, client: admin } };
    await owner.client.ask(
      'mutation ($id: ID!, $mobile: String!) { updateUser(input: { id: $id, mobile: $mobile }, idempotencyKey: "mobile") { user { id } } }',
      { id: owner.id, mobile: newMobile() },
    );
    await holdBackOneCopy(system, owner.id);
    await giveUpOneEvent(system.databaseUrls.sync, 'users-to-oracle');
    await giveUpOneEvent(system.databaseUrls.order, 'order-customers');
    await clients.admin.ask('mutation { setGremlin(input: { enabled: false }, idempotencyKey: "tame") { replayed } }');
    await orderAndFollow();
    await admin.ask(
      'mutation { adjustStock(input: { productId: "PROD-005", change: 100000, reason: "enough for all" }, idempotencyKey: "enough") { userErrors { code } } }',
    );
    order.failed = await place(owner, 'PROD-999');
    notification = await send(owner);
    await until(async () => {
      const QUERY = 'query ($id: ID!) { user(id: $id) { syncState { target state } } }';
      const { user } = await admin.ask(QUERY, { id: owner.id });
      const [oracle] = user.syncState.filter(({ target }: { target: string }) => target === 'oracle');
      return oracle.state === 'APPLIED';
    });
  });
  afterAll(() => system[Symbol.asyncDispose]());
  // A service's token lives for a minute, and all rows together may take longer on a busy machine.
  beforeEach(async () => {
    clients = { ...clients, service: await system.asService() };
  });

  test('the table has a row for every field, and every row names a field', () => {
    const fields = Object.values(schema.getTypeMap())
      .filter(isObjectType)
      .filter((type) => !isIntrospectionType(type))
      .flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
    expect(fields.length).toBeGreaterThan(60);
    expect(ACCESS_TABLE.map(({ coordinate }) => coordinate).toSorted()).toEqual(fields.toSorted());
  });

  test.each(ACCESS_TABLE.filter((row) => !isSubscription(row)))('$coordinate', async (row) => {
    const ask = async (viewer: ViewerName): Promise<[ViewerName, string]> => {
      const { data, errors } = await clients[viewer].send(operationOf(row), await variables(row));
      return [viewer, whatIsThere(row, data, errors)];
    };
    const seen = await Promise.all(VIEWERS.map(ask));
    expect(Object.fromEntries(seen)).toEqual(row.gets);
  });

  describe.each(ACCESS_TABLE.filter(isSubscription))('$coordinate', (row) => {
    const [field = ''] = row.selection.split(/[( ]/);
    const act = (viewer?: ViewerName): Promise<unknown> => {
      if (field === 'notificationReceived') return send(selves[viewer ?? 'owner'] ?? owner);
      return field === 'stockChanged' ? clients.admin.ask(ADJUST, { key: randomUUID() }) : happenTo(owner);
    };
    const happenTo = (customer: Customer): Promise<unknown> =>
      field === 'orderChanged' ? place(customer) : change(customer);

    test.each(VIEWERS.filter((viewer) => row.gets[viewer] === 'value'))('reaches %s', async (viewer) => {
      await using stream = clients[viewer].subscribe(operationOf(row), followed());
      const answer = await actUntil(stream.next(), () => act(viewer));
      expect(answer?.errors).toBeUndefined();
      expect(Object.values(answer?.data[field])).toHaveLength(1);
    });

    test.each(VIEWERS.filter((viewer) => /^[A-Z]/.test(row.gets[viewer])))('refuses %s', async (viewer) => {
      await using stream = clients[viewer].subscribe(operationOf(row), followed());
      await expect(stream.next()).rejects.toThrow(`"code":"${row.gets[viewer]}"`);
    });

    test.each(VIEWERS.filter((viewer) => row.gets[viewer] === 'silence'))('tells %s nothing', async (viewer) => {
      await using foreign = clients[viewer].subscribe(operationOf(row), followed());
      await using own = clients[viewer].subscribe(`subscription { ${field} { __typename } }`);
      await using witness = clients.service.subscribe(operationOf(row), followed());
      const told = foreign.next().then(
        () => 'told',
        () => 'ended',
      );
      // All three run over the gateway's one socket to the subgraph, in the order of events: what the witness has seen before the viewer's
      // own marker comes would have reached the viewer by then.
      await actUntil(own.next(), () => happenTo(other));
      await actUntil(witness.next(), () => act());
      await actUntil(own.next(), () => happenTo(other));
      expect(await Promise.race([told, Promise.resolve('nothing')])).toBe('nothing');
    });
  });

  test("a customer's streams hold their own records only", async () => {
    await using users = other.client.subscribe('subscription { userChanged { id version } }');
    await using copies = other.client.subscribe('subscription { recordSynced { recordId targetVersion user { id } } }');
    await using everyone = clients.admin.subscribe('subscription { userChanged { id } }');
    // In place once their own changes come; then a foreign change, and one of their own as the marker behind it.
    await actUntil(Promise.all([users.next(), copies.next()]), () => change(other));
    await actUntil(everyone.next(), rename);
    const marker = await change(other);
    for (let version = 0; version < marker;) {
      const { userChanged } = (await users.next())!.data;
      expect(userChanged.id).toBe(other.id);
      version = userChanged.version;
    }
    for (let version = 0; version < marker;) {
      const { recordSynced } = (await copies.next())!.data;
      expect(recordSynced).toMatchObject({ recordId: other.id, user: { id: other.id } });
      version = recordSynced.targetVersion;
    }
  });

  test("a customer's stream of orders holds their own only", async () => {
    await using orders = other.client.subscribe('subscription { orderChanged { id user { id } } }');
    await using everyone = clients.admin.subscribe('subscription { orderChanged { id } }');
    await actUntil(orders.next(), () => place(other));
    await actUntil(everyone.next(), () => place(owner));
    const marker = await place(other);
    for (let id = ''; id !== marker;) {
      const { orderChanged } = (await orders.next())!.data;
      expect(orderChanged.user).toEqual({ id: other.id });
      id = orderChanged.id;
    }
  });

  test.each(['other', 'admin'] as const)('the notifications of %s hold their own only', async (viewer) => {
    const self = selves[viewer] ?? other;
    await using own = clients[viewer].subscribe('subscription { notificationReceived { id user { id } } }');
    await using everyone = clients.service.subscribe('subscription { notificationReceived { id } }');
    await actUntil(own.next(), () => send(self));
    await actUntil(everyone.next(), () => send(owner));
    const marker = await send(self);
    for (let id = ''; id !== marker;) {
      const { notificationReceived } = (await own.next())!.data;
      expect(notificationReceived.user).toEqual({ id: self.id });
      id = notificationReceived.id;
    }
  });

  const rename = async (): Promise<void> => {
    await change(owner);
  };

  async function change(customer: Customer): Promise<number> {
    const { updateUser } = await customer.client.ask(UPDATE, {
      id: customer.id,
      name: `Ada ${randomUUID()}`,
      key: randomUUID(),
    });
    return updateUser.user.version as number;
  }

  async function place({ client }: Customer, product = 'PROD-005', key: string = randomUUID()): Promise<string> {
    const { placeOrder } = await client.ask(PLACE, { product, key });
    const { id } = placeOrder.order as { id: string };
    // A busy machine may need more than the 3 s that the answer waits.
    return until(async () => {
      const { order: now } = await client.ask('query ($id: ID!) { order(id: $id) { status } }', { id });
      return now.status !== 'PENDING' && id;
    });
  }

  async function send({ id }: Customer): Promise<string> {
    const { sendNotification } = await clients.admin.ask(SEND, { id, key: randomUUID() });
    return sendNotification.notification.id as string;
  }

  async function orderAndFollow(): Promise<void> {
    await using stream = clients.admin.subscribe('subscription { orderChanged { id } }');
    const earlier = await actUntil(stream.next(), () => place(owner));
    order.cursor = earlier?.extensions?.cursor ?? '';
    order.id = await place(owner, 'PROD-002', order.placed);
  }

  const followed = (): Record<string, string> => ({ id: owner.id, order: order.id, cursor: order.cursor });

  async function variables({ reach, selection }: Row): Promise<Record<string, unknown>> {
    // Each viewer tries to cancel an order that nobody has cancelled before.
    const cancels = `${reach.operation} ${selection}`.includes('cancelOrder');
    const confirmed = cancels ? await place(owner) : order.id;
    const { placed, failed } = order;
    const { email, password } = { ...newRegistration(), email: owner.email };
    const taken = { ...newRegistration(), email: owner.email };
    return {
      id: owner.id,
      order: order.id,
      placed,
      failed,
      notification,
      confirmed,
      key: randomUUID(),
      new: newRegistration(),
      taken,
      login: { email, password },
    };
  }
});

const operationOf = ({ reach, selection }: Row): string => {
  const operation = reach.operation.replace('FIELD', selection);
  // A declared variable must be used.
  const [, declared = ''] = /\(([^)]*)\)/.exec(operation) ?? [];
  const body = operation.slice(operation.indexOf('{'));
  const used = declared.split(', ').filter((variable) => body.includes(variable.split(':')[0] ?? ''));
  return operation.replace(`(${declared})`, used.length === 0 ? '' : `(${used.join(', ')})`);
};

/** What came of a row's field, in the table's words. */
function whatIsThere(row: Row, data: unknown, errors: readonly GraphqlError[] | undefined): string {
  if (errors !== undefined) return errors[0]?.extensions?.code ?? errors[0]?.message ?? 'error';
  let at: unknown = data;
  for (const step of row.reach.path) at = (at as Record<string | number, unknown> | null | undefined)?.[step];
  if (at == null) return 'null';
  const value = (at as Record<string, unknown>)[row.selection.split(/[( ]/)[0] ?? ''];
  if (value == null) return row.mayBeNull ? 'value' : 'null';
  const userErrors = row.coordinate.endsWith('.userErrors') ? value : (value as { userErrors?: unknown }).userErrors;
  return (userErrors as { code: string }[] | undefined)?.[0]?.code ?? 'value';
}

function newMobile(): string {
  return `+49151${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`;
}

/** A copy that some further target lacks, so that there is one to list. */
async function holdBackOneCopy({ databaseUrls }: System, recordId: string): Promise<void> {
  const sql = postgres(databaseUrls.sync, { max: 1 });
  await sql`INSERT INTO record_syncs (entity, record_id, target, owner_id, source_revision, state, unsynced_since)
    VALUES ('USER', ${recordId}, 'archive', ${recordId}, 1, 'PENDING', now())`;
  await sql.end();
}

/** An event of a record that is nobody's, so that nothing waits behind it. */
async function giveUpOneEvent(url: string, durable: string): Promise<void> {
  const { event } = userEvent({ id: randomUUID(), version: 1, position: 1 });
  const sql = postgres(url, { max: 1 });
  await sql`INSERT INTO event_ledger
      (durable, event_id, source, position, record, revision, event, state, occurred_at, last_error, settled_at)
    VALUES (${durable}, ${event.id}, 'user', -1, ${`user/${event.subject}`}, 1, ${sql.json({ ...event } as never)},
      'DEAD_LETTERED', now(), 'will not take it', date_trunc('milliseconds', now()))`;
  await sql.end();
}
