import { unreachable } from '#shared/invariant.ts';
import type { StockMove } from './product.ts';

/**
 * What an order holds of the stock, in two phases (as TigerBeetle's pending transfers).
 *
 * ```mermaid
 * stateDiagram-v2
 *   [*] --> HELD: RESERVE
 *   [*] --> RELEASED: RELEASE of an unknown order, so that a late RESERVE is refused
 *   HELD --> CONFIRMED: CONFIRM, before it expires
 *   HELD --> RELEASED: RELEASE
 *   HELD --> EXPIRED: EXPIRE, after its time
 *   CONFIRMED --> RETURNED: RETURN
 * ```
 */
export const RESERVATION_STATES = ['HELD', 'CONFIRMED', 'RELEASED', 'EXPIRED', 'RETURNED'] as const;
export type ReservationState = (typeof RESERVATION_STATES)[number];

export const RESERVATION_STEPS = ['RESERVE', 'CONFIRM', 'RELEASE', 'EXPIRE', 'RETURN'] as const;
export type ReservationStep = (typeof RESERVATION_STEPS)[number];

/** Everything that is written in the audit trail. */
export const OPERATION_TYPES = [...RESERVATION_STEPS, 'ADJUST'] as const;
export type OperationType = (typeof OPERATION_TYPES)[number];

export interface Reservation {
  readonly state: ReservationState;
  readonly expiresAt: Date;
}

/** What a step comes to: it happens, it has happened already, or it is refused with what came first. */
export type StepDecision =
  | { readonly kind: 'DO'; readonly state: ReservationState }
  | { readonly kind: 'DONE'; readonly state: ReservationState }
  /** Without a state nothing is known of the order. */
  | { readonly kind: 'REFUSED'; readonly state: ReservationState | undefined };

/** Decides a step on a reservation that is locked, `now` being the database's clock under that lock; `undefined` is an order never heard of. */
export function decideStep(
  step: Exclude<ReservationStep, 'RESERVE'>,
  reservation: Reservation | undefined,
  now: Date,
): StepDecision {
  const state = reservation?.state;
  switch (step) {
    case 'CONFIRM':
      if (state === 'CONFIRMED' || state === 'RETURNED') return { kind: 'DONE', state };
      if (state !== 'HELD' || reservation === undefined) return { kind: 'REFUSED', state };
      return reservation.expiresAt > now ? { kind: 'DO', state: 'CONFIRMED' } : { kind: 'REFUSED', state: 'EXPIRED' };
    case 'RELEASE':
      if (state === undefined || state === 'HELD') return { kind: 'DO', state: 'RELEASED' };
      return state === 'RELEASED' || state === 'EXPIRED' ? { kind: 'DONE', state } : { kind: 'REFUSED', state };
    case 'EXPIRE':
      if (state === 'HELD' && reservation !== undefined && reservation.expiresAt <= now)
        return { kind: 'DO', state: 'EXPIRED' };
      return state === 'EXPIRED' ? { kind: 'DONE', state } : { kind: 'REFUSED', state };
    case 'RETURN':
      if (state === 'CONFIRMED') return { kind: 'DO', state: 'RETURNED' };
      return state === 'RETURNED' ? { kind: 'DONE', state } : { kind: 'REFUSED', state };
    default:
      return unreachable(step);
  }
}

/** Why a step is refused, for people. */
export function sentenceOf(state: ReservationState | undefined): string {
  return state === undefined ? 'Nothing is reserved for the order.' : `The reservation is ${state.toLowerCase()}.`;
}

/** What a step of `quantity` pieces moves. */
export function moveOf(step: ReservationStep, quantity: number): StockMove {
  switch (step) {
    case 'RESERVE':
      return { available: -quantity, held: quantity };
    case 'CONFIRM':
      return { available: 0, held: -quantity };
    case 'RELEASE':
    case 'EXPIRE':
      return { available: quantity, held: -quantity };
    case 'RETURN':
      return { available: quantity, held: 0 };
    default:
      return unreachable(step);
  }
}
