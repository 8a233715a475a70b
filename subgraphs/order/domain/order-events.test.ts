import fc from 'fast-check';
import { expect, test } from 'vitest';
import { orderChange, orderFromSnapshot } from './order-events.ts';
import { ORDER_ERROR_CODES, ORDER_STATUSES, type Order } from './order.ts';

const instant = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
const orders: fc.Arbitrary<Order> = fc.record({
  id: fc.uuid(),
  userId: fc.uuid(),
  lines: fc.array(
    fc.record({
      productId: fc.string(),
      quantity: fc.integer({ min: 1, max: 1_000 }),
      unitPrice: fc.option(fc.nat()),
    }),
  ),
  status: fc.constantFrom(...ORDER_STATUSES),
  failure: fc.option(fc.record({ code: fc.constantFrom(...ORDER_ERROR_CODES), message: fc.string() })),
  currency: fc.constant('USD'),
  version: fc.integer({ min: 1 }),
  createdAt: instant,
  updatedAt: instant,
});

test('an order comes out of its event as it went in', () => {
  fc.assert(
    fc.property(orders, (order) => {
      expect(orderFromSnapshot(JSON.parse(JSON.stringify(orderChange(order).data)))).toEqual(order);
    }),
  );
});

test('an event tells nothing else that is kept with an order', () => {
  const [order] = fc.sample(orders, 1) as [Order];
  const kept = { ...order, recoverAt: new Date(0), recoveries: 3 };
  expect(orderChange(kept).data).toEqual(orderChange(order).data);
});

test('an event is about its order, at its version and for its owner', () => {
  fc.assert(
    fc.property(orders, (order) => {
      expect(orderChange(order)).toMatchObject({
        subject: order.id,
        ownerId: order.userId,
        version: order.version,
        occurredAt: order.updatedAt,
      });
    }),
  );
});

test.each([
  ['PENDING', 'order.placed'],
  ['CONFIRMED', 'order.confirmed'],
  ['FAILED', 'order.failed'],
  ['CANCELLING', 'order.cancelling'],
  ['CANCELLED', 'order.cancelled'],
] as const)('%s is told as %s', (status, type) => {
  const [order] = fc.sample(orders, 1) as [Order];
  expect(orderChange({ ...order, status }).type).toBe(type);
});
