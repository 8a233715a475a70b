import { and, asc, count, gt, isNull, lte, min, or, sql } from 'drizzle-orm';
import { bigint, bigserial, index, jsonb, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { v7 } from 'uuid';
import { readState } from '../store/service-state.ts';
import type { Database, Queryable, Transaction } from '../store/postgres.ts';
import { revisionOf, type CloudEvent, type PositionedEvent, type Trace } from '../cloud-event.ts';

/**
 * Events waiting to be told, written in the transaction of the change. `seq` is drawn while the record's row is locked; it orders a
 * record's events but says nothing about commit order. `position`, given by the stamper after commit, is the only cursor.
 */
export const outbox = pgTable(
  'outbox',
  {
    seq: bigserial({ mode: 'number' }).primaryKey(),
    position: bigint({ mode: 'number' }),
    eventId: uuid('event_id').notNull(),
    type: text().notNull(),
    subject: text().notNull(),
    revision: bigint({ mode: 'number' }).notNull(),
    ownerId: text('owner_id'),
    data: jsonb().notNull(),
    correlationId: text('correlation_id'),
    traceparent: text(),
    occurredAt: timestamp('occurred_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    uniqueIndex('outbox_position').on(table.position),
    uniqueIndex('outbox_event').on(table.eventId),
    index('outbox_unstamped')
      .on(table.seq)
      .where(sql`${table.position} IS NULL`),
  ],
);

/** A change of a record, as a command tells it. */
export interface Change extends Trace {
  readonly type: string;
  readonly subject: string;
  /** The record's version, which the change has just raised. */
  readonly version: number;
  readonly ownerId?: string;
  /** The whole record as it now stands, plain JSON. */
  readonly data: unknown;
  readonly occurredAt: Date;
  /** UUIDv7. Given where the same event may be appended again, which then changes nothing; else made here. */
  readonly eventId?: string;
}

/** Appends changes' events in their transaction, after the records' rows were written. Once per record and transaction. */
export async function appendEvents(tx: Transaction, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  const epoch = await readState(tx, 'epoch');
  await tx
    .insert(outbox)
    .values(
      changes.map(({ version, eventId = v7(), ...change }) => ({
        ...change,
        eventId,
        revision: revisionOf(epoch, version),
      })),
    )
    .onConflictDoNothing({ target: outbox.eventId });
}

/** The stamped events after a position, in order. */
export async function eventsAfter(
  db: Queryable,
  page: { source: string; after: number; limit: number; upTo?: number },
): Promise<PositionedEvent[]> {
  const rows = await db
    .select()
    .from(outbox)
    .where(and(gt(outbox.position, page.after), page.upTo === undefined ? undefined : lte(outbox.position, page.upTo)))
    .orderBy(asc(outbox.position))
    .limit(page.limit);
  return rows.map((row) => ({ position: row.position ?? 0, event: toEvent(page.source, row) }));
}

function toEvent(source: string, row: typeof outbox.$inferSelect): CloudEvent {
  return {
    specversion: '1.0',
    id: row.eventId,
    source,
    type: row.type,
    subject: row.subject,
    time: row.occurredAt.toISOString(),
    datacontenttype: 'application/json',
    data: row.data,
    revision: String(row.revision),
    ...(row.ownerId !== null && { ownerid: row.ownerId }),
    ...(row.correlationId !== null && { correlationid: row.correlationId }),
    ...(row.traceparent !== null && { traceparent: row.traceparent }),
  };
}

/** How far a source's log has come, and what of it lies beyond a position. */
export interface OutboxStatus {
  /** The last stamped position; 0 when there is none. */
  readonly position: number;
  /** The last position that the bus has acknowledged. */
  readonly relayed: number;
  /** Committed events beyond the position asked about, unstamped ones included. */
  readonly beyond: number;
  /** When the oldest of them occurred; null when there are none. */
  readonly oldestBeyondAt: Date | null;
}

export async function outboxStatus(db: Database, after: number): Promise<OutboxStatus> {
  const [beyond] = await db
    .select({ events: count(), oldest: min(outbox.occurredAt) })
    .from(outbox)
    .where(or(gt(outbox.position, after), isNull(outbox.position)));
  return {
    position: await readState(db, 'stamped'),
    relayed: await readState(db, 'relayed'),
    beyond: beyond?.events ?? 0,
    oldestBeyondAt: beyond?.oldest ?? null,
  };
}

const PRUNE_BATCH = 1_000;

/** Forgets events up to `upTo` that occurred before `before`, a batch at a time; returns the new `pruned` position and how many went. */
export async function pruneOutbox(
  db: Queryable,
  limits: { upTo: number; before: Date },
): Promise<{ pruned: number; gone: number }> {
  const rows = await db.execute<{ position: string }>(sql`
    DELETE FROM outbox WHERE position = ANY(ARRAY(
      SELECT position FROM outbox WHERE position <= ${limits.upTo} AND occurred_at < ${limits.before.toISOString()}
      ORDER BY position LIMIT ${PRUNE_BATCH}))
    RETURNING position`);
  return { pruned: Math.max(0, ...rows.map((row) => Number(row.position))), gone: rows.length };
}
