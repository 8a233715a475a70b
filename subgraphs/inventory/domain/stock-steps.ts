import { invariant } from '#shared/invariant.ts';
import { refused, type Outcome } from '#shared/refusal.ts';
import { moved, shifted, type Product } from './product.ts';
import { decideStep, moveOf, sentenceOf, type Reservation, type ReservationStep } from './reservation.ts';
import type { Line } from './stock-input.ts';

export const INVENTORY_ERROR_CODES = ['PRODUCT_NOT_FOUND', 'OUT_OF_STOCK', 'RESERVATION_REFUSED'] as const;
export type InventoryErrorCode = (typeof INVENTORY_ERROR_CODES)[number];

/** A step that an order's reservation is to take. Only RESERVE brings lines; of the others they are known. */
export type StockStep =
  | { readonly orderId: string; readonly step: 'RESERVE'; readonly items: readonly Line[] }
  | { readonly orderId: string; readonly step: Exclude<ReservationStep, 'RESERVE'> };

/** What a step is decided by, all of it locked. */
export interface Standing {
  readonly reservations: ReadonlyMap<string, Reservation>;
  /** What orders have reserved, by order. */
  readonly lines: ReadonlyMap<string, readonly Line[]>;
  readonly products: ReadonlyMap<string, Product>;
  /** The database's clock, read under the locks. */
  readonly now: Date;
}

/** A line of the audit trail. */
export interface StepOperation extends Line {
  readonly orderId: string;
  readonly type: ReservationStep;
  readonly unitPrice: number | null;
  readonly occurredAt: Date;
}

/** Whether a step was taken, had been before, or was refused. */
export type StepOutcome = Outcome<{ readonly kind: 'DO' | 'DONE' }, InventoryErrorCode>;

/** What steps come to: an outcome for each, and what they change. A product that they change has one new version, however many there are. */
export interface StepEffects {
  readonly outcomes: readonly StepOutcome[];
  readonly reservations: ReadonlyMap<string, Reservation>;
  readonly operations: readonly StepOperation[];
  readonly products: readonly Product[];
}

/** A hold outlives the 3 s that an order has by far, and gives the stock back the same quarter of an hour (CONTRACT.md). */
const HOLD_MS = 15 * 60_000;

/** Takes steps one after the other, each seeing what those before it have left. */
export function takeSteps(steps: readonly StockStep[], standing: Standing): StepEffects {
  const book = new Book(standing);
  const outcomes = steps.map((step) => (step.step === 'RESERVE' ? book.reserve(step) : book.advance(step)));
  const { reservations, operations, products } = book;
  return { outcomes, reservations, operations, products: [...products.values()] };
}

/** What has changed so far, over what stood before. */
class Book {
  readonly reservations = new Map<string, Reservation>();
  readonly products = new Map<string, Product>();
  readonly operations: StepOperation[] = [];
  readonly #standing: Standing;
  readonly #lines = new Map<string, readonly Line[]>();

  constructor(standing: Standing) {
    this.#standing = standing;
  }

  /** Holds all lines or none. A repeated call is answered with the present state; what was released before is refused. */
  reserve({ orderId, items }: StockStep & { step: 'RESERVE' }): StepOutcome {
    const reservation = this.#reservationOf(orderId);
    if (reservation?.state === 'RELEASED') {
      return refused('RESERVATION_REFUSED', 'The order has been released before.', 'orderId');
    }
    if (reservation !== undefined) return { data: { kind: 'DONE' } };
    const refusal = this.#firstShortage(items);
    if (refusal !== undefined) return refusal;
    this.reservations.set(orderId, { state: 'HELD', expiresAt: new Date(this.#standing.now.getTime() + HOLD_MS) });
    this.#lines.set(orderId, items);
    this.#move(orderId, 'RESERVE', items);
    return { data: { kind: 'DO' } };
  }

  advance({ orderId, step }: Exclude<StockStep, { step: 'RESERVE' }>): StepOutcome {
    const { now, lines } = this.#standing;
    const reservation = this.#reservationOf(orderId);
    const decision = decideStep(step, reservation, now);
    if (decision.kind === 'REFUSED') return refused('RESERVATION_REFUSED', sentenceOf(decision.state), 'orderId');
    if (decision.kind === 'DO') {
      this.reservations.set(orderId, { state: decision.state, expiresAt: reservation?.expiresAt ?? now });
      this.#move(orderId, step, this.#lines.get(orderId) ?? lines.get(orderId) ?? []);
    }
    return { data: { kind: decision.kind } };
  }

  #reservationOf(orderId: string): Reservation | undefined {
    return this.reservations.get(orderId) ?? this.#standing.reservations.get(orderId);
  }

  #productOf(id: string): Product | undefined {
    return this.products.get(id) ?? this.#standing.products.get(id);
  }

  #move(orderId: string, type: ReservationStep, lines: readonly Line[]): void {
    const { now } = this.#standing;
    for (const { productId, quantity } of lines) {
      const product = this.#productOf(productId);
      invariant(product !== undefined, 'what is reserved is a product');
      const move = moveOf(type, quantity);
      this.products.set(productId, this.products.has(productId) ? shifted(product, move) : moved(product, move, now));
      const unitPrice = type === 'RESERVE' ? product.priceAmount : null;
      this.operations.push({ orderId, productId, type, quantity, unitPrice, occurredAt: now });
    }
  }

  /** The refusal for the first line that cannot be held. */
  #firstShortage(items: readonly Line[]): StepOutcome | undefined {
    for (const [at, { productId, quantity }] of items.entries()) {
      const product = this.#productOf(productId);
      if (product === undefined) {
        return refused('PRODUCT_NOT_FOUND', `There is no product ${productId}.`, `items.${at}.productId`);
      }
      if (product.available < quantity) {
        return refused('OUT_OF_STOCK', `Of ${product.name} ${product.available} are left.`, `items.${at}.quantity`);
      }
    }
    return undefined;
  }
}
