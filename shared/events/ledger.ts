import { and, count, countDistinct, eq, getTableColumns, gt, inArray, isNull, min, sql } from 'drizzle-orm';
import { bigint, index, integer, jsonb, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { Queryable, Transaction } from '../store/postgres.ts';
import type { CloudEvent, PositionedEvent } from '../cloud-event.ts';

/** What has become of an event at a consumer. A dead letter rests until an admin has it delivered again, or discards it. */
const LEDGER_STATES = [
  'PENDING',
  'IN_FLIGHT',
  'RETRYING',
  'APPLIED',
  'SUPERSEDED',
  'DEAD_LETTERED',
  'DISCARDED',
] as const;
type LedgerState = (typeof LEDGER_STATES)[number];

/** Final: nothing waits behind such an event. */
const OVER_STATES: readonly LedgerState[] = ['APPLIED', 'SUPERSEDED', 'DISCARDED'];
/** Written into the statements, since PostgreSQL takes a partial index only for a condition that it can read. */
const OVER = sql.raw(`(${OVER_STATES.map((state) => `'${state}'`).join(', ')})`);

/** What an admin did about a dead letter. */
export interface Intervention {
  readonly action: 'REDELIVERED' | 'DISCARDED';
  /** The caller's name, as idempotency keys have it. */
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  readonly reason?: string;
}

/**
 * Every event a consumer has received, once. The bus is acknowledged when the row is committed; retries, dead letters and counts live
 * here, the same for every bus.
 */
export const eventLedger = pgTable(
  'event_ledger',
  {
    durable: text().notNull(),
    eventId: uuid('event_id').notNull(),
    source: text().notNull(),
    position: bigint({ mode: 'number' }).notNull(),
    /** Kind and id of the record: what waits behind a poisoned event. */
    record: text().notNull(),
    revision: bigint({ mode: 'number' }).notNull(),
    event: jsonb().$type<CloudEvent>().notNull(),
    state: text({ enum: LEDGER_STATES }).notNull().default('PENDING'),
    /** Claims so far; also the fence between a worker whose claim has lapsed and the next. */
    attempts: integer().notNull().default(0),
    /** Attempts that failed for a reason in the event itself; an unreachable target is none. */
    failures: integer().notNull().default(0),
    occurredAt: timestamp('occurred_at', { withTimezone: true }).notNull(),
    /** When an event is tried again, and when a claim on one in flight lapses, by the consumer's clock. A pending one is due at once. */
    dueAt: timestamp('due_at', { withTimezone: true }).notNull().defaultNow(),
    lastError: text('last_error'),
    receivedAt: timestamp('received_at', { withTimezone: true }).notNull().defaultNow(),
    settledAt: timestamp('settled_at', { withTimezone: true }),
    /** What admins did about it, oldest first. */
    interventions: jsonb().$type<readonly Intervention[]>().notNull().default([]),
  },
  (table) => [
    primaryKey({ columns: [table.durable, table.eventId] }),
    index('event_ledger_open')
      .on(table.durable, table.position)
      .where(sql`${table.settledAt} IS NULL`),
    index('event_ledger_record')
      .on(table.durable, table.record, table.position)
      .where(sql`${table.state} NOT IN ${OVER}`),
    index('event_ledger_dead_letters')
      .on(table.durable, table.settledAt, table.eventId)
      .where(sql`${table.state} = 'DEAD_LETTERED'`),
    index('event_ledger_settled').on(table.durable, table.settledAt),
  ],
);

export type LedgerEntry = typeof eventLedger.$inferSelect;

/** Kind and id of an event's record. */
export function recordOf(event: Pick<CloudEvent, 'type' | 'subject'>): string {
  return `${event.type.split('.')[0]}/${event.subject}`;
}

/** Stores events that are not there yet, and returns those. */
export async function receive(
  tx: Transaction,
  durable: string,
  events: readonly PositionedEvent[],
): Promise<LedgerEntry[]> {
  return tx
    .insert(eventLedger)
    .values(
      events.map(({ position, event }) => ({
        durable,
        position,
        event,
        eventId: event.id,
        source: event.source,
        record: recordOf(event),
        revision: Number(event.revision),
        occurredAt: new Date(event.time),
      })),
    )
    .onConflictDoNothing()
    .returning();
}

interface Claim {
  readonly durable: string;
  readonly limit: number;
  readonly now: Date;
  /** After this the claim lapses and another worker may take the events. */
  readonly until: Date;
}

/**
 * Takes due events for one attempt, oldest first, and only such as no earlier event of the same record is waiting before: behind a
 * poisoned event waits its own record, nothing else. Concurrent workers get different events. Positions of different sources say nothing
 * about each other, so a record is a source's.
 */
export async function claim(tx: Transaction, { durable, limit, now, until }: Claim): Promise<LedgerEntry[]> {
  const due = await tx.execute<{ event_id: string }>(sql`
    SELECT event_id FROM event_ledger AS entry
    WHERE durable = ${durable} AND settled_at IS NULL AND (state = 'PENDING' OR due_at <= ${now.toISOString()})
      AND NOT EXISTS (
        SELECT FROM event_ledger AS earlier
        WHERE earlier.durable = entry.durable AND earlier.source = entry.source AND earlier.record = entry.record
          AND earlier.position < entry.position AND earlier.state NOT IN ${OVER})
    ORDER BY position LIMIT ${limit} FOR UPDATE SKIP LOCKED`);
  if (due.length === 0) return [];
  const claimed = await tx
    .update(eventLedger)
    .set({ state: 'IN_FLIGHT', attempts: sql`${eventLedger.attempts} + 1`, dueAt: until })
    .where(
      and(
        eq(eventLedger.durable, durable),
        inArray(
          eventLedger.eventId,
          due.map((row) => row.event_id),
        ),
      ),
    )
    .returning();
  return claimed.sort((a, b) => a.position - b.position);
}

/** Up to which revision a record's events are taken. */
export interface UpTo {
  readonly record: string;
  readonly revision: number;
}

/**
 * Takes the open events of records up to a revision each, whatever they wait for, since somebody else has said what became of them: they
 * are to be settled in the same transaction.
 */
export async function claimUpTo(tx: Transaction, durable: string, upTo: readonly UpTo[]): Promise<LedgerEntry[]> {
  if (upTo.length === 0) return [];
  const wanted = sql`jsonb_to_recordset(${JSON.stringify(upTo)}::jsonb) AS wanted (record text, revision bigint)`;
  return tx
    .update(eventLedger)
    .set({ state: 'IN_FLIGHT', attempts: sql`${eventLedger.attempts} + 1` })
    .from(wanted)
    .where(
      and(
        eq(eventLedger.durable, durable),
        isNull(eventLedger.settledAt),
        sql`${eventLedger.record} = wanted.record`,
        sql`${eventLedger.revision} <= wanted.revision`,
      ),
    )
    .returning(getTableColumns(eventLedger));
}

/** Puts off the lapse of claims that are still worked on; one that another worker has taken over stays with that one. */
export async function renew(tx: Transaction, entries: readonly LedgerEntry[], until: Date): Promise<void> {
  const rows = entries.map(({ durable, eventId, attempts }) => ({ durable, event_id: eventId, attempts }));
  await tx.execute(sql`
    UPDATE event_ledger AS entry SET due_at = ${until.toISOString()}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS held (durable text, event_id uuid, attempts int)
    WHERE entry.durable = held.durable AND entry.event_id = held.event_id
      AND entry.state = 'IN_FLIGHT' AND entry.attempts = held.attempts`);
}

/** What became of a claimed event. */
export interface Settlement {
  readonly entry: LedgerEntry;
  readonly state: 'APPLIED' | 'SUPERSEDED' | 'RETRYING' | 'DEAD_LETTERED';
  readonly error?: string;
  /** Was the event itself at fault? */
  readonly failed?: boolean;
  /** When to try again; for `RETRYING` only. */
  readonly dueAt?: Date;
}

/**
 * Writes what became of claimed events, and returns those that were written: who has let a claim lapse, and whose event another worker
 * has taken since, writes nothing.
 */
export async function settle(tx: Transaction, settlements: readonly Settlement[], now: Date): Promise<Settlement[]> {
  if (settlements.length === 0) return [];
  const rows = settlements.map(({ entry, state, error, failed, dueAt }) => ({
    durable: entry.durable,
    event_id: entry.eventId,
    attempts: entry.attempts,
    state,
    error: error ?? null,
    failures: entry.failures + (failed === true ? 1 : 0),
    due_at: (dueAt ?? now).toISOString(),
    settled_at: state === 'RETRYING' ? null : now.toISOString(),
  }));
  const written = await tx.execute<{ event_id: string }>(sql`
    UPDATE event_ledger AS entry
    SET state = done.state, last_error = done.error, failures = done.failures, due_at = done.due_at, settled_at = done.settled_at
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS done
      (durable text, event_id uuid, attempts int, state text, error text, failures int,
       due_at timestamptz, settled_at timestamptz)
    WHERE entry.durable = done.durable AND entry.event_id = done.event_id
      AND entry.state = 'IN_FLIGHT' AND entry.attempts = done.attempts
    RETURNING entry.event_id`);
  const ids = new Set(written.map((row) => row.event_id));
  return settlements.filter(({ entry }) => ids.has(entry.eventId));
}

/** What a consumer still has to do. */
export interface Backlog {
  /** Records with an event that is still to be applied, dead letters included; what was discarded is not. */
  readonly records: number;
  /** When the oldest such event occurred; null when there is none. */
  readonly oldestAt: Date | null;
  /** When the event that has been waiting longest was received; null when there is none. */
  readonly waitingSince: Date | null;
}

export async function backlog(db: Queryable, durable: string): Promise<Backlog> {
  const [row] = await db
    .select({
      records: countDistinct(eventLedger.record),
      oldestAt: min(eventLedger.occurredAt),
      waitingSince: min(eventLedger.receivedAt),
    })
    .from(eventLedger)
    .where(and(eq(eventLedger.durable, durable), sql`${eventLedger.state} NOT IN ${OVER}`));
  return { records: row?.records ?? 0, oldestAt: row?.oldestAt ?? null, waitingSince: row?.waitingSince ?? null };
}

/** How many events were applied since. */
export async function appliedSince(db: Queryable, durable: string, since: Date): Promise<number> {
  const [row] = await db
    .select({ applied: count() })
    .from(eventLedger)
    .where(and(eq(eventLedger.durable, durable), gt(eventLedger.settledAt, since), eq(eventLedger.state, 'APPLIED')));
  return row?.applied ?? 0;
}

/** Makes waiting retries due now. */
export async function expedite(tx: Transaction, durable: string, now: Date): Promise<void> {
  await tx
    .update(eventLedger)
    .set({ dueAt: now })
    .where(and(eq(eventLedger.durable, durable), eq(eventLedger.state, 'RETRYING')));
}

const SWEEP_BATCH = 1_000;

/**
 * Forgets events that were applied or superseded before `before`, a batch at a time; returns how many. What was discarded stays: who has
 * decided so and why, and that it is not delivered again when the bus is rewound.
 */
export async function sweepLedger(db: Queryable, before: Date): Promise<number> {
  const gone = await db.execute(sql`
    DELETE FROM event_ledger WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM event_ledger WHERE settled_at < ${before.toISOString()} AND state IN ('APPLIED', 'SUPERSEDED')
      LIMIT ${SWEEP_BATCH}))`);
  return gone.count;
}
