import type { Log } from '../log.ts';
import type { Database } from '../store/postgres.ts';
import { startWorker, type Counts, type Worker } from '../worker.ts';
import { sweepLedger } from './ledger.ts';

/** Settled events are kept as long as keys and outbox: a weekend. */
const KEPT_MS = 72 * 60 * 60_000;
const POLL_MS = 60_000;

/** Runs the worker that forgets settled events of every durable in the database. Any number may run. */
export function startLedgerSweeper({ db, log }: { readonly db: Database; readonly log: Log }): Worker {
  const runOnce = async (): Promise<Counts> => ({ swept: await sweepLedger(db, new Date(Date.now() - KEPT_MS)) });
  return startWorker({ name: 'ledger sweeper', runOnce, pollMs: POLL_MS, log });
}
