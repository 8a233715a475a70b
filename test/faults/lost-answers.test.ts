import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPostgres } from '#shared/store/postgres.ts';
import { variablesDigest, type Attempt } from '#scripts/verify/calls.ts';
import { verify, violationsIn } from '#scripts/verify/verify.ts';
import type { TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { until } from '../support/poll.ts';
import { register } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';
import { quietLog } from '../support/store.ts';

const PLACE = `mutation ($items: [OrderItemInput!]!, $key: ID!) {
  placeOrder(input: { items: $items }, idempotencyKey: $key) { order { id status } replayed userErrors { code } }
}`;
const GREMLIN = `mutation ($input: SetGremlinInput!, $key: ID!) { setGremlin(input: $input, idempotencyKey: $key) { replayed } }`;

const ORDERS = 300;
const CUSTOMERS = 6;
/** As many at once as a busy minute brings. */
const AT_ONCE = 30;
/** What is promised of every order once inventory is there; and each of its answers may be lost again meanwhile. */
const DECIDED_WITHIN_MS = 30_000;
/** Generous: whether it comes to rest at all is what is claimed. */
const QUIET_WITHIN_MS = 60_000;
const PRODUCTS = ['PROD-001', 'PROD-002', 'PROD-003', 'PROD-004', 'PROD-005'];

describeOnPostgres('inventory whose every third answer is lost after the commit', () => {
  let system: System;
  beforeAll(async () => {
    system = await openSystem();
  });
  afterAll(() => system[Symbol.asyncDispose]());

  const tell = async (input: Readonly<Record<string, unknown>>): Promise<unknown> =>
    (await system.admin()).ask(GREMLIN, { input, key: randomUUID() });

  /** Places the orders, of few products so that some cannot be had, and gives what was called and answered. */
  async function placeAll(
    customers: readonly { readonly id: string; readonly client: TestClient }[],
  ): Promise<Attempt[]> {
    const calls: Attempt[] = [];
    const place = async (at: number): Promise<void> => {
      const { id: userId, client } = customers[at % CUSTOMERS]!;
      const [items, key] = [[{ productId: PRODUCTS[at % PRODUCTS.length]!, quantity: 1 + (at % 2) }], randomUUID()];
      const { order, replayed } = (await client.ask(PLACE, { items, key })).placeOrder;
      const { id, status } = order;
      const answer = { id, status, replayed, refusals: [] };
      const about = { userId, items };
      calls.push({ field: 'placeOrder', key, variables: variablesDigest({ items }), outcome: 'ok', answer, about });
    };
    let next = 0;
    const buyer = async (): Promise<void> => {
      for (let at = next++; at < ORDERS; at = next++) await place(at);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, buyer));
    return calls;
  }

  test(
    'leaves every one of 300 orders decided within half a minute of the last call, each once, the stock exact',
    { timeout: 180_000 },
    async () => {
      const customers = await Promise.all(Array.from({ length: CUSTOMERS }, () => register(system.client)));
      await using store = openPostgres({ url: system.databaseUrls.order, name: 'test', log: quietLog });
      await tell({ enabled: true, everyNth: 3, dropResponses: true });
      const calls = await placeAll(customers);
      const lastCallAt = performance.now();
      await until(
        async () => (await store.db.execute(sql`SELECT FROM orders WHERE status = 'PENDING' LIMIT 1`)).length === 0,
        { what: 'the end of the last saga', deadlineMs: DECIDED_WITHIN_MS },
      );
      const decidedAfterMs = performance.now() - lastCallAt;
      await tell({ enabled: false });
      // The copies may still be on their way.
      const report = await verify(system, { calls, waitMs: QUIET_WITHIN_MS });
      expect(violationsIn(report)).toEqual([]);
      expect(report).toMatchObject({ quiet: true, open: {} });
      const [found] = await store.db.execute<{ orders: number; recovered: number; failed: number }>(sql`
      SELECT count(*)::int AS orders, count(*) FILTER (WHERE recoveries > 0)::int AS recovered,
        count(*) FILTER (WHERE status = 'FAILED')::int AS failed FROM orders`);
      expect(found?.orders).toBe(ORDERS);
      expect(found?.recovered, 'orders whose answer was lost').toBeGreaterThan(0);
      console.log(
        `${JSON.stringify(found)}; the last was decided ${Math.round(decidedAfterMs)} ms after the last call`,
      );
    },
  );
});
