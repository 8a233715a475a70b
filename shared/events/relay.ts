import { fenced, type Fence } from '../store/lease.ts';
import type { Database } from '../store/postgres.ts';
import { advanceState, readState } from '../store/service-state.ts';
import type { PositionedEvent } from '../cloud-event.ts';
import type { Counts } from '../worker.ts';
import { TailLost, type Bus } from './bus.ts';
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
 *
 * A bus may lose what it has acknowledged (a broker that stores before it syncs, an older store put back): then the position goes back to
 * where the bus stands, also while there is nothing new to publish, and the outbox is told from there.
 */
export async function relayOnce(relay: Relay): Promise<Counts> {
  const { db, bus, source } = relay;
  const from = await readState(db, 'relayed');
  const events = untilGap(await eventsAfter(db, { source, after: from, limit: RELAY_BATCH }));
  const [first] = events;
  const to = events.at(-1)?.position;
  if (first === undefined || to === undefined) return goBack(relay, { from, to: await bus.published(source) });
  try {
    // Positions have no gaps: what is missing here has been forgotten.
    await bus.publish(events, { afterGap: first.position > from + 1 });
  } catch (error) {
    if (error instanceof TailLost) return goBack(relay, { from, to: error.position });
    throw error;
  }
  return { relayed: (await moved(relay, { from, to })) ? events.length : 0 };
}

/** What lies before the first gap: a bus is told of one before the batch, and none within it (positions that a restore has left out). */
export function untilGap(events: readonly PositionedEvent[]): readonly PositionedEvent[] {
  const at = events.findIndex(({ position }, index) => position !== (events[0]?.position ?? 0) + index);
  return at === -1 ? events : events.slice(0, at);
}

async function goBack(relay: Relay, { from, to }: Move): Promise<Counts> {
  const lost = to < from && (await moved(relay, { from, to })) ? from - to : 0;
  return { relayed: 0, lost };
}

interface Move {
  readonly from: number;
  readonly to: number;
}

async function moved({ db, fence }: Relay, move: Move): Promise<boolean> {
  return (await fenced(db, fence, (tx) => advanceState(tx, 'relayed', move))) === true;
}
