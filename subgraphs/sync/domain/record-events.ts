import { versionOf, type Trace } from '#shared/cloud-event.ts';
import { shownVersions, type RecordSync, type RecordSyncState, type ShownVersions } from './record-sync.ts';

/** What is told of a record at a target; states on the way there are not. */
const EVENT_TYPES = {
  APPLIED: 'replica.applied',
  SUPERSEDED: 'replica.superseded',
  RETRYING: 'replica.retrying',
  DEAD_LETTERED: 'replica.dead-lettered',
  DISCARDED: 'replica.discarded',
} as const satisfies Partial<Record<RecordSyncState, string>>;

/** A record's sync state as events carry it; with the versions too, for who does not compare. */
export type RecordSyncSnapshot = Omit<RecordSync, 'nextAttemptAt'> &
  ShownVersions & { readonly nextAttemptAt: string | null };

export interface RecordSyncChange extends Trace {
  readonly type: string;
  readonly subject: string;
  readonly ownerId?: string;
  readonly version: number;
  readonly data: RecordSyncSnapshot;
  readonly occurredAt: Date;
}

/**
 * What the outbox is told of a settled attempt, or of a discarded one; undefined when there is nothing to tell. A retry is told once, not at every attempt.
 * What was applied is told of the version that was, also when a newer one has been received meanwhile: that one has its own event.
 */
export function recordSyncChange(
  record: RecordSync,
  outcome: keyof typeof EVENT_TYPES,
  occurredAt: Date,
): RecordSyncChange | undefined {
  if (outcome === 'RETRYING' && record.attempts > 1) return undefined;
  const told = asTold(record, outcome);
  const data = { ...told, ...shownVersions(told), nextAttemptAt: told.nextAttemptAt?.toISOString() ?? null };
  return {
    type: EVENT_TYPES[outcome],
    subject: record.recordId,
    version: versionOf(told.sourceRevision),
    data,
    occurredAt,
    ...(record.ownerId !== null && { ownerId: record.ownerId }),
  };
}

function asTold(record: RecordSync, outcome: keyof typeof EVENT_TYPES): RecordSync {
  if (outcome === 'DISCARDED') return { ...record, state: outcome };
  if (outcome !== 'APPLIED') return record;
  return { ...record, state: outcome, sourceRevision: record.targetRevision ?? record.sourceRevision };
}

export function recordSyncFromSnapshot(data: unknown): RecordSync {
  const { sourceVersion: _source, targetVersion: _target, ...snapshot } = data as RecordSyncSnapshot;
  return { ...snapshot, nextAttemptAt: snapshot.nextAttemptAt === null ? null : new Date(snapshot.nextAttemptAt) };
}
