import { traceOfEvent } from '#shared/cloud-event.ts';
import { claimUpTo, recordOf, settle, type Settlement } from '#shared/events/ledger.ts';
import { appendEvents, type Change } from '#shared/events/outbox.ts';
import { transact, type Database, type Transaction } from '#shared/store/postgres.ts';
import { roundsOf, stateUnder, type Observation } from '../domain/observation.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import { recordSyncChange } from '../domain/record-events.ts';
import type { RecordSync } from '../domain/record-sync.ts';
import { noteProgress } from '../store/pipeline-progress.ts';
import { heldRevisions, noteObserved } from '../store/record-syncs.ts';

/**
 * Takes note of what a target holds, and settles the events that were waiting for it. What is observed twice, or later than something
 * newer, changes nothing. Each round is told of by itself, so that every version that was taken is told, as driven pipelines do.
 */
export async function observe(db: Database, pipeline: Pipeline, observations: readonly Observation[]): Promise<void> {
  for (const round of roundsOf(observations)) await transact(db, (tx) => observeRound(tx, pipeline, round));
}

async function observeRound(tx: Transaction, pipeline: Pipeline, round: readonly Observation[]): Promise<void> {
  const now = new Date();
  const byRecord = new Map(round.map((observation) => [observation.recordId, observation]));
  const moved = await noteObserved(tx, pipeline, round);
  await settleObserved(tx, pipeline, [...byRecord.keys()]);
  const change = (record: RecordSync): Change[] => {
    const told = recordSyncChange(record, 'APPLIED', now);
    return told === undefined ? [] : [{ ...told, ...traceOfEvent(byRecord.get(record.recordId)?.event) }];
  };
  await appendEvents(tx, moved.flatMap(change));
}

/**
 * Settles the waiting events of records that the target is known to hold. The records' rows must be locked by a write of this transaction:
 * whoever comes second, the event or its observation, then sees the other.
 */
export async function settleObserved(tx: Transaction, pipeline: Pipeline, recordIds: readonly string[]): Promise<void> {
  if (recordIds.length === 0) return;
  const now = new Date();
  const held = await heldRevisions(tx, pipeline, recordIds);
  const [type = ''] = pipeline.subjects;
  const upTo = Array.from(held, ([subject, revision]) => ({ record: recordOf({ type, subject }), revision }));
  const entries = await claimUpTo(tx, pipeline.id, upTo);
  const settlements = entries.flatMap((entry): Settlement[] => {
    const state = stateUnder(entry.revision, held.get(entry.event.subject) ?? 0);
    return state === 'PENDING' ? [] : [{ entry, state }];
  });
  const settled = await settle(tx, settlements, now);
  if (settled.length === 0) return;
  const count = (state: Settlement['state']): number => settled.filter((one) => one.state === state).length;
  const counts = { applied: count('APPLIED'), superseded: count('SUPERSEDED'), deadLettered: 0 };
  await noteProgress(tx, pipeline.id, { ...counts, retrying: false, error: null, at: now });
}
