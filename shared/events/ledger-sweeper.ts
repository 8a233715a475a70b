import type { Log } from '../log.ts';
import type { Database } from '../store/postgres.ts';
import { startLeasedWorker } from '../leased-worker.ts';
import { fenced, type Fence } from '../store/lease.ts';
import type { Counts, Worker } from '../worker.ts';
import { sweepLedger } from './ledger.ts';

/** Settled events are kept as long as keys and outbox: a weekend. */
const KEPT_MS = 72 * 60 * 60_000;
const POLL_MS = 60_000;

/** Runs the worker that forgets settled events of every durable in the database, in one replica at a time. */
export function startLedgerSweeper({ db, log }: { readonly db: Database; readonly log: Log }): Worker {
  const runOnce = async (fence: Fence): Promise<Counts> => {
    const before = new Date(Date.now() - KEPT_MS);
    return { swept: (await fenced(db, fence, (tx) => sweepLedger(tx, before))) ?? 0 };
  };
  return startLeasedWorker({ name: 'ledger sweeper', db, runOnce, pollMs: POLL_MS, log });
}
