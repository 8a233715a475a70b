import type { Database } from '../store/postgres.ts';
import { advanceState, readState } from '../store/service-state.ts';
import type { Counts } from '../worker.ts';
import { TailLost, type Bus } from './bus.ts';
import { eventsAfter } from './outbox.ts';

/** A batch is one transaction or one pipelined publish at the bus. */
const RELAY_BATCH = 500;

/**
 * Publishes the next stamped events and moves the `relayed` position on after the bus has acknowledged them. No lock is held across the
 * network: the position moves only from where it was read, so a relay that was paused meanwhile changes nothing, and what it
 * published again is dropped by (source, position).
 *
 * A bus may lose what it has acknowledged (a broker that stores before it syncs, an older store put back): then the position goes back to
 * where the bus stands, also while there is nothing new to publish, and the outbox is told from there.
 */
export async function relayOnce({ db, bus, source }: { db: Database; bus: Bus; source: string }): Promise<Counts> {
  const from = await readState(db, 'relayed');
  const events = await eventsAfter(db, { source, after: from, limit: RELAY_BATCH });
  const [first] = events;
  const to = events.at(-1)?.position;
  if (first === undefined || to === undefined) return goBack(db, { from, to: await bus.published(source) });
  try {
    // Positions have no gaps: what is missing here has been forgotten.
    await bus.publish(events, { afterGap: first.position > from + 1 });
  } catch (error) {
    if (error instanceof TailLost) return goBack(db, { from, to: error.position });
    throw error;
  }
  const moved = await advanceState(db, 'relayed', { from, to });
  return { relayed: moved ? events.length : 0 };
}

async function goBack(db: Database, { from, to }: { from: number; to: number }): Promise<Counts> {
  const lost = to < from && (await advanceState(db, 'relayed', { from, to })) ? from - to : 0;
  return { relayed: 0, lost };
}
