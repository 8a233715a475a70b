import { fenced, type Fence } from '../store/lease.ts';
import type { Database } from '../store/postgres.ts';
import { advanceState, readState } from '../store/service-state.ts';
import type { Counts } from '../worker.ts';
import type { Bus } from './bus.ts';
import { eventsAfter } from './outbox.ts';

/** A batch is one transaction or one pipelined publish at the bus. */
const RELAY_BATCH = 500;

interface Relay {
  readonly db: Database;
  readonly bus: Bus;
  readonly source: string;
  readonly fence: Fence;
}

/**
 * Publishes the next stamped events and moves the `relayed` position on after the bus has acknowledged them. No lock is held across the
 * network: the position moves only from where it was read and within the fence, so a relay that was paused meanwhile changes nothing,
 * and what it published again is dropped by (source, position).
 */
export async function relayOnce({ db, bus, source, fence }: Relay): Promise<Counts> {
  const from = await readState(db, 'relayed');
  const events = await eventsAfter(db, { source, after: from, limit: RELAY_BATCH });
  const to = events.at(-1)?.position;
  if (to === undefined) return { relayed: 0 };
  await bus.publish(events);
  const moved = await fenced(db, fence, (tx) => advanceState(tx, 'relayed', { from, to }));
  return { relayed: moved === true ? events.length : 0 };
}
