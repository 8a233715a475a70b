import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPostgresBus } from '#shared/events/postgres-bus.ts';
import type { Any, TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { until } from '../support/poll.ts';
import { quietLog } from '../support/store.ts';
import { register, type Customer } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const PLACE = `mutation Place($key: ID!) {
  placeOrder(input: { items: [{ productId: "PROD-005", quantity: 1 }] }, idempotencyKey: $key) { order { status } }
}`;
const EVERYTHING = `query All($after: String) { notifications(first: 100, after: $after) {
  edges { node { template user { id } } } pageInfo { hasNextPage endCursor }
} }`;

describeOnPostgres('the notification service', () => {
  let system: System;
  beforeEach(async () => {
    system = await openSystem();
  });
  afterEach(() => system[Symbol.asyncDispose]());

  async function templatesOf(client: TestClient, { id }: Customer): Promise<string[]> {
    const { notifications } = await client.ask(EVERYTHING);
    expect(notifications.pageInfo.hasNextPage).toBe(false);
    const mine = notifications.edges.filter(({ node }: Any) => node.user.id === id);
    return mine.map(({ node }: Any): string => node.template).toSorted();
  }

  test('makes up for everything that happened while it was away, once', async () => {
    const before = await register(system.client);
    await system.notification[Symbol.asyncDispose]();

    const meanwhile = await register(system.client);
    const { placeOrder } = await meanwhile.client.ask(PLACE, { key: randomUUID() });
    expect(placeOrder.order.status).toBe('CONFIRMED');
    const { data, errors } = await meanwhile.client.send('{ me { name unreadCount syncState { target } } }');
    expect(data.me).toMatchObject({ name: 'Ada Lovelace', unreadCount: null });
    expect(data.me.syncState.length).toBeGreaterThan(0);
    expect(errors).toMatchObject([{ path: ['me', 'unreadCount'], extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);

    const back = await system.asService((await system.secondNotification()).url);
    await until(async () => (await templatesOf(back, meanwhile)).length === 2);
    expect(await templatesOf(back, meanwhile)).toEqual(['ORDER_CONFIRMED', 'WELCOME']);
    expect(await templatesOf(back, before)).toEqual(['WELCOME']);
  });

  test('notifies once of what is told again, also when it has forgotten that it was', async () => {
    const customer = await register(system.client);
    await customer.client.ask(PLACE, { key: randomUUID() });
    const service = await system.asService(system.notification.url);
    await until(async () => (await templatesOf(service, customer)).length === 2);
    const marker = await again(system);
    expect(await templatesOf(service, customer)).toEqual(['ORDER_CONFIRMED', 'WELCOME']);
    expect(await templatesOf(service, marker)).toEqual(['WELCOME']);
  });

  test('is one service in two processes: each event has one effect', async () => {
    await system.secondNotification();
    const customers = await Promise.all(Array.from({ length: 8 }, () => register(system.client)));
    await Promise.all(customers.map(({ client }) => client.ask(PLACE, { key: randomUUID() })));
    const service = await system.asService(system.notification.url);
    for (const customer of customers) {
      await until(async () => (await templatesOf(service, customer)).length >= 2);
      expect(await templatesOf(service, customer)).toEqual(['ORDER_CONFIRMED', 'WELCOME']);
    }
  });

  /** Has every event delivered again to a ledger that knows none of them; the customer's who came behind them has been welcomed by then. */
  async function again({ databaseUrls, client }: System): Promise<Customer> {
    const sql = postgres(databaseUrls.notification, { max: 1 });
    await sql`DELETE FROM event_ledger`;
    await sql.end();
    await using bus = await openPostgresBus({ url: databaseUrls.bus, name: 'rewinder', log: quietLog });
    await bus.rewind('notification', { user: 0, order: 0 });
    const marker = await register(client);
    const service = await system.asService(system.notification.url);
    await until(async () => (await templatesOf(service, marker)).length === 1);
    // The marker's own event may have been handled before those of the other source.
    await until(async () => (await leftIn(databaseUrls.notification)) === 0);
    return marker;
  }

  async function leftIn(url: string): Promise<number> {
    const sql = postgres(url, { max: 1 });
    const [row] = await sql<{ left: number }[]>`
      SELECT count(*)::int AS left FROM event_ledger WHERE settled_at IS NULL`;
    await sql.end();
    return row?.left ?? 0;
  }
});
