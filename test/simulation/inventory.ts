import { refused, type Outcome } from '#shared/refusal.ts';
import type { InventoryAnswer } from '#order/domain/saga.ts';
import { stockChange } from '#inventory/domain/stock-events.ts';
import type { Product } from '#inventory/domain/product.ts';
import type { Reservation } from '#inventory/domain/reservation.ts';
import {
  takeSteps,
  type InventoryErrorCode,
  type Standing,
  type StepOperation,
  type StepOutcome,
  type StockStep,
} from '#inventory/domain/stock-steps.ts';
import type { Bus } from './bus.ts';
import { Keys } from './keys.ts';
import { Outbox } from './outbox.ts';
import type { Process } from './scheduler.ts';
import { Service } from './service.ts';
import { Table } from './table.ts';
import type { Transaction } from './transaction.ts';
import type { Task } from './task.ts';
import type { World } from './world.ts';

const EXPIRY_POLL_MS = 5_000;
/** Far beyond any hold: what a confirmation that ignores expiry sees. */
const NEVER = new Date(8.64e15);

/** The steps that callers ask for, by the mutation's field. */
const FIELD_OF = {
  RESERVE: 'reserveStock',
  CONFIRM: 'confirmReservation',
  RELEASE: 'releaseReservation',
  RETURN: 'returnStock',
} as const;

/** The inventory service: what is decided is decided by its domain; the statements around it are modelled. */
export class Inventory {
  readonly service: Service;
  readonly keys: Keys;
  readonly outbox: Outbox;
  readonly products = new Table<Product>('products');
  readonly reservations = new Table<Reservation>('reservations');
  /** UNIQUE (order_id, product_id, operation_type). */
  readonly operations = new Table<StepOperation>('inventory_operations');
  readonly #world: World;
  readonly #orders = new Table<never>('order');

  constructor(world: World, bus: Bus, products: readonly Product[]) {
    this.#world = world;
    this.service = new Service(world, 'inventory');
    this.keys = new Keys(this.service);
    this.outbox = new Outbox(this.service, bus);
    for (const product of products) {
      this.products.rows.set(product.id, product);
      this.outbox.seed(stockChange(product));
    }
    this.service.worker({ pollMs: EXPIRY_POLL_MS, runOnce: (replica) => this.#expire(replica) });
  }

  /** Carries a step out once for its key, and says how the reservation stands; mirrors `takeStep` and its resolver. */
  *take(replica: Process, step: StockStep & { step: keyof typeof FIELD_OF }, key: string): Task<InventoryAnswer> {
    const { step: kind, ...input } = step;
    const call = { caller: 'service:order', field: FIELD_OF[kind], key, args: input };
    const { outcome } = yield* this.keys.once<{ orderId: string }, InventoryErrorCode>(replica, call, (tx) =>
      this.#effect(tx, step),
    );
    this.outbox.wake(replica);
    const reservation = yield* this.service.store.read(replica, '', () => this.#view(step.orderId));
    return { reservation, refusal: outcome.userErrors?.[0] ?? null };
  }

  *#effect(tx: Transaction, step: StockStep): Task<Outcome<{ orderId: string }, InventoryErrorCode>> {
    const [outcome] = yield* this.#apply(tx, [step]);
    if (outcome === undefined) return refused('RESERVATION_REFUSED', 'There is no outcome.');
    return outcome.data === undefined ? outcome : { data: { orderId: step.orderId } };
  }

  #view(orderId: string): InventoryAnswer['reservation'] {
    const reservation = this.reservations.rows.get(orderId);
    if (reservation === undefined) return null;
    const lines = this.linesOf(orderId).map(({ productId, unitPrice }) => ({
      productId,
      unitPrice: { amount: unitPrice ?? 0 },
    }));
    return { state: reservation.state, lines };
  }

  linesOf(orderId: string, rows: Iterable<StepOperation> = this.operations.rows.values()): StepOperation[] {
    return [...rows].filter((operation) => operation.orderId === orderId && operation.type === 'RESERVE');
  }

  /** Mirrors `applySteps`: locks on orders, then reservations, then products, each in its order; one clock under the locks. */
  *#apply(tx: Transaction, steps: readonly StockStep[]): Task<readonly StepOutcome[]> {
    const orderIds = steps.map(({ orderId }) => orderId).sort();
    for (const orderId of orderIds) yield* tx.lock(this.#orders, orderId);
    yield* tx.statement();
    const now = this.#world.date();
    const lines = new Map(orderIds.map((orderId) => [orderId, this.linesOf(orderId)]));
    const wanted = steps.flatMap((step) => (step.step === 'RESERVE' ? step.items : (lines.get(step.orderId) ?? [])));
    const productIds = [...new Set(wanted.map(({ productId }) => productId))].sort();
    for (const id of productIds) yield* tx.lock(this.products, id);
    yield* tx.statement();
    const products = new Map(productIds.flatMap((id) => tx.get(this.products, id) ?? []).map((one) => [one.id, one]));
    const reservations = new Map(orderIds.flatMap((id) => this.#reservationOf(tx, id)));
    const effects = takeSteps(steps, this.#standing({ reservations, lines, products, now }, steps));
    for (const [orderId, reservation] of effects.reservations) tx.put(this.reservations, orderId, reservation);
    for (const operation of effects.operations) this.#record(tx, operation);
    for (const product of effects.products) tx.put(this.products, product.id, product);
    yield* this.outbox.append(tx, effects.products.map(stockChange));
    return effects.outcomes;
  }

  #reservationOf(tx: Transaction, orderId: string): [string, Reservation][] {
    const reservation = tx.get(this.reservations, orderId);
    return reservation === undefined ? [] : [[orderId, reservation]];
  }

  #record(tx: Transaction, operation: StepOperation): void {
    const key = `${operation.orderId}/${operation.productId}/${operation.type}`;
    const isNew = tx.get(this.operations, key) === undefined;
    this.#world.claim(isNew, 'each step of a line once', () => key);
    tx.put(this.operations, key, operation);
  }

  /** What the decision is given; the planted bugs keep from it what it would have looked at. */
  #standing(standing: Standing, [step]: readonly StockStep[]): Standing {
    const blind = (see: (reservation: Reservation) => Reservation): Standing => ({
      ...standing,
      reservations: new Map(Array.from(standing.reservations, ([id, reservation]) => [id, see(reservation)])),
    });
    if (step?.step === 'RELEASE' && this.#world.has('release-without-state-check')) {
      return blind((reservation) => ({ ...reservation, state: 'HELD' }));
    }
    if (step?.step === 'CONFIRM' && this.#world.has('confirm-ignoring-expiry')) {
      return blind((reservation) => ({ ...reservation, expiresAt: NEVER }));
    }
    return standing;
  }

  /** Mirrors `expireReservations`. */
  *#expire(replica: Process): Task<number> {
    const { store } = this.service;
    const overdue = yield* store.read(replica, '', () =>
      [...this.reservations.rows]
        .filter(([, { state, expiresAt }]) => state === 'HELD' && expiresAt <= this.#world.date())
        .map(([orderId]) => orderId),
    );
    let expired = 0;
    for (const orderId of overdue) {
      const [outcome] = yield* store.transact(replica, `expire ${orderId}`, (tx) =>
        this.#apply(tx, [{ orderId, step: 'EXPIRE' }]),
      );
      if (outcome?.data?.kind === 'DO') expired += 1;
    }
    this.outbox.wake(replica);
    return expired;
  }
}
