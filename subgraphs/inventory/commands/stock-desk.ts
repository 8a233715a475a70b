import type { Trace } from '#shared/cloud-event.ts';
import { traceOf, type Caller } from '#shared/command.ts';
import { appendEvents } from '#shared/events/outbox.ts';
import { Refusal, type Outcome } from '#shared/refusal.ts';
import type { Answer, Call, Idempotency, Ticket } from '#shared/store/idempotency.ts';
import { isUnreachable, type Database, type Transaction } from '#shared/store/postgres.ts';
import { stockChange } from '../domain/stock-events.ts';
import { takeSteps, type InventoryErrorCode, type StepOutcome, type StockStep } from '../domain/stock-steps.ts';
import { firstProductOf, recordOperations } from '../store/operations.ts';
import { lockProducts, saveProducts } from '../store/products.ts';
import { lockReservations, saveReservations } from '../store/reservations.ts';
import { Lanes } from './lanes.ts';

/** What is frozen with the key: whose reservation. Its state is read live. */
export interface ReservationOutcome {
  readonly orderId: string;
}

export type ReservationAnswer = Answer<ReservationOutcome, InventoryErrorCode>;

interface Request {
  readonly ticket: Ticket;
  readonly step: StockStep;
  readonly trace: Trace;
}

/** One transaction's worth: beyond this a batch gains little, and those who wait for it lose. */
const MOST_TOGETHER = 100;
/** A twin in another process takes some milliseconds; whoever waits longer for one waits alone, and keeps nobody from the product. */
const KEY_WAIT_MS = 100;

/**
 * Takes the steps of reservations. Those that want the same product at the same time share a transaction: throughput on one row is one over
 * the time that its lock is held, and every transaction holds it for some round trips and a commit.
 */
export class StockDesk {
  readonly #idempotency: Idempotency;
  readonly #db: Database;
  readonly #lanes: Lanes<Request, ReservationAnswer | undefined>;

  constructor({ db, idempotency }: { readonly db: Database; readonly idempotency: Idempotency }) {
    this.#db = db;
    this.#idempotency = idempotency;
    this.#lanes = new Lanes({
      work: (requests) => this.#carryOut(requests, KEY_WAIT_MS),
      workAlone: async (request) => (await this.#carryOut([request]))[0],
      most: MOST_TOGETHER,
      isWorthAlone: (error, together) => isHeldUp(error) || (together > 1 && !isUnreachable(error)),
    });
  }

  /** Takes a step once for its call. */
  take(call: Call, step: StockStep, by: Caller): Promise<ReservationAnswer> {
    return this.#idempotency.onceAmong<ReservationOutcome, InventoryErrorCode>(call, async (ticket) =>
      this.#lanes.ask(await this.#laneOf(step), { ticket, step, trace: traceOf(by) }),
    );
  }

  /** Only a guess at who will wait for whom: the locks decide, whichever lane a step takes. */
  async #laneOf(step: StockStep): Promise<string> {
    if (step.step !== 'RESERVE') return (await firstProductOf(this.#db, step.orderId)) ?? step.orderId;
    return step.items.map(({ productId }) => productId).toSorted()[0] ?? step.orderId;
  }

  #carryOut(requests: readonly Request[], keyWaitMs?: number): Promise<(ReservationAnswer | undefined)[]> {
    const tickets = requests.map(({ ticket }) => ticket);
    const effect = async (tx: Transaction, fresh: readonly number[]): Promise<Frozen[]> => {
      const chosen = requests.filter((_, at) => fresh.includes(at));
      const [first] = chosen;
      const trace = chosen.length === 1 && first !== undefined ? first.trace : {};
      const steps = chosen.map(({ step }) => step);
      const outcomes = await applySteps(tx, steps, trace);
      return outcomes.map((outcome, at) => frozen(outcome, steps[at]?.orderId ?? ''));
    };
    return this.#idempotency.together(tickets, effect, keyWaitMs);
  }
}

/** Is another process at work on one of the keys? */
function isHeldUp(error: unknown): boolean {
  return error instanceof Refusal && error.code === 'IDEMPOTENCY_IN_PROGRESS';
}

type Frozen = Outcome<ReservationOutcome, InventoryErrorCode>;

function frozen(outcome: StepOutcome, orderId: string): Frozen {
  return outcome.data === undefined ? outcome : { data: { orderId } };
}

/**
 * Takes steps: states, stock, audit trail and events change together. Locks are taken as by everybody: keys, then reservations, then
 * products, each kind in its order. An event of several requests carries the trace of none.
 */
export async function applySteps(
  tx: Transaction,
  steps: readonly StockStep[],
  trace: Trace = {},
): Promise<readonly StepOutcome[]> {
  const locked = await lockReservations(tx, [...new Set(steps.map(({ orderId }) => orderId))]);
  const lines = [...locked.lines.values(), ...steps.map((step) => (step.step === 'RESERVE' ? step.items : []))].flat();
  const wanted = [...new Set(lines.map(({ productId }) => productId))];
  const products = new Map((await lockProducts(tx, wanted)).map((product) => [product.id, product]));
  const effects = takeSteps(steps, { ...locked, products });
  await Promise.all([
    saveReservations(tx, effects.reservations),
    recordOperations(tx, effects.operations),
    saveProducts(tx, effects.products),
    appendEvents(
      tx,
      effects.products.map((product) => ({ ...stockChange(product), ...trace })),
    ),
  ]);
  return effects.outcomes;
}
