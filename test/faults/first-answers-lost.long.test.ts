import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { verify, violationsIn } from '#scripts/verify/verify.ts';
import { openPostgres } from '#shared/store/postgres.ts';
import { TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { openForgetfulProxy } from '../support/forgetful-proxy.ts';
import { PersistentCalls } from '../support/persistent-calls.ts';
import { until } from '../support/poll.ts';
import { register } from '../support/customers.ts';
import { openSystem } from '../support/system.ts';
import { quietLog } from '../support/store.ts';

const PLACE = `mutation ($items: [OrderItemInput!]!, $key: ID!) {
  placeOrder(input: { items: $items }, idempotencyKey: $key) { order { id status } replayed userErrors { code } }
}`;

interface Payload {
  readonly order: { readonly id: string; readonly status: string } | null;
  readonly replayed: boolean;
  readonly userErrors: readonly { readonly code: string }[];
}

const ORDERS = 1_000;
const CUSTOMERS = 10;
const AT_ONCE = 20;
const PRODUCTS = ['PROD-001', 'PROD-002', 'PROD-003', 'PROD-004', 'PROD-005'];
/** Generous: whether it comes to rest at all is what is claimed. */
const QUIET_WITHIN_MS = 60_000;
/** What there is of all products: every further order must fail. */
const PIECES = 575;

describeOnPostgres('a shop of which every first answer is lost after its commit', { timeout: 10 * 60_000 }, () => {
  test('has 1,000 orders right, each once, the stock exact', async () => {
    await using opened = new AsyncDisposableStack();
    const inventory: { lost: () => number }[] = [];
    const system = opened.use(
      await openSystem({
        beforeInventory: async (url) => {
          const proxy = opened.use(await openForgetfulProxy(url));
          inventory.push(proxy);
          return proxy.url;
        },
      }),
    );
    const front = opened.use(await openForgetfulProxy(system.gateway.url, (body) => body.includes('placeOrder')));
    const customers = await Promise.all(Array.from({ length: CUSTOMERS }, () => register(system.client)));
    using calls = new PersistentCalls<Payload>(new TestClient(front.url), ({ order, replayed, userErrors }) => ({
      id: order?.id ?? null,
      replayed,
      refusals: userErrors.map(({ code }) => code),
      ...(order && { status: order.status }),
    }));
    let next = 0;
    const buyer = async (): Promise<void> => {
      for (let at = next++; at < ORDERS; at = next++) {
        const { id: userId, token } = customers[at % CUSTOMERS]!;
        const [items, key] = [[{ productId: PRODUCTS[at % PRODUCTS.length]!, quantity: 1 }], randomUUID()];
        await calls.make({
          field: 'placeOrder',
          key,
          about: { userId, items },
          document: PLACE,
          variables: { items, key },
          token,
        });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, buyer));
    await using store = openPostgres({ url: system.databaseUrls.order, name: 'test', log: quietLog });
    await until(
      async () => (await store.db.execute(sql`SELECT FROM orders WHERE status = 'PENDING' LIMIT 1`)).length === 0,
      { what: 'the end of the last saga' },
    );
    expect(front.lost(), 'first answers that the gateway gave and nobody heard').toBe(ORDERS);
    expect(inventory[0]?.lost(), 'first answers that inventory gave').toBeGreaterThanOrEqual(ORDERS);
    expect(calls.recovered, 'calls that a retry recovered').toBe(ORDERS);
    await calls.replayAll();
    const report = await verify(system, { calls: calls.record(), waitMs: QUIET_WITHIN_MS });
    expect(violationsIn(report)).toEqual([]);
    expect(report).toMatchObject({ quiet: true, open: {} });
    const counts = await store.db.execute<{ status: string; orders: number }>(
      sql`SELECT status, count(*)::int AS orders FROM orders GROUP BY status ORDER BY status`,
    );
    expect([...counts]).toEqual([
      { status: 'CONFIRMED', orders: PIECES },
      { status: 'FAILED', orders: ORDERS - PIECES },
    ]);
  });
});
