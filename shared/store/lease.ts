import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { and, eq, sql } from 'drizzle-orm';
import { bigint, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import { withHeartbeat } from '../heartbeat.ts';
import { transact, type Database, type Transaction } from './postgres.ts';

/** Who may do what one replica of a service is to do at a time. */
export const leases = pgTable('leases', {
  name: text().primaryKey(),
  /** Host, process and a number of its own; empty when it was given back. */
  holder: text().notNull(),
  /** Raised with every change of holder, and never lowered: what fences a former holder off. */
  token: bigint({ mode: 'number' }).notNull(),
  /** By the database's clock, so that the holders' own do not matter. */
  expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
});

/** One holder's tenure of a lease. Whoever has been taken over has an older token. */
export interface Fence {
  readonly name: string;
  readonly token: number;
}

/** A holder that was killed or paused is taken over after this and one poll of another: together less than the 5 s that are promised. */
export const TERM_MS = 3_000;
/** A slow renewal has two more chances. */
export const RENEW_MS = TERM_MS / 3;
/** Work that takes longer than any statement may is stuck: perhaps another replica is not. */
export const STUCK_AFTER_MS = 15_000;
const GIVEN_BACK = '';

/**
 * A right that one process has at a time, by a row in the database. It says who should work; that a former holder changes nothing is
 * the business of {@link fenced}, since nobody can know that they are being paused (M. Kleppmann, "How to do distributed locking", 2016).
 */
export class Lease {
  readonly #db: Database;
  readonly #name: string;
  readonly #holder = `${hostname()}:${process.pid}:${randomUUID()}`;
  #token: number | undefined;
  /** By `performance.now()`, counted from before the renewal was sent: the row says at least as much. */
  #renewAt = -Infinity;

  constructor({ db, name }: { readonly db: Database; readonly name: string }) {
    this.#db = db;
    this.#name = name;
  }

  /** Does the work if this process holds the lease or can take it, and renews it meanwhile; undefined when another process has it. */
  async during<T>(work: (fence: Fence) => Promise<T>): Promise<T | undefined> {
    if (performance.now() >= this.#renewAt) await this.#takeOrRenew();
    const token = this.#token;
    if (token === undefined) return undefined;
    const beat = (): Promise<void> => this.#takeOrRenew();
    return withHeartbeat(() => work({ name: this.#name, token }), { everyMs: RENEW_MS, forMs: STUCK_AFTER_MS, beat });
  }

  /** Gives it back, so that another process need not wait for its end. */
  async release(): Promise<void> {
    if (this.#token === undefined) return;
    const own = and(eq(leases.name, this.#name), eq(leases.holder, this.#holder));
    this.#forget();
    await this.#db
      .update(leases)
      .set({ holder: GIVEN_BACK, expiresAt: sql`clock_timestamp()` })
      .where(own);
  }

  async #takeOrRenew(): Promise<void> {
    const sentAt = performance.now();
    this.#forget();
    this.#token = await take(this.#db, this.#name, this.#holder);
    if (this.#token !== undefined) this.#renewAt = sentAt + RENEW_MS;
  }

  #forget(): void {
    this.#token = undefined;
    this.#renewAt = -Infinity;
  }
}

/** Takes the lease or renews it; undefined when somebody else has it. */
async function take(db: Database, name: string, holder: string): Promise<number | undefined> {
  const free = sql`(${leases.holder} = ${holder} OR ${leases.expiresAt} <= clock_timestamp())`;
  // Those who only wait write nothing.
  const [held] = await db
    .select({ free: sql<boolean>`${free}` })
    .from(leases)
    .where(eq(leases.name, name));
  if (held?.free === false) return undefined;
  const expiresAt = sql`clock_timestamp() + ${`${TERM_MS} milliseconds`}::interval`;
  const token = sql`CASE WHEN ${leases.holder} = ${holder} THEN ${leases.token} ELSE ${leases.token} + 1 END`;
  const [taken] = await db
    .insert(leases)
    .values({ name, holder, token: 1, expiresAt })
    .onConflictDoUpdate({ target: leases.name, set: { holder, token, expiresAt }, setWhere: free })
    .returning({ token: leases.token });
  return taken?.token;
}

/**
 * Runs `work` in one transaction that no other holder can begin its tenure in; undefined, and nothing is written, when one already has.
 */
export async function fenced<T>(
  db: Database,
  { name, token }: Fence,
  work: (tx: Transaction) => Promise<T>,
): Promise<T | undefined> {
  return transact(db, async (tx) => {
    const tenure = and(eq(leases.name, name), eq(leases.token, token));
    // Whoever would take the lease waits for the end of this transaction.
    const [held] = await tx.select({ token: leases.token }).from(leases).where(tenure).for('share');
    return held === undefined ? undefined : work(tx);
  });
}
