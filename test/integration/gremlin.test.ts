import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { until } from '../support/poll.ts';
import { stockBooks } from '../support/stock-books.ts';
import { register } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const SET = `mutation ($input: SetGremlinInput!, $key: ID!) {
  setGremlin(input: $input, idempotencyKey: $key) { gremlin { enabled latencyMs everyNth dropResponses failRequests } }
}`;
const ADJUST = `mutation ($key: ID!) {
  adjustStock(input: { productId: "PROD-002", change: 5, reason: "Found some." }, idempotencyKey: $key) { replayed product { available } }
}`;
const PLACE = `mutation ($key: ID!) {
  placeOrder(input: { items: [{ productId: "PROD-005", quantity: 2 }] }, idempotencyKey: $key) { order { id status } replayed }
}`;
const STOCK =
  'query ($id: ID!) { product(id: $id) { available held version operations { edges { node { id occurredAt } } } } }';
const ORDER = 'query ($id: ID!) { order(id: $id) { status version } }';

describeOnPostgres('the gremlin', () => {
  let system: System;
  /** Through the gateway, and past it. */
  let admin: TestClient;
  let inventory: TestClient;
  beforeAll(async () => {
    system = await openSystem();
    admin = await system.admin();
    inventory = admin.at(system.inventory.url);
  });
  afterEach(async () => {
    await tell({ enabled: false, latencyMs: 0, dropResponses: false, failRequests: false });
    assert.deepEqual(await stockBooks(system.databaseUrls), []);
  });
  afterAll(() => system[Symbol.asyncDispose]());

  const tell = async (input: Readonly<Record<string, unknown>>): Promise<unknown> =>
    (await admin.ask(SET, { input, key: randomUUID() })).setGremlin.gremlin;
  const stockOf = async (id: string): Promise<unknown> => (await admin.ask(STOCK, { id })).product;

  test('keeps what it is not told anew, and shows how it behaves', async () => {
    await tell({ enabled: true, everyNth: 1_000, failRequests: true });
    const told = await tell({ enabled: true, latencyMs: 1 });
    expect(told).toEqual({ enabled: true, latencyMs: 1, everyNth: 1_000, dropResponses: false, failRequests: true });
    const { gremlin } = await admin.ask('{ gremlin { enabled latencyMs everyNth dropResponses failRequests } }');
    expect(gremlin).toEqual(told);
  });

  test('that fails requests is heeded at once, and what it strikes has no effect', async () => {
    const before = await stockOf('PROD-002');
    const key = randomUUID();
    await tell({ enabled: true, everyNth: 1, failRequests: true, dropResponses: true });
    const { status, data, errors } = await inventory.send(ADJUST, { key });
    expect({ status, data }).toEqual({ status: 503, data: undefined });
    expect(errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
    await tell({ enabled: false });
    expect(await stockOf('PROD-002')).toEqual(before);
    expect((await inventory.ask(ADJUST, { key })).adjustStock).toMatchObject({ replayed: false });
  });

  test('that drops answers is heeded at once, and what it strikes has its effect once', async () => {
    const key = randomUUID();
    await tell({ enabled: true, everyNth: 1, dropResponses: true });
    await expect(inventory.send(ADJUST, { key })).rejects.toThrow('fetch failed');
    await tell({ enabled: false });
    expect((await inventory.ask(ADJUST, { key })).adjustStock).toMatchObject({ replayed: true });
  });

  test('strikes every Nth request and no other', async () => {
    await tell({ enabled: true, everyNth: 3, failRequests: true });
    const statuses: number[] = [];
    for (let request = 0; request < 9; request += 1) statuses.push((await inventory.send('{ __typename }')).status);
    expect(statuses.filter((status) => status === 503)).toHaveLength(3);
    expect(statuses.slice(3)).toEqual(statuses.slice(0, 6));
  });

  test('that fails every request leaves an order pending and the stock alone, until it is tamed: then the order completes by itself', async () => {
    const { client } = await register(system.client);
    const before = await stockOf('PROD-005');
    await tell({ enabled: true, everyNth: 1, failRequests: true });
    const { placeOrder } = await client.ask(PLACE, { key: randomUUID() });
    expect(placeOrder).toMatchObject({ order: { status: 'PENDING' }, replayed: false });
    await tell({ enabled: false });
    const { id } = placeOrder.order;
    await until(async () => (await client.ask(ORDER, { id })).order.status === 'CONFIRMED');
    expect((await client.ask(ORDER, { id })).order).toEqual({ status: 'CONFIRMED', version: 2 });
    const after = (await stockOf('PROD-005')) as { available: number; operations: { edges: unknown[] } };
    const was = before as typeof after;
    expect(after.available).toBe(was.available - 2);
    expect(after.operations.edges).toHaveLength(was.operations.edges.length + 2);
  });
});
