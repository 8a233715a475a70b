import type { Log } from '#shared/log.ts';
import { startWorker, type Worker } from '#shared/worker.ts';
import type { OrderSagas } from '../commands/order-sagas.ts';

/** Orders fall due for recovery one by one; a second more does not matter. */
const POLL_MS = 1_000;

/** Runs the worker that brings undecided orders to their end. Every replica may run it. */
export function startRecovery(sagas: OrderSagas, log: Log): Worker {
  return startWorker({ name: 'order recovery', runOnce: () => sagas.recoverOnce(), pollMs: POLL_MS, log });
}
