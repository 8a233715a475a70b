import type { Database } from './store/postgres.ts';
import { Lease, type Fence } from './store/lease.ts';
import { startWorker, type Counts, type Worker, type WorkerOptions } from './worker.ts';

interface LeasedWorkerOptions extends Omit<WorkerOptions, 'runOnce'> {
  /** Has the table `leases`; one lease for each name. */
  readonly db: Database;
  /** Runs in one replica at a time; what it writes, it writes within the fence. */
  readonly runOnce: (fence: Fence) => Promise<Counts>;
}

/** A worker that every replica starts, and one at a time works. The others look at each poll whether it has gone. */
export function startLeasedWorker({ db, runOnce, ...options }: LeasedWorkerOptions): Worker {
  const { name, log } = options;
  const lease = new Lease({ db, name });
  const worker = startWorker({ ...options, runOnce: async () => (await lease.during(runOnce)) ?? {} });
  const stop = async (): Promise<void> => {
    await worker.stop();
    await lease.release().catch((error: unknown) => log.warn({ err: error, worker: name }, 'lease not given back'));
  };
  return { wake: () => worker.wake(), stop, [Symbol.asyncDispose]: stop };
}
