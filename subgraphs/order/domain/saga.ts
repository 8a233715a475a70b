import { unreachable } from '#shared/invariant.ts';
import type { OrderErrorCode, OrderStep } from './order.ts';

/** What inventory says of an order's reservation, after a step that was carried out, repeated or refused. */
export interface InventoryAnswer {
  /** Null when nothing is known of the order. */
  readonly reservation: {
    readonly state: 'HELD' | 'CONFIRMED' | 'RELEASED' | 'EXPIRED' | 'RETURNED';
    readonly lines: readonly { readonly productId: string; readonly unitPrice: { readonly amount: number } }[];
  } | null;
  /** Why the step was refused; null when it was not. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
}

/** What the saga does next: ask inventory to confirm, or take a step of the order. */
export type SagaDecision = { readonly kind: 'ASK_TO_CONFIRM' } | OrderStep;

/** Refusals that say the order can never be fulfilled. */
const FINAL_REFUSALS: ReadonlySet<string> = new Set<OrderErrorCode>(['OUT_OF_STOCK', 'PRODUCT_NOT_FOUND']);

/**
 * Decides a pending order by inventory's answer to `reserve` or `confirm`; both tell the reservation's present state, so the decision does
 * not depend on which of them was asked, or how often.
 */
export function decideOrder({ reservation, refusal }: InventoryAnswer): SagaDecision {
  if (refusal !== null && FINAL_REFUSALS.has(refusal.code)) {
    return { kind: 'FAIL', failure: { code: refusal.code as OrderErrorCode, message: refusal.message } };
  }
  switch (reservation?.state) {
    case 'HELD':
      return refusal === null ? { kind: 'ASK_TO_CONFIRM' } : EXPIRED;
    case 'CONFIRMED':
      return {
        kind: 'CONFIRM',
        prices: new Map(reservation.lines.map((line) => [line.productId, line.unitPrice.amount])),
      };
    case 'RELEASED':
    case 'EXPIRED':
    case 'RETURNED':
    case undefined:
      return EXPIRED;
    default:
      return unreachable(reservation as never);
  }
}

const EXPIRED: OrderStep = {
  kind: 'FAIL',
  failure: { code: 'RESERVATION_EXPIRED', message: 'The stock could not be held long enough; please order again.' },
};
