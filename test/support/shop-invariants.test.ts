import { describe, expect, test } from 'vitest';
import { shopBreachesOf, type ShopCall, type ShopFacts, type ShopInvariant, type Stream } from './shop-invariants.ts';

type Answer = ShopCall['answers'][number];
type Order = ShopFacts['orders'][number];
type Operation = ShopFacts['operations'][number];

const line = { productId: 'P', quantity: 2 };
const told = (id: string, status: Order['status'], replayed = true): Answer => ({
  order: { id, status },
  replayed,
  refusals: [],
});
const placing = (id: string, ...answers: Answer[]): ShopCall => ({
  field: 'placeOrder',
  key: `place ${id}`,
  userId: 'ada',
  items: [line],
  answers,
});
const order = (id: string, status: Order['status'], version: number): Order => ({
  id,
  userId: 'ada',
  status,
  version,
  lines: [{ ...line, unitPrice: status === 'FAILED' ? null : 100 }],
});
const operation = (type: Operation['type'], orderId: string | null): Operation => ({
  ...line,
  orderId,
  type,
  unitPrice: type === 'RESERVE' ? 100 : null,
});
const event = (position: number, subject: string, version: number): Stream['outbox'][number] => ({
  position,
  subject,
  version,
});
const streamOf = (...records: [string, number][]): Stream => {
  const log = records.flatMap(([id, last]) => Array.from({ length: last }, (_, at) => event(0, id, at + 1)));
  const source = records.map(([id, version]) => ({ id, version, content: `${id} as it is` }));
  return { source, replicas: source, outbox: log, bus: log, told: log };
};

/** One order that stands, one that failed, one that was cancelled; one cancellation was refused. */
const whole: ShopFacts = {
  calls: [
    placing('a', told('a', 'PENDING', false), told('a', 'CONFIRMED')),
    placing('b', told('b', 'FAILED', false), told('b', 'FAILED')),
    placing('c', told('c', 'CONFIRMED'), told('c', 'CANCELLED')),
    { field: 'cancelOrder', key: 'cancel c', userId: 'ada', orderId: 'c', answers: [told('c', 'CANCELLING')] },
    {
      field: 'cancelOrder',
      key: 'refused',
      userId: 'ada',
      orderId: 'b',
      answers: [{ order: null, replayed: false, refusals: ['ORDER_NOT_CANCELLABLE'] }],
    },
  ],
  orders: [order('a', 'CONFIRMED', 2), order('b', 'FAILED', 2), order('c', 'CANCELLED', 4)],
  keys: [
    { field: 'placeOrder', key: 'place a', orderId: 'a' },
    { field: 'placeOrder', key: 'place b', orderId: 'b' },
    { field: 'placeOrder', key: 'place c', orderId: 'c' },
    { field: 'cancelOrder', key: 'cancel c', orderId: 'c' },
    { field: 'cancelOrder', key: 'refused', orderId: null },
  ],
  reservations: [
    { orderId: 'a', state: 'CONFIRMED', overdue: false },
    { orderId: 'c', state: 'RETURNED', overdue: false },
  ],
  operations: [
    { ...operation('ADJUST', null), quantity: 3 },
    operation('RESERVE', 'a'),
    operation('CONFIRM', 'a'),
    operation('RESERVE', 'c'),
    operation('CONFIRM', 'c'),
    operation('RETURN', 'c'),
  ],
  products: [{ id: 'P', available: 1, held: 0 }],
  streams: { orders: streamOf(['a', 2], ['b', 2], ['c', 4]), products: streamOf(['P', 6]) },
};

const changed = <Row extends object>(rows: readonly Row[], at: number, change: Partial<Row>): Row[] =>
  rows.map((row, index) => (index === at ? { ...row, ...change } : row));
const answered = (at: number, ...answers: Answer[]): Partial<ShopFacts> => ({
  calls: changed(whole.calls, at, { answers }),
});
const ordersChanged = (change: Partial<Stream>): Partial<ShopFacts> => ({
  streams: { ...whole.streams, orders: { ...whole.streams.orders, ...change } },
});
const { orders: orderStream } = whole.streams;

