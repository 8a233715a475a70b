import type { Log } from '#shared/log.ts';
import { startWorker, type Worker } from '#shared/worker.ts';
import type { OrderSagas } from '../commands/order-sagas.ts';

/** What another process left behind is found by looking: with the claim that has to lapse before, this is less than 5 s. */
const POLL_MS = 500;

/** Runs the worker that brings undecided orders to their end. Every replica may run it. */
export function startRecovery(sagas: OrderSagas, log: Log): Worker {
  return startWorker({ name: 'order recovery', runOnce: () => sagas.recoverOnce(), pollMs: POLL_MS, log });
}
