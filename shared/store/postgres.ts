import { channel } from 'node:diagnostics_channel';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import type { Log } from '../log.ts';
import { backoffMs, pause, type Backoff } from '../retry.ts';
import { StoreUnreachable } from './store-unreachable.ts';
import { sealLostTransactions } from './lost-transactions.ts';
import { prepareStatements } from './prepared-statements.ts';
import { retryRefusedConnections } from './refused-connections.ts';

export type Database = PostgresJsDatabase;
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];
/** What a store function takes: it reads alike inside and outside a transaction. */
export type Queryable = Database | Transaction;

export interface Postgres {
  readonly db: Database;
  /** Resolves once the server answers; rejects when it does not. */
  check(): Promise<void>;
  /** Calls back on every NOTIFY of the channel, and once after each reconnect, since some may have been missed meanwhile. */
  listen(channel: string, onNotify: () => void): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface PostgresOptions {
  readonly url: string;
  /** Shown in `pg_stat_activity`. */
  readonly name: string;
  readonly log: Log;
  readonly connections?: number;
}

/** Ten serve a service well on two cores, and leave room for several replicas of each below PostgreSQL's own limit. */
const CONNECTIONS = 10;
/** A statement that runs longer is a mistake in the statement; the caller has given up by then. */
const STATEMENT_TIMEOUT_MS = 15_000;
/**
 * A transaction never waits for anything but PostgreSQL, so one that idles has lost its owner: killed without a word, cut off, or paused.
 * The rows that it has locked are free again after this, well within the 5 s in which other replicas take over; a process that was only
 * held up for a moment keeps its transaction.
 */
export const IDLE_IN_TRANSACTION_MS = 4_000;
/**
 * Locks are held for milliseconds, so whoever waits this long waits for a process that is gone. Less than half of the limit above, since
 * PostgreSQL lets a statement wait twice for one row, first for its place in line: what a paused process itself still has waiting gives
 * up before the lock is free; else each in turn would get it, and idle with it.
 */
export const LOCK_TIMEOUT_MS = 1_900;
/** A restarted server should be found at once: the driver's own backoff grows to 20 s. */
const RECONNECT: Backoff = { firstMs: 50, longestMs: 500 };
const DRAIN_S = 5;

/** One query that is sent through Drizzle: its text, never its parameters. What begins and ends transactions is none. */
export interface SqlQuery {
  readonly query: string;
}

/** Carries every {@link SqlQuery} of this process, for whoever wants to count them. */
export const sqlQueries = channel('lockstep:sql');

// Not by the driver's `debug` option: with it, errors carry their parameters into the log, and every query takes a stack trace.
const publishQuery = (query: string): void => {
  if (sqlQueries.hasSubscribers) sqlQueries.publish({ query } satisfies SqlQuery);
};

export function openPostgres(options: PostgresOptions): Postgres {
  const client = postgres(options.url, {
    max: options.connections ?? CONNECTIONS,
    connect_timeout: 5,
    // Asked on every connect for types that no table here has; when the answer is lost, its rejection reaches nobody and ends the process.
    fetch_types: false,
    backoff: (attempt: number) => backoffMs(RECONNECT, attempt) / 1_000,
    onnotice: (notice) => options.log.debug({ notice }, 'notice from PostgreSQL'),
    connection: {
      application_name: options.name,
      // What `transact` promises; said once for the connection, it costs no transaction a round trip.
      default_transaction_isolation: 'read committed',
      statement_timeout: STATEMENT_TIMEOUT_MS,
      lock_timeout: LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    },
  });
  prepareStatements(client);
  sealLostTransactions(client);
  retryRefusedConnections(client);
  return {
    db: drizzle(client, { logger: { logQuery: publishQuery } }),
    check: async () => {
      await client`SELECT 1`;
    },
    listen: async (channel, onNotify) => {
      await client.listen(channel, onNotify, onNotify);
    },
    [Symbol.asyncDispose]: () => client.end({ timeout: DRAIN_S }),
  };
}

/** Serialization failure and deadlock: the server asks to run the same transaction again. */
const RETRYABLE = new Set(['40001', '40P01']);
const TRANSACTION_TRIES = 5;
const TRANSACTION_BACKOFF: Backoff = { firstMs: 5, longestMs: 100 };

/** Runs `work` in one READ COMMITTED transaction, again when PostgreSQL asks for it. `work` must only touch the transaction. */
export async function transact<T>(db: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction(work);
    } catch (error) {
      if (attempt === TRANSACTION_TRIES || !RETRYABLE.has(sqlState(error) ?? '')) throw error;
      await pause(backoffMs(TRANSACTION_BACKOFF, attempt));
    }
  }
}

/** The SQLSTATE or driver code of an error, also behind Drizzle's wrapper. */
export function sqlState(error: unknown): string | undefined {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if ('code' in inner && typeof inner.code === 'string') return inner.code;
  }
  return undefined;
}

/** The name of the unique constraint that refused, or undefined when the error is another. */
export function violatedUniqueConstraint(error: unknown): string | undefined {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (inner instanceof postgres.PostgresError && inner.code === '23505') return inner.constraint_name;
  }
  return undefined;
}

/** Class 08 (connection), 53 (resources), 57P (operator intervention), 25P03 (the transaction idled), 55P03 (a lock was not to be had), and what the driver and the operating system say. */
const UNREACHABLE = /^(08|53|57P|25P03|55P03)|^(CONNECT|CONNECTION)_|^ECONN|^EPIPE$|^ENOTFOUND$|^ETIMEDOUT$/;

/** Is the database (or another store), rather than the statement, at fault? */
export function isUnreachable(error: unknown): boolean {
  return error instanceof StoreUnreachable || UNREACHABLE.test(sqlState(error) ?? '');
}
