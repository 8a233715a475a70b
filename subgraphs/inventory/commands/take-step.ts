import { traceOf, type Caller, type CommandServices } from '#shared/command.ts';
import { appendEvents } from '#shared/events/outbox.ts';
import { callerName, requireService } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import { refused, type Outcome } from '#shared/refusal.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import { transact, type Database, type Transaction } from '#shared/store/postgres.ts';
import type { Counts } from '#shared/worker.ts';
import { moved } from '../domain/product.ts';
import { decideStep, moveOf, type ReservationStep, type StepDecision } from '../domain/reservation.ts';
import { stockChange } from '../domain/stock-events.ts';
import { stepInput } from '../domain/stock-input.ts';
import { recordOperations, reservedLines } from '../store/operations.ts';
import { lockProducts, saveProducts } from '../store/products.ts';
import { lockReservation, overdueOrders, saveReservation } from '../store/reservations.ts';
import type { InventoryErrorCode, ReservationOutcome } from './reserve-stock.ts';

type Step = Exclude<ReservationStep, 'RESERVE'>;
type Trace = Partial<ReturnType<typeof traceOf>>;

/** The mutation fields that are steps of a reservation. */
const FIELD_OF = { CONFIRM: 'confirmReservation', RELEASE: 'releaseReservation', RETURN: 'returnStock' } as const;

/**
 * Confirms, releases or returns an order's reservation, once; for services. The second of two contradicting steps is refused with
 * `RESERVATION_REFUSED`, saying what came first.
 */
export async function takeStep(
  { idempotency }: CommandServices,
  { step, input }: { readonly step: keyof typeof FIELD_OF; readonly input: unknown },
  by: Caller,
): Promise<Answer<ReservationOutcome, InventoryErrorCode>> {
  requireService(by.viewer);
  const { orderId } = checkInput(stepInput, input);
  const call = { caller: callerName(by.viewer), field: FIELD_OF[step], key: by.idempotencyKey, args: input };
  return idempotency.once<ReservationOutcome, void, InventoryErrorCode>(call, {
    prepare: () => Promise.resolve(),
    effect: async (tx) => outcomeOf(await advance(tx, { orderId, step, trace: traceOf(by) }), orderId),
  });
}

function outcomeOf({ kind, state }: StepDecision, orderId: string): Outcome<ReservationOutcome, InventoryErrorCode> {
  if (kind !== 'REFUSED') return { data: { orderId } };
  return refused('RESERVATION_REFUSED', `The reservation is ${state.toLowerCase()}.`, 'orderId');
}

/** Few enough that a sweep is short; the next one follows at once when there are more. */
const EXPIRY_BATCH = 50;

/** Gives back what orders have held past their time, each in a transaction of its own. */
export async function expireReservations(db: Database): Promise<Counts> {
  let expired = 0;
  for (const orderId of await overdueOrders(db, EXPIRY_BATCH)) {
    const { kind } = await transact(db, (tx) => advance(tx, { orderId, step: 'EXPIRE', trace: {} }));
    if (kind === 'DO') expired += 1;
  }
  return { expired };
}

/** Takes a step if the locked reservation allows it: state, stock, audit trail and events change together. */
async function advance(
  tx: Transaction,
  { orderId, step, trace }: { orderId: string; step: Step; trace: Trace },
): Promise<StepDecision> {
  const { reservation, now } = await lockReservation(tx, orderId);
  const decision = decideStep(step, reservation, now);
  if (decision.kind !== 'DO') return decision;
  await saveReservation(tx, orderId, { state: decision.state, expiresAt: reservation?.expiresAt ?? now });
  const lines = reservation === undefined ? [] : await reservedLines(tx, [orderId]);
  if (lines.length === 0) return decision;
  const quantities = new Map(lines.map(({ productId, quantity }) => [productId, quantity]));
  const changed = (await lockProducts(tx, [...quantities.keys()])).map((product) =>
    moved(product, moveOf(step, quantities.get(product.id) ?? 0), now),
  );
  const operation = lines.map(({ productId, quantity }) => ({
    orderId,
    productId,
    quantity,
    type: step,
    occurredAt: now,
  }));
  await recordOperations(tx, operation);
  await saveProducts(tx, changed);
  await appendEvents(
    tx,
    changed.map((product) => ({ ...stockChange(product), ...trace })),
  );
  return decision;
}
