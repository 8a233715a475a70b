import { and, asc, eq, lte, sql } from 'drizzle-orm';
import type { Queryable, Transaction } from '#shared/store/postgres.ts';
import type { Reservation } from '../domain/reservation.ts';
import type { Operation } from '../domain/operation.ts';
import { inventoryOperations, reservations } from './tables.ts';

/** Reservations with the database's clock, read while they are locked: expiry is decided by one clock. */
export interface LockedReservations {
  readonly reservations: ReadonlyMap<string, Reservation>;
  /** What each order has reserved. */
  readonly lines: ReadonlyMap<string, readonly Operation[]>;
  readonly now: Date;
}

/**
 * Locks orders' reservations, also against being made: an unknown order stays unknown to others until the transaction ends. In an order that
 * all transactions share. Sent in one go: the later statements see what was committed before the locks were had.
 */
export async function lockReservations(tx: Transaction, orderIds: readonly string[]): Promise<LockedReservations> {
  const ids = sql`jsonb_array_elements_text(${JSON.stringify(orderIds)}::jsonb) AS ids(id)`;
  const [, rows, lines, [clock]] = await Promise.all([
    tx.execute(sql`
      SELECT pg_advisory_xact_lock(hash) FROM (SELECT hashtextextended(id, 0) AS hash FROM ${ids} ORDER BY hash) AS locks`),
    tx
      .select()
      .from(reservations)
      .where(sql`${reservations.orderId} IN (SELECT id::uuid FROM ${ids})`)
      .orderBy(asc(reservations.orderId))
      .for('update'),
    tx
      .select()
      .from(inventoryOperations)
      .where(
        and(
          sql`${inventoryOperations.orderId} IN (SELECT id::uuid FROM ${ids})`,
          eq(inventoryOperations.type, 'RESERVE'),
        ),
      ),
    tx.execute<{ now: string }>(sql`SELECT clock_timestamp() AS now`),
  ]);
  return {
    reservations: new Map(rows.map(({ orderId, ...reservation }) => [orderId, reservation])),
    lines: Map.groupBy(lines, (line) => line.orderId ?? ''),
    now: new Date(clock?.now ?? Date.now()),
  };
}

/** An order's reservation with its lines. */
export async function findReservation(
  db: Queryable,
  orderId: string,
): Promise<{ readonly reservation: Reservation; readonly lines: readonly Operation[] } | undefined> {
  const rows = await db
    .select({ reservation: reservations, line: inventoryOperations })
    .from(reservations)
    .leftJoin(
      inventoryOperations,
      and(eq(inventoryOperations.orderId, reservations.orderId), eq(inventoryOperations.type, 'RESERVE')),
    )
    .where(eq(reservations.orderId, orderId));
  const [first] = rows;
  return first && { reservation: first.reservation, lines: rows.flatMap(({ line }) => line ?? []) };
}

/** Makes orders' reservations or moves them to another state. */
export async function saveReservations(tx: Transaction, changed: ReadonlyMap<string, Reservation>): Promise<void> {
  if (changed.size === 0) return;
  const rows = [...changed].map(([id, { state, expiresAt }]) => ({ id, state, expires_at: expiresAt.toISOString() }));
  await tx.execute(sql`
    INSERT INTO reservations (order_id, state, expires_at, created_at)
    SELECT id, state, expires_at, clock_timestamp()
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS new (id uuid, state text, expires_at timestamptz)
    ON CONFLICT (order_id) DO UPDATE SET state = excluded.state`);
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
