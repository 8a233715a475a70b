import { and, asc, eq, lte, sql } from 'drizzle-orm';
import type { Queryable, Transaction } from '#shared/store/postgres.ts';
import type { Reservation } from '../domain/reservation.ts';
import { reservations } from './tables.ts';

/** A reservation with the database's clock, read while it is locked: expiry is decided by one clock. */
export interface LockedReservation {
  readonly reservation: Reservation | undefined;
  readonly now: Date;
}

/** Locks an order's reservation, also against being made: an unknown order stays unknown to others until the transaction ends. */
export async function lockReservation(tx: Transaction, orderId: string): Promise<LockedReservation> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${orderId}, 0))`);
  const [row] = await tx.select().from(reservations).where(eq(reservations.orderId, orderId)).for('update');
  const [clock] = await tx.execute<{ now: string }>(sql`SELECT clock_timestamp() AS now`);
  return { reservation: row, now: new Date(clock?.now ?? Date.now()) };
}

export async function findReservation(db: Queryable, orderId: string): Promise<Reservation | undefined> {
  const [row] = await db.select().from(reservations).where(eq(reservations.orderId, orderId));
  return row;
}

/** Makes an order's reservation or moves it to another state. */
export async function saveReservation(
  tx: Transaction,
  orderId: string,
  { state, expiresAt }: Reservation,
): Promise<void> {
  await tx
    .insert(reservations)
    .values({ orderId, state, expiresAt, createdAt: sql`clock_timestamp()` })
    .onConflictDoUpdate({ target: reservations.orderId, set: { state } });
}

/** Orders whose holds have run out, the longest ago first. */
export async function overdueOrders(db: Queryable, limit: number): Promise<string[]> {
  const rows = await db
    .select({ orderId: reservations.orderId })
    .from(reservations)
    .where(and(eq(reservations.state, 'HELD'), lte(reservations.expiresAt, sql`clock_timestamp()`)))
    .orderBy(asc(reservations.expiresAt))
    .limit(limit);
  return rows.map((row) => row.orderId);
}
