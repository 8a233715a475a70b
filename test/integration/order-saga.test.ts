import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expireReservations } from '#inventory/commands/take-step.ts';
import { cancelOrder } from '#order/commands/cancel-order.ts';
import { OrderSagas } from '#order/commands/order-sagas.ts';
import { placeOrder, type OrderServices } from '#order/commands/place-order.ts';
import { sentenceOf, type Order, type OrderStatus } from '#order/domain/order.ts';
import { inventoryClient } from '#order/store/inventory.ts';
import { findOrders } from '#order/store/orders.ts';
import type { Caller } from '#shared/command.ts';
import { serviceTokens } from '#shared/identity/tokens.ts';
import { Idempotency } from '#shared/store/idempotency.ts';
import { migrate } from '#shared/store/migrate.ts';
import { openPostgres, type Database } from '#shared/store/postgres.ts';
import { createDatabase, describeOnPostgres } from '../support/database.ts';
import { FailingInventory, type Failure, type InventoryCall } from '../support/failing-inventory.ts';
import { until } from '../support/poll.ts';
import { stockBooks } from '../support/stock-books.ts';
import { quietLog } from '../support/store.ts';
import { openSystem, type System } from '../support/system.ts';

const MIGRATIONS = fileURLToPath(new URL('../../subgraphs/order/store/migrations', import.meta.url));
const ITEMS = [
  { productId: 'PROD-004', quantity: 2 },
  { productId: 'PROD-005', quantity: 1 },
];

/** What a client is told is on its way after 3 s; the rest is for a slow machine. */
const CLIENT_IS_ANSWERED_WITHIN_MS = 6_000;

const CLAIM_MS = 60_000;

/** A process of the order service: its sagas, and its way to inventory. */
interface Replica {
  readonly services: OrderServices;
  readonly inventory: FailingInventory;
}

