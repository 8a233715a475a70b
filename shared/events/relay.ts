import type { Database } from '../store/postgres.ts';
import { advanceState, readState } from '../store/service-state.ts';
import type { Counts } from '../worker.ts';
import type { Bus } from './bus.ts';
import { eventsAfter } from './outbox.ts';

/** A batch is one transaction or one pipelined publish at the bus. */
const RELAY_BATCH = 500;

/**
 * Publishes the next stamped events and moves the `relayed` position on after the bus has acknowledged them. No lock is held across the
 * network: the position moves only from where it was read, so a relay that was paused meanwhile changes nothing, and what it
 * published again is dropped by (source, position).
 */
export async function relayOnce({ db, bus, source }: { db: Database; bus: Bus; source: string }): Promise<Counts> {
  const from = await readState(db, 'relayed');
  const events = await eventsAfter(db, { source, after: from, limit: RELAY_BATCH });
  const to = events.at(-1)?.position;
  if (to === undefined) return { relayed: 0 };
  await bus.publish(events);
  const moved = await advanceState(db, 'relayed', { from, to });
  return { relayed: moved ? events.length : 0 };
}
