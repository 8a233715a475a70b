import { and, eq, lt, sql } from 'drizzle-orm';
import { customType, jsonb, index, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { Outcome } from '../refusal.ts';
import { sqlState, type Queryable, type Transaction } from './postgres.ts';

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

/** One row per key that has had an effect or a business refusal: the proof that it did, and what it was answered. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    caller: text().notNull(),
    field: text().notNull(),
    key: text().notNull(),
    fingerprint: bytea().notNull(),
    /** Null only inside the transaction that writes the row. */
    outcome: jsonb().$type<Outcome<unknown>>(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.caller, table.field, table.key] }), index().on(table.createdAt)],
);

/** What a key is unique within: (caller, mutation field, key). */
export interface KeyScope {
  readonly caller: string;
  readonly field: string;
  readonly key: string;
}

export interface StoredKey {
  readonly fingerprint: Buffer;
  readonly outcome: Outcome<unknown> | null;
}

const inScope = (scope: KeyScope): ReturnType<typeof and> =>
  and(
    eq(idempotencyKeys.caller, scope.caller),
    eq(idempotencyKeys.field, scope.field),
    eq(idempotencyKeys.key, scope.key),
  );

export async function findKey(db: Queryable, scope: KeyScope): Promise<StoredKey | undefined> {
  const [row] = await db.select().from(idempotencyKeys).where(inScope(scope));
  return row;
}

/** Another transaction holds the key and did not finish in time. */
export class KeyIsHeld extends Error {
  override readonly name = 'KeyIsHeld';
}

/** A key with what tells whether a call is the one that it was first used for. */
export interface NewKey extends KeyScope {
  readonly fingerprint: Buffer;
}

/**
 * Takes keys for this transaction, in an order that all transactions share; tells of each whether it is taken now, or was for good before.
 * Waits up to `waitMs` for a transaction elsewhere that holds one, then throws {@link KeyIsHeld}. The lock timeout covers that one statement.
 */
export async function takeKeys(tx: Transaction, keys: readonly NewKey[], waitMs: number): Promise<boolean[]> {
  const rows = keys.map(({ fingerprint, ...scope }) => ({ ...scope, fingerprint: fingerprint.toString('hex') }));
  try {
    const [, taken] = await Promise.all([
      tx.execute(sql`SELECT set_config('lock_timeout', ${`${waitMs}ms`}, true)`),
      tx.execute<KeyScope & Record<string, unknown>>(sql`
        INSERT INTO idempotency_keys (caller, field, key, fingerprint)
        SELECT caller, field, key, decode(fingerprint, 'hex') FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          AS new (caller text, field text, key text, fingerprint text)
        ORDER BY caller, field, key
        ON CONFLICT DO NOTHING RETURNING caller, field, key`),
      tx.execute(sql`SET LOCAL lock_timeout TO DEFAULT`),
    ]);
    const names = new Set(taken.map(nameOf));
    return keys.map((key) => names.has(nameOf(key)));
  } catch (error) {
    if (sqlState(error) === '55P03') throw new KeyIsHeld('the key is held by a running call', { cause: error });
    throw error;
  }
}

/** One text for each scope. */
export function nameOf({ caller, field, key }: KeyScope): string {
  return JSON.stringify([caller, field, key]);
}

/** Keeps what the calls of keys that this transaction has taken came to. */
export async function storeOutcomes(
  tx: Transaction,
  outcomes: readonly (KeyScope & { readonly outcome: Outcome<unknown> })[],
): Promise<void> {
  await tx.execute(sql`
    UPDATE idempotency_keys SET outcome = new.outcome
    FROM jsonb_to_recordset(${JSON.stringify(outcomes)}::jsonb) AS new (caller text, field text, key text, outcome jsonb)
    WHERE idempotency_keys.caller = new.caller AND idempotency_keys.field = new.field AND idempotency_keys.key = new.key`);
}

/** Small enough that a sweep never holds its locks for long. */
const SWEEP_BATCH = 1_000;

/** Forgets keys older than `before`, a batch at a time; returns how many. */
export async function sweepKeys(db: Queryable, before: Date): Promise<number> {
  const old = db
    .select({ ctid: sql`ctid` })
    .from(idempotencyKeys)
    .where(lt(idempotencyKeys.createdAt, before))
    .limit(SWEEP_BATCH);
  const gone = await db
    .delete(idempotencyKeys)
    .where(sql`ctid = ANY(ARRAY(${old}))`)
    .returning({ key: idempotencyKeys.key });
  return gone.length;
}