describeOnPostgres('the order saga', () => {
  let opened: AsyncDisposableStack;
  let system: System;
  let db: Database;
  let inventoryDb: Database;
  let urls: { inventory: string; order: string };
  beforeAll(async () => {
    opened = new AsyncDisposableStack();
    system = opened.use(await openSystem());
    const { url: order } = opened.use(await createDatabase());
    urls = { inventory: system.databaseUrls.inventory, order };
    await migrate(order, MIGRATIONS);
    ({ db } = opened.use(openPostgres({ url: order, name: 'test', log: quietLog })));
    ({ db: inventoryDb } = opened.use(openPostgres({ url: urls.inventory, name: 'test', log: quietLog })));
  });
  afterEach(async () => {
    assert.deepEqual(await stockBooks(urls), []);
  });
  afterAll(() => opened.disposeAsync());

  function newReplica(): Replica {
    const token = serviceTokens('order', system.keys.services.order);
    const inventory = new FailingInventory(inventoryClient({ url: `${system.inventory.url}/graphql`, token }));
    const afterCommit = (): void => {};
    // Whether a claim lapses is for the test to say, not for a machine that is busy.
    const sagas = opened.use(new OrderSagas({ db, inventory, log: quietLog, afterCommit, claimMs: CLAIM_MS }));
    const idempotency = new Idempotency({ db, secret: 'a secret of the tests', afterCommit });
    return { services: { db, idempotency, sagas }, inventory };
  }

  function newCaller(): Caller {
    const expiresAt = new Date(Date.now() + 60_000);
    const viewer = { kind: 'user', id: randomUUID(), role: 'CUSTOMER', expiresAt } as const;
    return { viewer, idempotencyKey: randomUUID(), correlationId: randomUUID(), traceparent: '' };
  }

  async function place({ services }: Replica, caller = newCaller()): Promise<string> {
    const { outcome } = await placeOrder(services, { items: ITEMS }, caller);
    return outcome.data?.orderId ?? 'refused';
  }
  const orderOf = async (id: string): Promise<Order> => (await findOrders(db, [id]))[0] as Order;
  const dueNow = (id: string): Promise<unknown> =>
    db.execute(sql`UPDATE orders SET recover_at = now() - interval '1 second' WHERE id = ${id}`);
  const toldOf = async (id: string): Promise<string[]> => {
    const rows = await db.execute<{ type: string }>(sql`SELECT type FROM outbox WHERE subject = ${id} ORDER BY seq`);
    return rows.map(({ type }) => type);
  };
  const stepsOf = async (id: string): Promise<string[]> => {
    const rows = await inventoryDb.execute<{ step: string }>(
      sql`SELECT operation_type AS step FROM inventory_operations WHERE order_id = ${id} AND product_id = 'PROD-004' ORDER BY id`,
    );
    return rows.map(({ step }) => step);
  };
  /** A process that starts after the others have crashed takes the order up, and has nothing to do a second time. */
  async function recover(id: string): Promise<Order> {
    const { services } = newReplica();
    await dueNow(id);
    expect(await services.sagas.recoverOnce()).toEqual({ recovered: 1 });
    const order = await orderOf(id);
    expect(await services.sagas.recoverOnce()).toEqual({ recovered: 0 });
    expect(await orderOf(id)).toEqual(order);
    return order;
  }

  test.each<{ call: InventoryCall; when: Failure; done: string[] }>([
    { call: 'reserve', when: 'before', done: [] },
    { call: 'reserve', when: 'after', done: ['RESERVE'] },
    { call: 'confirm', when: 'before', done: ['RESERVE'] },
    { call: 'confirm', when: 'after', done: ['RESERVE', 'CONFIRM'] },
  ])('that ended $when inventory did its $call is brought to its end, once', async ({ call, when, done }) => {
    const crashed = newReplica();
    crashed.inventory.fail(call, when);
    const id = await place(crashed);
    expect(await orderOf(id)).toMatchObject({ status: 'PENDING', version: 1 });
    expect(await stepsOf(id)).toEqual(done);
    expect(await recover(id)).toMatchObject({ status: 'CONFIRMED', version: 2 });
    expect(await stepsOf(id)).toEqual(['RESERVE', 'CONFIRM']);
    expect(await toldOf(id)).toEqual(['order.placed', 'order.confirmed']);
  });

  test.each<{ when: Failure; done: string[] }>([
    { when: 'before', done: ['RESERVE', 'CONFIRM'] },
    { when: 'after', done: ['RESERVE', 'CONFIRM', 'RETURN'] },
  ])('of a cancellation that ended $when inventory took the stock back is too', async ({ when, done }) => {
    const crashed = newReplica();
    const caller = newCaller();
    const id = await place(crashed, caller);
    crashed.inventory.fail('returnStock', when);
    await cancelOrder(crashed.services, { id }, { ...caller, idempotencyKey: randomUUID() });
    expect(await orderOf(id)).toMatchObject({ status: 'CANCELLING', version: 3 });
    expect(await stepsOf(id)).toEqual(done);
    expect(await recover(id)).toMatchObject({ status: 'CANCELLED', version: 4 });
    expect(await stepsOf(id)).toEqual(['RESERVE', 'CONFIRM', 'RETURN']);
    expect(await toldOf(id)).toEqual(['order.placed', 'order.confirmed', 'order.cancelling', 'order.cancelled']);
  });

  test('that is left behind is taken up by one of several workers, not by each', async () => {
    const crashed = newReplica();
    crashed.inventory.fail('reserve', 'after');
    const ids = await Promise.all(Array.from({ length: 10 }, () => place(crashed)));
    await Promise.all(ids.map(dueNow));
    const workers = Array.from({ length: 3 }, newReplica);
    const counts = await Promise.all(workers.map(({ services }) => services.sagas.recoverOnce()));
    expect(counts.reduce((sum, { recovered }) => sum + (recovered ?? 0), 0)).toBe(10);
    for (const id of ids) {
      expect(await orderOf(id)).toMatchObject({ status: 'CONFIRMED', version: 2 });
      expect(await stepsOf(id)).toEqual(['RESERVE', 'CONFIRM']);
    }
  });

  test('that inventory does not answer leaves the order pending, answers the client, and completes later', async () => {
    const replica = newReplica();
    const release = replica.inventory.hang();
    const startedAt = performance.now();
    const id = await place(replica);
    expect(performance.now() - startedAt).toBeLessThan(CLIENT_IS_ANSWERED_WITHIN_MS);
    const pending = await orderOf(id);
    expect(pending).toMatchObject({ status: 'PENDING', version: 1 });
    expect(sentenceOf(pending)).toContain('completes by itself');
    release();
    await until(async () => (await orderOf(id)).status === 'CONFIRMED');
    expect(replica.inventory.calls).toEqual(['reserve', 'confirm']);
  });

  test('that does not reach inventory answers at once, and is tried again until it does', async () => {
    const replica = newReplica();
    replica.inventory.fail('reserve', 'before');
    const id = await place(replica);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await dueNow(id);
      await replica.services.sagas.recoverOnce();
      expect(await orderOf(id)).toMatchObject({ status: 'PENDING', version: 1 });
    }
    expect(await recover(id)).toMatchObject({ status: 'CONFIRMED', version: 2 });
  });

  test('is started once for duplicates, in this process and in another', async () => {
    const [one, other] = [newReplica(), newReplica()];
    const release = one.inventory.hang();
    const caller = newCaller();
    const first = place(one, caller);
    await until(() => one.inventory.calls.length === 1);
    const duplicates = [one, other, one, other].map((replica) =>
      placeOrder(replica.services, { items: ITEMS }, caller),
    );
    release();
    const answers = await Promise.all(duplicates);
    expect(answers.map(({ outcome }) => outcome.data?.orderId)).toEqual(
      Array.from({ length: 4 }, () => answers[0]?.outcome.data?.orderId),
    );
    expect(answers[0]?.outcome.data?.orderId).toBe(await first);
    expect(answers.every(({ replayed }) => replayed)).toBe(true);
    expect(one.inventory.calls).toEqual(['reserve', 'confirm']);
    expect(other.inventory.calls).toEqual([]);
    expect(await orderOf(await first)).toMatchObject({ status: 'CONFIRMED', version: 2 });
  });

  test('whose hold has run out fails the order, and the stock is given back', async () => {
    const replica = newReplica();
    replica.inventory.onReserved(() =>
      inventoryDb.execute(sql`UPDATE reservations SET expires_at = clock_timestamp() WHERE state = 'HELD'`),
    );
    const id = await place(replica);
    expect(await orderOf(id)).toMatchObject({
      status: 'FAILED' satisfies OrderStatus,
      version: 2,
      failure: { code: 'RESERVATION_EXPIRED' },
    });
    await until(async () => {
      await expireReservations(inventoryDb);
      return (await stepsOf(id)).at(-1) === 'EXPIRE';
    });
    expect(await stepsOf(id)).toEqual(['RESERVE', 'EXPIRE']);
    expect(await toldOf(id)).toEqual(['order.placed', 'order.failed']);
  });

  test.each([
    { items: [{ productId: 'PROD-003', quantity: 1_000 }], code: 'OUT_OF_STOCK' },
    { items: [{ productId: 'PROD-999', quantity: 1 }], code: 'PRODUCT_NOT_FOUND' },
  ])('fails the order with $code though the refusal was lost at first', async ({ items, code }) => {
    const crashed = newReplica();
    crashed.inventory.fail('reserve', 'after');
    const { outcome } = await placeOrder(crashed.services, { items }, newCaller());
    expect(await recover(outcome.data?.orderId ?? 'refused')).toMatchObject({ status: 'FAILED', failure: { code } });
  });

  test('that is under way is not cancelled, and nobody but its owner learns of it', async () => {
    const replica = newReplica();
    replica.inventory.fail('reserve', 'before');
    const caller = newCaller();
    const id = await place(replica, caller);
    const refusalFor = async (by: Caller): Promise<unknown> =>
      (await cancelOrder(replica.services, { id }, { ...by, idempotencyKey: randomUUID() })).outcome.userErrors;
    expect(await refusalFor(caller)).toMatchObject([{ code: 'ORDER_PENDING' }]);
    expect(await refusalFor(newCaller())).toMatchObject([{ code: 'ORDER_NOT_FOUND' }]);
    expect(await recover(id)).toMatchObject({ status: 'CONFIRMED', version: 2 });
  });
});