/** By invariant: ways to break it, each as what differs from the whole. */
const BREACHES: Readonly<Record<ShopInvariant, Readonly<Record<string, Partial<ShopFacts>>>>> = {
  'nothing is oversold': {
    'more confirmed than there was': { operations: changed(whole.operations, 0, { quantity: 1 }) },
    'orders that have more than the audit trail says': {
      orders: changed(whole.orders, 0, { lines: [{ productId: 'P', quantity: 4, unitPrice: 100 }] }),
    },
  },
  'stock is conserved': {
    'a piece too few': { products: [{ id: 'P', available: 0, held: 0 }] },
    'a piece too many': { products: [{ id: 'P', available: 2, held: 0 }] },
    'a hold of nobody': { products: [{ id: 'P', available: 0, held: 1 }] },
    'stock that came back twice': { operations: [...whole.operations, operation('RETURN', 'c')] },
  },
  'nothing acknowledged is lost': {
    'an order that is gone': { orders: whole.orders.slice(1) },
    'an order of somebody else': { orders: changed(whole.orders, 0, { userId: 'eve' }) },
    'other lines': { orders: changed(whole.orders, 1, { lines: [{ productId: 'P', quantity: 1, unitPrice: null }] }) },
    'a cancellation that was forgotten': { orders: changed(whole.orders, 2, { status: 'CONFIRMED', version: 2 }) },
  },
  'nothing exists that nobody asked for': {
    'a phantom order': { orders: [...whole.orders, order('x', 'CONFIRMED', 2)] },
    'a key that nobody used': { keys: [...whole.keys, { field: 'placeOrder', key: 'x', orderId: null }] },
    'a refused call with an effect': { keys: changed(whole.keys, 4, { orderId: 'b' }) },
    'an order that nobody cancelled': { orders: changed(whole.orders, 0, { status: 'CANCELLED', version: 4 }) },
    'a reservation of no order': {
      reservations: [...whole.reservations, { orderId: 'x', state: 'RELEASED', overdue: true }],
    },
  },
  'one effect per key and line': {
    'two keys for one order': { keys: changed(whole.keys, 1, { orderId: 'a' }) },
    'a second order of one key': { orders: [...whole.orders, order('x', 'FAILED', 2)] },
    'a line that was reserved twice': { operations: [...whole.operations, operation('RESERVE', 'a')] },
    'an order that was confirmed twice': { orders: changed(whole.orders, 0, { version: 3 }) },
  },
  'replays are stable': {
    'two first answers': answered(0, told('a', 'CONFIRMED', false), told('a', 'CONFIRMED', false)),
    'another order': answered(0, told('a', 'CONFIRMED'), told('x', 'CONFIRMED')),
    'a refusal that became a success': answered(4, ...(whole.calls[4]?.answers ?? []), told('b', 'CANCELLING')),
    'an order that is undecided again': answered(0, told('a', 'CONFIRMED'), told('a', 'PENDING')),
    'a failure that became a success': answered(1, told('b', 'FAILED'), told('b', 'CONFIRMED')),
    'a cancellation that was taken back': answered(2, told('c', 'CANCELLED'), told('c', 'CONFIRMED')),
  },
  'order and stock agree': {
    'an order that is not decided': { orders: changed(whole.orders, 0, { status: 'PENDING', version: 1 }) },
    'a cancellation that does not end': { orders: changed(whole.orders, 2, { status: 'CANCELLING', version: 3 }) },
    'a confirmed order whose stock went back': {
      reservations: changed(whole.reservations, 0, { state: 'EXPIRED' }),
    },
    'a failed order that keeps its stock': {
      operations: [...whole.operations, operation('RESERVE', 'b')],
      reservations: [...whole.reservations, { orderId: 'b', state: 'HELD', overdue: false }],
    },
    'a confirmed order without stock': { operations: whole.operations.filter(({ orderId }) => orderId !== 'a') },
    'a cancelled order whose stock did not come back': {
      operations: whole.operations.slice(0, -1),
      reservations: changed(whole.reservations, 1, { state: 'CONFIRMED' }),
    },
    'stock that is held past its time': {
      reservations: [...whole.reservations, { orderId: 'x', state: 'HELD', overdue: true }],
    },
    'a line of another quantity': { operations: changed(whole.operations, 1, { quantity: 1 }) },
    'another price': { operations: changed(whole.operations, 1, { unitPrice: 99 }) },
  },
  'copies equal the source': {
    'a stale copy': ordersChanged({ replicas: changed(orderStream.replicas, 0, { version: 1 }) }),
    'a copy of another content': ordersChanged({ replicas: changed(orderStream.replicas, 0, { content: 'x' }) }),
    'a missing copy': ordersChanged({ replicas: orderStream.replicas.slice(1) }),
    'a copy of nothing': ordersChanged({
      replicas: [...orderStream.replicas, { id: 'x', version: 1, content: 'x' }],
    }),
  },
  'records never go back': {
    'a change that was never told': ordersChanged({ outbox: orderStream.outbox.slice(1) }),
    'a change that was told twice': ordersChanged({ outbox: [...orderStream.outbox, event(9, 'a', 2)] }),
    'an event that missed the bus': ordersChanged({ bus: orderStream.bus.slice(1) }),
    'a bus out of order': ordersChanged({ bus: orderStream.bus.toReversed() }),
    'a target that went back': ordersChanged({ told: [...orderStream.told, event(9, 'a', 1), event(10, 'a', 2)] }),
    'a target that stopped': ordersChanged({ told: orderStream.told.slice(0, -1) }),
  },
};

test('a shop that is whole has no breaches', () => {
  expect(shopBreachesOf(whole)).toEqual([]);
});

test('a call that was never answered may or may not have had its effect', () => {
  expect(shopBreachesOf({ ...whole, ...answered(0) })).toEqual([]);
  const without = { keys: whole.keys.slice(0, -1), calls: changed(whole.calls, 4, { answers: [] }) };
  expect(shopBreachesOf({ ...whole, ...without })).toEqual([]);
});

describe.each(Object.entries(BREACHES))('"%s" tells', (invariant, planted) => {
  test.each(Object.entries(planted))('%s', (_, breach) => {
    expect(shopBreachesOf({ ...whole, ...breach })).toContainEqual(expect.stringMatching(`^${invariant}: `));
  });
});
