import { and, asc, eq, inArray, sql, type SQL } from 'drizzle-orm';
import type { PageRequest } from '../graphql/connection.ts';
import { instantSortKeys } from '../graphql/instant-sort-key.ts';
import type { Queryable, Transaction } from '../store/postgres.ts';
import { eventLedger, type Intervention, type LedgerEntry } from './ledger.ts';

/** Written out, so that PostgreSQL takes the index of dead letters. */
const IS_DEAD_LETTER = sql`${eventLedger.state} = 'DEAD_LETTERED'`;

/** The text that orders dead letters, the longest given up first. */
export const DEAD_LETTER_SORT_KEY = instantSortKeys(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/);

export function deadLetterSortKey({ settledAt, eventId }: LedgerEntry): string {
  return `${settledAt?.toISOString()}|${eventId}`;
}

/** A page of a durable's dead letters. */
export async function listDeadLetters(db: Queryable, durable: string, page: PageRequest): Promise<LedgerEntry[]> {
  const [since, eventId] = page.after?.split('|') ?? [];
  const beyond = sql`(${eventLedger.settledAt}, ${eventLedger.eventId}) > (${since}, ${eventId})`;
  return db
    .select()
    .from(eventLedger)
    .where(and(eq(eventLedger.durable, durable), IS_DEAD_LETTER, since === undefined ? undefined : beyond))
    .orderBy(asc(eventLedger.settledAt), asc(eventLedger.eventId))
    .limit(page.limit);
}

/**
 * Who does something about dead letters of a durable, and when.
 *
 * ```mermaid
 * stateDiagram-v2
 *   DEAD_LETTERED --> PENDING: redelivered
 *   DEAD_LETTERED --> DISCARDED: discarded
 * ```
 *
 * Each arrow is taken from that state only: of several who decide at once one has decided, and the others are told so.
 */
export interface Intervening {
  readonly durable: string;
  readonly by: string;
  readonly at: Date;
}

/**
 * Makes a dead letter due again, its failures counted anew, and returns it; undefined when no dead letter of the durable has this id. What
 * waits behind it goes on waiting until it is applied or discarded. Attempts are not counted anew: they tell a worker from the one before.
 */
export async function redeliver(tx: Transaction, who: Intervening, eventId: string): Promise<LedgerEntry | undefined> {
  const [entry] = await redeliverThose(tx, who, eq(eventLedger.eventId, eventId));
  return entry;
}

/** One transaction writes as many rows at most; who has more dead letters asks again. */
const MOST_REDELIVERED = 1_000;

/** As {@link redeliver}, the durable's dead letters of longest standing; returns those. */
export async function redeliverOldest(tx: Transaction, who: Intervening): Promise<LedgerEntry[]> {
  const oldest = await tx
    .select({ eventId: eventLedger.eventId })
    .from(eventLedger)
    .where(and(eq(eventLedger.durable, who.durable), IS_DEAD_LETTER))
    .orderBy(asc(eventLedger.settledAt), asc(eventLedger.eventId))
    .limit(MOST_REDELIVERED)
    .for('update');
  const ids = oldest.map(({ eventId }) => eventId);
  return ids.length === 0 ? [] : redeliverThose(tx, who, inArray(eventLedger.eventId, ids));
}

async function redeliverThose(tx: Transaction, { durable, by, at }: Intervening, those: SQL): Promise<LedgerEntry[]> {
  return tx
    .update(eventLedger)
    .set({
      state: 'PENDING',
      failures: 0,
      dueAt: at,
      settledAt: null,
      interventions: andThen({ action: 'REDELIVERED', by, at: at.toISOString() }),
    })
    .where(and(eq(eventLedger.durable, durable), IS_DEAD_LETTER, those))
    .returning();
}

/** Which dead letter is not wanted any more, and why. */
export interface Discard {
  readonly eventId: string;
  readonly reason: string;
}

/**
 * Gives a dead letter up for good, and returns it; undefined when no dead letter of the durable has this id. What waits behind it is due.
 * The row stays, so that the event is not taken anew when it comes again.
 */
export async function discard(
  tx: Transaction,
  { durable, by, at }: Intervening,
  { eventId, reason }: Discard,
): Promise<LedgerEntry | undefined> {
  const interventions = andThen({ action: 'DISCARDED', by, at: at.toISOString(), reason });
  const [entry] = await tx
    .update(eventLedger)
    .set({ state: 'DISCARDED', settledAt: at, interventions })
    .where(and(eq(eventLedger.durable, durable), IS_DEAD_LETTER, eq(eventLedger.eventId, eventId)))
    .returning();
  return entry;
}

const andThen = (intervention: Intervention): SQL =>
  sql`${eventLedger.interventions} || ${JSON.stringify([intervention])}::jsonb`;
