import { unreachable } from '#shared/invariant.ts';

/**
 * An order, from its placing to its end.
 *
 * ```mermaid
 * stateDiagram-v2
 *   [*] --> PENDING: placed
 *   PENDING --> CONFIRMED: inventory has confirmed all lines
 *   PENDING --> FAILED: inventory has refused, or the hold is gone
 *   CONFIRMED --> CANCELLING: cancelled
 *   CANCELLING --> CANCELLED: inventory has the stock back
 * ```
 */
export const ORDER_STATUSES = ['PENDING', 'CONFIRMED', 'FAILED', 'CANCELLING', 'CANCELLED'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

export const ORDER_ERROR_CODES = [
  'PRODUCT_NOT_FOUND',
  'OUT_OF_STOCK',
  'RESERVATION_EXPIRED',
  'ORDER_NOT_FOUND',
  'ORDER_PENDING',
  'ORDER_NOT_CANCELLABLE',
  'ACCOUNT_SUSPENDED',
] as const;
export type OrderErrorCode = (typeof ORDER_ERROR_CODES)[number];

export interface OrderLine {
  readonly productId: string;
  readonly quantity: number;
  /** Minor units; null until confirmed. */
  readonly unitPrice: number | null;
}

/** A line with the currency of its order. */
export interface PricedLine extends OrderLine {
  readonly currency: string;
}

/** Why an order failed. */
export interface OrderFailure {
  readonly code: OrderErrorCode;
  readonly message: string;
}

export interface Order {
  /** UUIDv7. */
  readonly id: string;
  readonly userId: string;
  readonly lines: readonly OrderLine[];
  readonly status: OrderStatus;
  readonly failure: OrderFailure | null;
  readonly currency: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const CURRENCY = 'USD';

export interface Placing {
  readonly id: string;
  readonly userId: string;
  readonly items: readonly Pick<OrderLine, 'productId' | 'quantity'>[];
  readonly at: Date;
}

/** A new order: what inventory says of it is not known yet. */
export function placed({ id, userId, items, at }: Placing): Order {
  const lines = items.map((item) => ({ ...item, unitPrice: null }));
  return {
    id,
    userId,
    lines,
    status: 'PENDING',
    failure: null,
    currency: CURRENCY,
    version: 1,
    createdAt: at,
    updatedAt: at,
  };
}

/** What has happened to an order. */
export type OrderStep =
  | { readonly kind: 'CONFIRM'; readonly prices: ReadonlyMap<string, number> }
  | { readonly kind: 'FAIL'; readonly failure: OrderFailure }
  | { readonly kind: 'CANCEL' }
  | { readonly kind: 'RETURNED' };

/** Where each step starts. */
export const STARTS_FROM: Readonly<Record<OrderStep['kind'], OrderStatus>> = {
  CONFIRM: 'PENDING',
  FAIL: 'PENDING',
  CANCEL: 'CONFIRMED',
  RETURNED: 'CANCELLING',
};

/** The order after a step, or undefined when it is not where the step starts: then nothing is written and nothing told. */
export function advanced(order: Order, step: OrderStep, at: Date): Order | undefined {
  if (order.status !== STARTS_FROM[step.kind]) return undefined;
  const next = { ...order, version: order.version + 1, updatedAt: at };
  switch (step.kind) {
    case 'CONFIRM':
      return {
        ...next,
        status: 'CONFIRMED',
        lines: order.lines.map((line) => ({ ...line, unitPrice: step.prices.get(line.productId) ?? null })),
      };
    case 'FAIL':
      return { ...next, status: 'FAILED', failure: step.failure };
    case 'CANCEL':
      return { ...next, status: 'CANCELLING' };
    case 'RETURNED':
      return { ...next, status: 'CANCELLED' };
    default:
      return unreachable(step);
  }
}

/** Is it decided, so that nothing more happens by itself? */
export function isDecided({ status }: Pick<Order, 'status'>): boolean {
  return status === 'CONFIRMED' || status === 'FAILED' || status === 'CANCELLED';
}

/** In minor units; null until all prices are known. */
export function totalOf({ lines }: Pick<Order, 'lines'>): number | null {
  let total = 0;
  for (const { unitPrice, quantity } of lines) {
    if (unitPrice === null) return null;
    total += unitPrice * quantity;
  }
  return total;
}

const SENTENCES: Readonly<Record<OrderStatus, string>> = {
  PENDING: 'We have your order and are checking the stock. It completes by itself; there is nothing to do.',
  CONFIRMED: 'Your order is confirmed.',
  FAILED: 'Your order could not be fulfilled.',
  CANCELLING: 'Your cancellation is under way.',
  CANCELLED: 'Your order is cancelled.',
};

/** What to tell a person about the order. */
export function sentenceOf({ status, failure }: Pick<Order, 'status' | 'failure'>): string {
  return failure === null ? SENTENCES[status] : `${SENTENCES[status]} ${failure.message}`;
}
