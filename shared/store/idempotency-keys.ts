import { and, eq, lt, sql } from 'drizzle-orm';
import { customType, jsonb, index, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import type { Outcome } from '../refusal.ts';
import { sqlState, type Database, type Queryable, type Transaction } from './postgres.ts';

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

/**
 * Takes the key for this transaction; false when it is taken for good. Waits up to `waitMs` for a transaction elsewhere that
 * holds it, then throws {@link KeyIsHeld}. The lock timeout covers this one statement.
 */
export async function takeKey(
  tx: Transaction,
  scope: KeyScope & { fingerprint: Buffer },
  waitMs: number,
): Promise<boolean> {
  await tx.execute(sql`SELECT set_config('lock_timeout', ${`${waitMs}ms`}, true)`);
  try {
    const taken = await tx
      .insert(idempotencyKeys)
      .values(scope)
      .onConflictDoNothing()
      .returning({ key: idempotencyKeys.key });
    await tx.execute(sql`SELECT set_config('lock_timeout', '0', true)`);
    return taken.length === 1;
  } catch (error) {
    if (sqlState(error) === '55P03') throw new KeyIsHeld('the key is held by a running call', { cause: error });
    throw error;
  }
}

export async function storeOutcome(tx: Transaction, scope: KeyScope, outcome: Outcome<unknown>): Promise<void> {
  await tx.update(idempotencyKeys).set({ outcome }).where(inScope(scope));
}

/** Small enough that a sweep never holds its locks for long. */
const SWEEP_BATCH = 1_000;

/** Forgets keys older than `before`, a batch at a time; returns how many. */
export async function sweepKeys(db: Database, before: Date): Promise<number> {
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
