import type { Order, OrderStatus } from './order.ts';

/** What each status is told as. */
const EVENT_TYPES: Readonly<Record<OrderStatus, string>> = {
  PENDING: 'order.placed',
  CONFIRMED: 'order.confirmed',
  FAILED: 'order.failed',
  CANCELLING: 'order.cancelling',
  CANCELLED: 'order.cancelled',
};

/** An order as events carry it: the whole record, instants as RFC 3339. */
export type OrderSnapshot = Omit<Order, 'createdAt' | 'updatedAt'> & {
  readonly createdAt: string;
  readonly updatedAt: string;
};

/** What the outbox is told of an order's change. */
export interface OrderChange {
  readonly type: string;
  readonly subject: string;
  readonly ownerId: string;
  readonly version: number;
  readonly data: OrderSnapshot;
  readonly occurredAt: Date;
}

export function orderChange(order: Order): OrderChange {
  // By name: what else is kept with an order is nobody's business.
  const { id, userId, lines, status, failure, currency, version, createdAt, updatedAt } = order;
  const instants = { createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
  const data = { id, userId, lines, status, failure, currency, version, ...instants };
  return { type: EVENT_TYPES[status], subject: id, ownerId: userId, version, data, occurredAt: updatedAt };
}

/** The order an event carries, as it was at that version. */
export function orderFromSnapshot(data: unknown): Order {
  const snapshot = data as OrderSnapshot;
  return { ...snapshot, createdAt: new Date(snapshot.createdAt), updatedAt: new Date(snapshot.updatedAt) };
}
