import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeCursor } from '#shared/events/cursor.ts';
import type { TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { actUntil, until } from '../support/poll.ts';
import { stockBooks } from '../support/stock-books.ts';
import { register } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const PLACE = `mutation Place($items: [OrderItemInput!]!, $key: ID!) {
  placeOrder(input: { items: $items }, idempotencyKey: $key) {
    order { id status version total { amount currency } failure { code } items { quantity unitPrice { amount } product { name } } }
    replayed userErrors { code field }
  }
}`;
const CANCEL = `mutation Cancel($id: ID!, $key: ID!) {
  cancelOrder(input: { id: $id }, idempotencyKey: $key) { order { id status } replayed userErrors { code } }
}`;
const STOCK = 'query Stock($id: ID!) { product(id: $id) { available held version } }';

interface Item {
  readonly productId: string;
  readonly quantity: number;
}

describeOnPostgres('the shop', () => {
  let system: System;
  beforeAll(async () => {
    system = await openSystem();
  });
  afterAll(() => system[Symbol.asyncDispose]());

  const place = async (client: TestClient, items: readonly Item[], key: string = randomUUID()) =>
    client.send(PLACE, { items, key });
  const stockOf = async (id: string): Promise<{ available: number; held: number }> =>
    (await system.client.ask(STOCK, { id })).product;
  const booksBalance = (): Promise<void> => stockBooks(system.databaseUrls).then((books) => expect(books).toEqual([]));

  test('sells what CONTRACT.md lists, to anybody who asks', async () => {
    const { products } = await system.client.ask(
      '{ products { edges { node { id name price { amount currency } } } } }',
    );
    expect(products.edges.map(({ node }: { node: { id: string; name: string; price: unknown } }) => node)).toEqual([
      { id: 'PROD-001', name: 'PS5', price: { amount: 49_999, currency: 'USD' } },
      { id: 'PROD-002', name: 'Xbox Series X', price: { amount: 49_999, currency: 'USD' } },
      { id: 'PROD-003', name: 'Gaming Laptop', price: { amount: 149_900, currency: 'USD' } },
      { id: 'PROD-004', name: 'Wireless Headset', price: { amount: 12_999, currency: 'USD' } },
      { id: 'PROD-005', name: 'Mechanical Keyboard', price: { amount: 8_999, currency: 'USD' } },
    ]);
  });

  test('an order is confirmed with its prices, and its stock has left', async () => {
    const { client } = await register(system.client);
    const before = await stockOf('PROD-004');
    const { data } = await place(client, [{ productId: 'PROD-004', quantity: 2 }]);
    expect(data.placeOrder).toMatchObject({
      order: {
        status: 'CONFIRMED',
        total: { amount: 25_998, currency: 'USD' },
        failure: null,
        items: [{ quantity: 2, unitPrice: { amount: 12_999 }, product: { name: 'Wireless Headset' } }],
      },
      replayed: false,
      userErrors: [],
    });
    expect(await stockOf('PROD-004')).toMatchObject({ available: before.available - 2, held: before.held });
    await booksBalance();
  });

  test('fifty identical orders at once are one order, and stock goes down once', async () => {
    const { client } = await register(system.client);
    const before = await stockOf('PROD-005');
    const key = randomUUID();
    const items = [{ productId: 'PROD-005', quantity: 3 }];
    const answers = await Promise.all(Array.from({ length: 50 }, () => place(client, items, key)));
    const payloads = answers.map(({ data }) => data.placeOrder);
    expect(new Set(payloads.map(({ order }) => order.id)).size).toBe(1);
    expect(payloads.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(payloads.every(({ order }) => order.status === 'CONFIRMED')).toBe(true);
    expect((await stockOf('PROD-005')).available).toBe(before.available - 3);
    const { orders } = await client.ask('{ orders { edges { node { id } } } }');
    expect(orders.edges).toHaveLength(1);
    await booksBalance();
  });

  test('two hundred buyers of the last hundred pieces: a hundred get one, and nobody is sold what is not there', async () => {
    const buyers = await Promise.all(Array.from({ length: 20 }, () => register(system.client)));
    const { available } = await stockOf('PROD-001');
    expect(available).toBe(100);
    const one = [{ productId: 'PROD-001', quantity: 1 }];
    const answers = await Promise.all(Array.from({ length: 200 }, (_, at) => place(buyers[at % 20]!.client, one)));
    expect(answers.filter(({ errors }) => errors !== undefined)).toEqual([]);
    const admin = await system.admin();
    // An answer may have said PENDING, where 3 s were not enough.
    const stats = await until(async () => {
      const { orderStats } = await admin.ask('{ orderStats { pending failed } }');
      return orderStats.pending === 0 && orderStats;
    });
    expect(stats.failed).toBe(100);
    const orders = await Promise.all(
      answers.map(async ({ data }) => {
        const { id } = data.placeOrder.order;
        return (await admin.ask('query ($id: ID!) { order(id: $id) { status failure { code } } }', { id })).order;
      }),
    );
    expect(orders.filter(({ status }) => status === 'CONFIRMED')).toHaveLength(100);
    expect(orders.filter(({ failure }) => failure?.code === 'OUT_OF_STOCK')).toHaveLength(100);
    expect(await stockOf('PROD-001')).toMatchObject({ available: 0, held: 0 });
    await booksBalance();
  });

  test('a cancelled order gives its stock back, and refuses to be cancelled again', async () => {
    const { client } = await register(system.client);
    const before = await stockOf('PROD-003');
    const { data } = await place(client, [{ productId: 'PROD-003', quantity: 2 }]);
    const { id } = data.placeOrder.order;
    const key = randomUUID();
    const first = await client.ask(CANCEL, { id, key });
    expect(first.cancelOrder).toMatchObject({ order: { id, status: 'CANCELLED' }, replayed: false, userErrors: [] });
    const again = await client.ask(CANCEL, { id, key });
    expect(again.cancelOrder).toEqual({ ...first.cancelOrder, replayed: true });
    const another = await client.ask(CANCEL, { id, key: randomUUID() });
    expect(another.cancelOrder).toMatchObject({ order: null, userErrors: [{ code: 'ORDER_NOT_CANCELLABLE' }] });
    expect(await stockOf('PROD-003')).toMatchObject({ available: before.available, held: before.held });
    await booksBalance();
  });

  test.each([
    { items: [], field: 'items' },
    { items: [{ productId: 'PROD-002', quantity: 0 }], field: 'items.0.quantity' },
    { items: [{ productId: 'PROD-002', quantity: 1_001 }], field: 'items.0.quantity' },
    { items: [{ productId: 'PROD-002', quantity: -1 }], field: 'items.0.quantity' },
    {
      items: [
        { productId: 'PROD-002', quantity: 1 },
        { productId: 'PROD-002', quantity: 1 },
      ],
      field: 'items.1.productId',
    },
  ])('an order of $items is refused, and changes nothing', async ({ items, field }) => {
    const { client } = await register(system.client);
    const before = await stockOf('PROD-002');
    const { data, errors } = await place(client, items);
    expect(data).toEqual({ placeOrder: null });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field } }]);
    expect(await stockOf('PROD-002')).toEqual(before);
    expect((await client.ask('{ orders { edges { node { id } } } }')).orders.edges).toEqual([]);
  });

  test('an order of an unknown product fails with its code', async () => {
    const { client } = await register(system.client);
    const { data } = await place(client, [{ productId: 'PROD-999', quantity: 1 }]);
    expect(data.placeOrder).toMatchObject({
      order: { status: 'FAILED', failure: { code: 'PRODUCT_NOT_FOUND' } },
      userErrors: [{ code: 'PRODUCT_NOT_FOUND' }],
    });
  });

  test('a customer reaches no order of another', async () => {
    const owner = await register(system.client);
    const other = await register(system.client);
    const key = randomUUID();
    const { data } = await place(owner.client, [{ productId: 'PROD-005', quantity: 1 }], key);
    const { id } = data.placeOrder.order;
    const foreign = await other.client.ask(
      'query ($id: ID!, $key: ID!, $user: ID!) { order(id: $id) { id } orderByIdempotencyKey(key: $key) { id } orders { edges { node { id } } } user(id: $user) { orders { edges { node { id } } } } }',
      { id, key, user: owner.id },
    );
    expect(foreign).toEqual({ order: null, orderByIdempotencyKey: null, orders: { edges: [] }, user: null });
    const cancelled = await other.client.ask(CANCEL, { id, key: randomUUID() });
    expect(cancelled.cancelOrder).toMatchObject({ order: null, userErrors: [{ code: 'ORDER_NOT_FOUND' }] });
    const own = await owner.client.ask(
      'query ($key: ID!) { orderByIdempotencyKey(key: $key) { id } me { orders { edges { node { id createdAt user { id } syncState { target state } } } } } }',
      { key },
    );
    expect(own).toMatchObject({
      orderByIdempotencyKey: { id },
      me: {
        orders: {
          edges: [
            { node: { id, createdAt: expect.any(String), user: { id: owner.id }, syncState: [{ target: 'oracle' }] } },
          ],
        },
      },
    });
  });

  test('a change of an order is pushed to its owner, with the fields of other subgraphs', async () => {
    const { client } = await register(system.client);
    await using stream = client.subscribe(
      'subscription { orderChanged { id status user { name } items { product { name } } } }',
    );
    const answer = await actUntil(stream.next(), () => place(client, [{ productId: 'PROD-005', quantity: 1 }]));
    expect(answer).toMatchObject({
      data: {
        orderChanged: {
          status: 'PENDING',
          user: { name: 'Ada Lovelace' },
          items: [{ product: { name: 'Mechanical Keyboard' } }],
        },
      },
    });
  });

  test('an id in capitals is the same id, for queries and subscriptions', async () => {
    const { client } = await register(system.client);
    const { data } = await place(client, [{ productId: 'PROD-005', quantity: 1 }]);
    const { id } = data.placeOrder.order;
    const variables = { id: id.toUpperCase(), after: encodeCursor('order', 0) };
    expect(await client.ask('query ($id: ID!) { order(id: $id) { id } }', variables)).toEqual({ order: { id } });
    await using stream = client.subscribe(
      'subscription ($id: ID!, $after: String) { orderChanged(id: $id, after: $after) { id } }',
      variables,
    );
    expect(await stream.next()).toMatchObject({ data: { orderChanged: { id } } });
  });

  test('a suspended customer may not order', async () => {
    const customer = await register(system.client);
    const admin = await system.admin();
    await admin.ask(
      'mutation ($id: ID!, $key: ID!) { setUserStatus(input: { id: $id, status: SUSPENDED }, idempotencyKey: $key) { userErrors { code } } }',
      {
        id: customer.id,
        key: randomUUID(),
      },
    );
    // The order service hears of it by an event.
    const refusal = await until(async () => {
      const { data } = await place(customer.client, [{ productId: 'PROD-005', quantity: 1 }]);
      return data.placeOrder.order === null && data.placeOrder;
    });
    expect(refusal.userErrors).toMatchObject([{ code: 'ACCOUNT_SUSPENDED' }]);
  });

  test('orders and products reach the system of record', async () => {
    const admin = await system.admin();
    const synced = await until(async () => {
      const { syncPipelines } = await admin.ask(
        '{ syncPipelines { id target status lag { records } counts { committed applied superseded inFlight deadLettered } } }',
      );
      const ofOracle = syncPipelines.filter(({ target }: { target: string }) => target === 'oracle');
      return ofOracle.every(({ lag }: { lag: { records: number } | null }) => lag?.records === 0) && ofOracle;
    });
    expect(synced.map(({ id, status }: { id: string; status: string }) => [id, status])).toEqual([
      ['users-to-oracle', 'RUNNING'],
      ['orders-to-oracle', 'RUNNING'],
      ['products-to-oracle', 'RUNNING'],
    ]);
    for (const { counts } of synced) {
      expect(counts.committed).toBe(counts.applied + counts.superseded);
      expect(counts).toMatchObject({ inFlight: 0, deadLettered: 0 });
    }
  });
});
