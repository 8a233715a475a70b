import type { Log } from '#shared/log.ts';
import type { Database } from '#shared/store/postgres.ts';
import { startWorker, type Worker } from '#shared/worker.ts';
import { expireReservations } from '../commands/take-step.ts';

interface Expiry {
  readonly db: Database;
  readonly log: Log;
  readonly afterCommit: () => void;
}

/** A hold lasts a quarter of an hour; some seconds more do not matter. */
const POLL_MS = 5_000;

/** Runs the worker that gives back what was held too long. Every replica may run it. */
export function startExpiry({ db, log, afterCommit }: Expiry): Worker {
  const runOnce = async (): ReturnType<typeof expireReservations> => {
    const counts = await expireReservations(db);
    afterCommit();
    return counts;
  };
  return startWorker({ name: 'expiry', runOnce, pollMs: POLL_MS, log });
}
