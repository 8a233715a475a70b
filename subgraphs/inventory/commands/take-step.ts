import type { Caller } from '#shared/command.ts';
import { callerName, requireService } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import { transact, type Database } from '#shared/store/postgres.ts';
import type { Counts } from '#shared/worker.ts';
import { stepInput } from '../domain/stock-input.ts';
import { overdueOrders } from '../store/reservations.ts';
import { applySteps, type ReservationAnswer, type StockDesk } from './stock-desk.ts';

/** The mutation fields that are steps of a reservation. */
const FIELD_OF = { CONFIRM: 'confirmReservation', RELEASE: 'releaseReservation', RETURN: 'returnStock' } as const;

/**
 * Confirms, releases or returns an order's reservation, once; for services. The second of two contradicting steps is refused with
 * `RESERVATION_REFUSED`, saying what came first.
 */
export async function takeStep(
  desk: StockDesk,
  { step, input }: { readonly step: keyof typeof FIELD_OF; readonly input: unknown },
  by: Caller,
): Promise<ReservationAnswer> {
  requireService(by.viewer);
  const { orderId } = checkInput(stepInput, input);
  const call = { caller: callerName(by.viewer), field: FIELD_OF[step], key: by.idempotencyKey, args: input };
  return desk.take(call, { orderId, step }, by);
}

/** Few enough that a sweep is short; the next one follows at once when there are more. */
const EXPIRY_BATCH = 50;

/** Gives back what orders have held past their time, each in a transaction of its own. */
export async function expireReservations(db: Database): Promise<Counts> {
  let expired = 0;
  for (const orderId of await overdueOrders(db, EXPIRY_BATCH)) {
    const [outcome] = await transact(db, (tx) => applySteps(tx, [{ orderId, step: 'EXPIRE' }]));
    if (outcome?.data?.kind === 'DO') expired += 1;
  }
  return { expired };
}
