import { advanceState, lockState, readState } from '../store/service-state.ts';
import { sweepKeys } from '../store/idempotency-keys.ts';
import { fenced, type Fence } from '../store/lease.ts';
import type { Postgres, Transaction } from '../store/postgres.ts';
import type { Log } from '../log.ts';
import { startLeasedWorker } from '../leased-worker.ts';
import { startWorker, type Counts } from '../worker.ts';
import type { Bus } from './bus.ts';
import { pruneOutbox } from './outbox.ts';
import { relayOnce } from './relay.ts';
import { STAMPED, stampOnce } from './stamper.ts';

/** A bug on Friday is found on Monday: keys, events and bus log outlive a weekend. */
const KEPT_MS = 72 * 60 * 60_000;

interface Publishing {
  readonly source: string;
  readonly postgres: Postgres;
  readonly bus: Bus;
  readonly log: Log;
}

export interface Publisher extends AsyncDisposable {
  /** There is something new in the outbox: call it after a commit. */
  wake(): void;
}

/**
 * Runs the workers between a service's commits and the bus: stamper, relay and sweeper, in every replica. Any of them may stamp, since the
 * cursor's row lock lasts as long as a step; relay and sweeper work in one at a time, since two would do everything twice.
 */
export async function startPublishing({ source, postgres, bus, log }: Publishing): Promise<Publisher> {
  const { db } = postgres;
  // Commits wake the stamper within the process; the poll finds what another process left unstamped when it was killed.
  const stamper = startWorker({ name: 'stamper', runOnce: () => stampOnce(db), pollMs: 250, log });
  const relay = startLeasedWorker({
    name: 'relay',
    db,
    runOnce: (fence) => relayOnce({ db, bus, source, fence }),
    pollMs: 500,
    log,
  });
  const sweeper = startLeasedWorker({
    name: 'sweeper',
    db,
    runOnce: (fence) => sweepOnce({ source, postgres, bus, log }, fence),
    pollMs: 60_000,
    log,
  });
  await postgres.listen(STAMPED, () => relay.wake());
  return {
    wake: () => stamper.wake(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([stamper.stop(), relay.stop(), sweeper.stop()]);
    },
  };
}

/** Forgets keys, relayed events and read bus entries that are older than they need to be, a batch of each. */
async function sweepOnce({ source, postgres: { db }, bus }: Publishing, fence: Fence): Promise<Counts> {
  const before = new Date(Date.now() - KEPT_MS);
  const keys = await fenced(db, fence, (tx) => sweepKeys(tx, before));
  const events = await fenced(db, fence, (tx) => forgetEvents(tx, before));
  if (keys === undefined || events === undefined) return {};
  return { keys, events, published: await bus.prune(source, before) };
}

/** In one transaction, and one sweeper at a time: a reader that is told less than is gone would miss events without knowing. */
async function forgetEvents(tx: Transaction, before: Date): Promise<number> {
  const from = await lockState(tx, 'pruned');
  const { pruned, gone } = await pruneOutbox(tx, { upTo: await readState(tx, 'relayed'), before });
  if (pruned > from) await advanceState(tx, 'pruned', { from, to: pruned });
  return gone;
}
