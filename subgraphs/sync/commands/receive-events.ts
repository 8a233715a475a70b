import type { PositionedEvent } from '#shared/cloud-event.ts';
import { receive, type LedgerEntry } from '#shared/events/ledger.ts';
import { transact, type Database } from '#shared/store/postgres.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import { noteReceived, type Received } from '../store/record-syncs.ts';
import { settleObserved } from './observe.ts';

/**
 * Stores what the bus delivers, once; the bus moves on when this has committed. What an observed target is known to hold already is settled
 * at once.
 */
export async function receiveEvents(
  db: Database,
  pipeline: Pipeline,
  events: readonly PositionedEvent[],
): Promise<void> {
  if (events.length === 0) return;
  await transact(db, async (tx) => {
    const received = latestPerRecord(await receive(tx, pipeline.id, events));
    await noteReceived(tx, pipeline, received);
    const recordIds = received.map(({ recordId }) => recordId);
    if (!pipeline.driven) await settleObserved(tx, pipeline, recordIds);
  });
}

/** What events say of their records, one for each: the latest revision, and since when the record has been waiting for it. */
export function latestPerRecord(entries: readonly LedgerEntry[]): Received[] {
  const latest = new Map<string, Received>();
  for (const { event, revision, occurredAt } of entries) {
    const known = latest.get(event.subject);
    if (known !== undefined && known.revision >= revision) continue;
    // The oldest unsynced change is what the record has been waiting for.
    const since = known?.occurredAt ?? occurredAt;
    latest.set(event.subject, { recordId: event.subject, revision, ownerId: event.ownerid ?? null, occurredAt: since });
  }
  return [...latest.values()].sort((a, b) => (a.recordId < b.recordId ? -1 : 1));
}
