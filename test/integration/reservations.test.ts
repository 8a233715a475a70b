import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expireReservations } from '#inventory/commands/take-step.ts';
import { takeKeys } from '#shared/store/idempotency-keys.ts';
import { openPostgres, type Postgres } from '#shared/store/postgres.ts';
import type { GraphqlAnswer, TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { until } from '../support/poll.ts';
import { inventoryBooks } from '../support/stock-books.ts';
import { quietLog } from '../support/store.ts';
import { openSystem, type System } from '../support/system.ts';

const ANSWER =
  'reservation { state lines { productId quantity unitPrice { amount } } } replayed userErrors { code message }';
const STEPS = {
  reserve: 'reserveStock',
  confirm: 'confirmReservation',
  release: 'releaseReservation',
  giveBack: 'returnStock',
};
type Step = keyof typeof STEPS;

interface Line {
  readonly productId: string;
  readonly quantity: number;
}

interface StepAnswer {
  readonly reservation: { readonly state: string; readonly lines: readonly unknown[] } | null;
  readonly replayed: boolean;
  readonly userErrors: readonly { readonly code: string; readonly message: string }[];
}

const PS5 = { productId: 'PROD-001', quantity: 2 };
const HEADSET = { productId: 'PROD-004', quantity: 3 };

/** Each with the steps that come before it, what it leaves, and which later steps contradict it. */
const ENDS: readonly { steps: readonly Step[]; state: string; contradicting: readonly Step[] }[] = [
  { steps: ['confirm'], state: 'CONFIRMED', contradicting: ['release'] },
  { steps: ['release'], state: 'RELEASED', contradicting: ['confirm', 'giveBack', 'reserve'] },
  { steps: ['confirm', 'giveBack'], state: 'RETURNED', contradicting: ['release'] },
];

/** By round; see its test. */
const EXPIRES_IN_MS: Readonly<Record<number, number>> = { 0: -1, 19: 60_000 };

describeOnPostgres('a reservation', () => {
  let system: System;
  let inventory: TestClient;
  let store: Postgres;
  beforeAll(async () => {
    system = await openSystem();
    inventory = await system.asService(system.inventory.url);
    store = openPostgres({ url: system.databaseUrls.inventory, name: 'test', log: quietLog });
  });
  afterEach(async () => {
    assert.deepEqual([...(await inventoryBooks(system.databaseUrls.inventory))], []);
  });
  afterAll(async () => {
    await store[Symbol.asyncDispose]();
    await system[Symbol.asyncDispose]();
  });

  /** Takes a step under a key of its own: it is the reservation that refuses a repetition, not the key. */
  async function take(step: Step, orderId: string, items: readonly Line[] = [PS5]): Promise<StepAnswer> {
    const type = step === 'reserve' ? 'ReserveStockInput' : 'ReservationStepInput';
    const { answer } = await inventory.ask<{ answer: StepAnswer }>(
      `mutation ($input: ${type}!, $key: ID!) { answer: ${STEPS[step]}(input: $input, idempotencyKey: $key) { ${ANSWER} } }`,
      { input: step === 'reserve' ? { orderId, items } : { orderId }, key: randomUUID() },
    );
    return answer;
  }
  const stock = async (): Promise<unknown> =>
    (await inventory.ask('{ products { edges { node { id available held } } } }')).products.edges.map(
      ({ node }: { node: unknown }) => node,
    );
  const stepsOf = async (orderId: string): Promise<string[]> => {
    const rows = await store.db.execute<{ step: string }>(
      sql`SELECT operation_type AS step FROM inventory_operations WHERE order_id = ${orderId} ORDER BY id`,
    );
    return rows.map((row) => row.step);
  };
  const expiresIn = (orderId: string, ms: number): Promise<unknown> =>
    store.db.execute(
      sql`UPDATE reservations SET expires_at = clock_timestamp() + ${ms} * interval '1 millisecond' WHERE order_id = ${orderId}`,
    );
  const stateOf = async (orderId: string): Promise<string | undefined> =>
    (await inventory.ask('query ($id: ID!) { reservation(orderId: $id) { state } }', { id: orderId })).reservation
      ?.state;
  /** Sweeps until the service's own worker or this one has expired the hold. */
  const expire = (orderId: string): Promise<unknown> =>
    until(async () => {
      await expireReservations(store.db);
      return (await stateOf(orderId)) === 'EXPIRED';
    });

  test('holds its lines, at the prices of now', async () => {
    const { reservation, userErrors } = await take('reserve', randomUUID(), [PS5, HEADSET]);
    expect(userErrors).toEqual([]);
    expect(reservation?.state).toBe('HELD');
    expect(reservation?.lines).toHaveLength(2);
    expect(reservation?.lines).toEqual(
      expect.arrayContaining([
        { ...PS5, unitPrice: { amount: 49_999 } },
        { ...HEADSET, unitPrice: { amount: 12_999 } },
      ]),
    );
  });

  test.each(ENDS)('that was reserved and took $steps is $state, once', async ({ steps, state }) => {
    const orderId = randomUUID();
    const before = await stock();
    await take('reserve', orderId);
    for (const step of steps) expect((await take(step, orderId)).userErrors).toEqual([]);
    const [after, taken] = [await stock(), await stepsOf(orderId)];
    expect(taken).toHaveLength(steps.length + 1);
    expect(isDeepStrictEqual(after, before), 'the stock is back').toBe(state !== 'CONFIRMED');
    for (const step of steps) {
      expect(await take(step, orderId), 'a repeated step').toMatchObject({ reservation: { state }, userErrors: [] });
    }
    expect(await stock()).toEqual(after);
    expect(await stepsOf(orderId)).toEqual(taken);
  });

  test.each(ENDS)(
    'that is $state refuses $contradicting, and says what came first',
    async ({ steps, state, contradicting }) => {
      const orderId = randomUUID();
      await take('reserve', orderId);
      for (const step of steps) await take(step, orderId);
      const [before, taken] = [await stock(), await stepsOf(orderId)];
      for (const step of contradicting) {
        const { reservation, userErrors } = await take(step, orderId);
        expect(reservation?.state).toBe(state);
        expect(userErrors).toMatchObject([
          { code: 'RESERVATION_REFUSED', message: expect.stringContaining(state.toLowerCase()) },
        ]);
      }
      expect(await stock()).toEqual(before);
      expect(await stepsOf(orderId)).toEqual(taken);
    },
  );

  test('that is repeated holds its lines once, and answers its present state', async () => {
    const orderId = randomUUID();
    await take('reserve', orderId);
    const held = await stock();
    expect(await take('reserve', orderId)).toMatchObject({ reservation: { state: 'HELD' }, userErrors: [] });
    await take('confirm', orderId);
    expect(await take('reserve', orderId)).toMatchObject({ reservation: { state: 'CONFIRMED' }, userErrors: [] });
    expect(await stepsOf(orderId)).toEqual(['RESERVE', 'CONFIRM']);
    expect(await stock()).not.toEqual(held);
  });

  test('at fifty calls at once is made once', async () => {
    const orderId = randomUUID();
    const answers = await Promise.all(Array.from({ length: 50 }, () => take('reserve', orderId)));
    expect(
      answers.every(({ reservation, userErrors }) => reservation?.state === 'HELD' && userErrors.length === 0),
    ).toBe(true);
    expect(await stepsOf(orderId)).toEqual(['RESERVE']);
    await take('release', orderId);
  });

  test('of what everybody wants shares its transaction with others: every order has its hold, and an event tells of several', async () => {
    const versionOf = async (): Promise<number> =>
      (await inventory.ask('{ product(id: "PROD-005") { version } }')).product.version;
    const before = await versionOf();
    const orders = Array.from({ length: 100 }, () => randomUUID());
    const one = [{ productId: 'PROD-005', quantity: 1 }];
    const answers = await Promise.all(orders.map((orderId) => take('reserve', orderId, one)));
    expect(answers.filter(({ reservation }) => reservation?.state !== 'HELD')).toEqual([]);
    for (const orderId of orders) expect(await stepsOf(orderId)).toEqual(['RESERVE']);
    const raised = (await versionOf()) - before;
    expect(raised).toBeLessThan(100);
    const told = await store.db.execute(
      sql`SELECT FROM outbox WHERE subject = 'PROD-005' AND revision % 4294967296 > ${before}`,
    );
    expect(told).toHaveLength(raised);
    await Promise.all(orders.map((orderId) => take('release', orderId)));
  });

  test('whose key is held elsewhere does not keep others from the same product', async () => {
    const [heldKey, ...keys] = Array.from({ length: 20 }, () => randomUUID());
    const reserve = (key = ''): Promise<GraphqlAnswer<unknown>> =>
      inventory.send(
        'mutation ($input: ReserveStockInput!, $key: ID!) { reserveStock(input: $input, idempotencyKey: $key) { reservation { state } } }',
        { input: { orderId: randomUUID(), items: [PS5] }, key },
      );
    const holder = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const holding = store.db.transaction(async (tx) => {
      const fingerprint = Buffer.alloc(0);
      await takeKeys(tx, [{ caller: 'service:probe', field: 'reserveStock', key: heldKey ?? '', fingerprint }], 1_000);
      held.resolve();
      await holder.promise;
    });
    await held.promise;
    const settled: (string | undefined)[] = [];
    const [refused, ...answers] = await Promise.all(
      [heldKey, ...keys].map((key) => reserve(key).finally(() => settled.push(key))),
    );
    holder.resolve();
    await holding;
    expect(refused?.errors).toMatchObject([{ extensions: { code: 'IDEMPOTENCY_IN_PROGRESS' } }]);
    expect(answers.filter(({ errors }) => errors !== undefined)).toEqual([]);
    expect(settled.at(-1), 'the last to be answered').toBe(heldKey);
  });

  test('that is released before it is made is refused when it comes late', async () => {
    const orderId = randomUUID();
    const before = await stock();
    expect(await take('release', orderId)).toMatchObject({ reservation: { state: 'RELEASED' }, userErrors: [] });
    expect(await take('reserve', orderId)).toMatchObject({
      reservation: { state: 'RELEASED' },
      userErrors: [{ code: 'RESERVATION_REFUSED' }],
    });
    expect(await stock()).toEqual(before);
  });

  test.each(['confirm', 'giveBack'] as const)('that nobody made refuses to %s', async (step) => {
    const orderId = randomUUID();
    expect(await take(step, orderId)).toMatchObject({
      reservation: null,
      userErrors: [{ code: 'RESERVATION_REFUSED' }],
    });
    expect(await stateOf(orderId)).toBeUndefined();
  });

  test('whose time is over is not confirmed, and gives its stock back', async () => {
    const orderId = randomUUID();
    const before = await stock();
    await take('reserve', orderId);
    await expiresIn(orderId, -1);
    expect((await take('confirm', orderId)).userErrors).toMatchObject([
      { code: 'RESERVATION_REFUSED', message: 'The reservation is expired.' },
    ]);
    await expire(orderId);
    expect(await stock()).toEqual(before);
    expect(await stepsOf(orderId)).toEqual(['RESERVE', 'EXPIRE']);
    expect(await take('confirm', orderId)).toMatchObject({ userErrors: [{ code: 'RESERVATION_REFUSED' }] });
    expect(await take('release', orderId)).toMatchObject({ reservation: { state: 'EXPIRED' }, userErrors: [] });
    expect(await stock()).toEqual(before);
  });

  test('whose time is not over stays', async () => {
    const orderId = randomUUID();
    await take('reserve', orderId);
    await expireReservations(store.db);
    expect(await stateOf(orderId)).toBe('HELD');
    await take('release', orderId);
  });

  test('is confirmed or expires where both are tried at once, never both', async () => {
    const won: string[] = [];
    for (let round = 0; round < 20; round += 1) {
      const orderId = randomUUID();
      await take('reserve', orderId);
      // Around the time that a call takes to reach the lock; too late in the first round, and never in the last.
      await expiresIn(orderId, EXPIRES_IN_MS[round] ?? round);
      const [confirmed] = await Promise.all([
        take('confirm', orderId),
        until(async () => {
          await expireReservations(store.db);
          return (await stateOf(orderId)) !== 'HELD';
        }),
      ]);
      const state = confirmed.userErrors.length === 0 ? 'CONFIRM' : 'EXPIRE';
      expect(await stepsOf(orderId)).toEqual(['RESERVE', state]);
      won.push(state);
      if (state === 'CONFIRM') await take('giveBack', orderId);
    }
    expect(won.at(0)).toBe('EXPIRE');
    expect(won.at(-1)).toBe('CONFIRM');
  });

  test.each([
    { last: { productId: 'PROD-002', quantity: 1_000 }, code: 'OUT_OF_STOCK' },
    { last: { productId: 'PROD-999', quantity: 1 }, code: 'PRODUCT_NOT_FOUND' },
  ])('holds all lines or none: $code', async ({ last, code }) => {
    const orderId = randomUUID();
    const before = await stock();
    expect(await take('reserve', orderId, [PS5, HEADSET, last])).toMatchObject({
      reservation: null,
      userErrors: [{ code }],
    });
    expect(await stock()).toEqual(before);
    expect(await stepsOf(orderId)).toEqual([]);
  });

  test('of the same products in the opposite order waits for the other, without a deadlock', async () => {
    const lines = ['PROD-001', 'PROD-002', 'PROD-003', 'PROD-004', 'PROD-005'].map((productId) => ({
      productId,
      quantity: 1,
    }));
    const orders = Array.from({ length: 20 }, () => randomUUID());
    const before = await stock();
    const answers = await Promise.all(
      orders.map((orderId, at) => take('reserve', orderId, at % 2 === 0 ? lines : lines.toReversed())),
    );
    expect(answers.every(({ reservation }) => reservation?.state === 'HELD')).toBe(true);
    await Promise.all(orders.map((orderId) => take('release', orderId)));
    expect(await stock()).toEqual(before);
  });

  test('of what can be no product is refused by its field, and nothing is found under such an id', async () => {
    await expect(take('reserve', randomUUID(), [{ productId: 'a\0b', quantity: 1 }])).rejects.toThrow('BAD_USER_INPUT');
    expect(await inventory.ask('query ($id: ID!) { product(id: $id) { id } }', { id: 'a\0b' })).toEqual({
      product: null,
    });
  });
});
