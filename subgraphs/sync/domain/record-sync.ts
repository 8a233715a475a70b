import { epochOf, revisionOf, versionOf } from '#shared/cloud-event.ts';

export const SYNC_ENTITIES = ['USER', 'ORDER', 'PRODUCT'] as const;
export type SyncEntity = (typeof SYNC_ENTITIES)[number];

/**
 * Where a record's latest version stands at a target.
 *
 * ```mermaid
 * stateDiagram-v2
 *   [*] --> PENDING: received
 *   PENDING --> IN_FLIGHT: claimed
 *   RETRYING --> IN_FLIGHT: due again
 *   IN_FLIGHT --> APPLIED: the target holds it
 *   IN_FLIGHT --> SUPERSEDED: the target holds something newer than the source
 *   IN_FLIGHT --> RETRYING: failed
 *   IN_FLIGHT --> DEAD_LETTERED: failed for the last time
 *   IN_FLIGHT --> PENDING: a newer version came meanwhile
 *   APPLIED --> PENDING: a newer version was received
 *   SUPERSEDED --> PENDING: a newer version was received
 *   DEAD_LETTERED --> PENDING: redelivered, or discarded while a newer version waits
 *   DEAD_LETTERED --> DISCARDED: discarded
 *   DISCARDED --> PENDING: a newer version was received
 *   [*] --> APPLIED: observed before it was received
 *   PENDING --> APPLIED: observed
 * ```
 *
 * The last two are of targets that take their records by themselves; a record there is only ever `PENDING` or `APPLIED`.
 */
export const RECORD_SYNC_STATES = [
  'PENDING',
  'IN_FLIGHT',
  'APPLIED',
  'RETRYING',
  'DEAD_LETTERED',
  'SUPERSEDED',
  'DISCARDED',
] as const;
export type RecordSyncState = (typeof RECORD_SYNC_STATES)[number];

/** What sync knows of one record at one target. */
export interface RecordSync {
  readonly entity: SyncEntity;
  readonly recordId: string;
  readonly target: string;
  readonly ownerId: string | null;
  /** The latest that sync has heard of. Versions begin anew in each epoch, so only revisions say what is newer. */
  readonly sourceRevision: number;
  /** What the target holds; null when it is not known to hold any. */
  readonly targetRevision: number | null;
  readonly state: RecordSyncState;
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly lastError: string | null;
}

/** A record of another service, with what its `syncState` requires of it. */
export interface RecordReference {
  readonly id: string;
  readonly version?: number;
  readonly user?: { readonly id: string };
}

/** A record that sync has not heard of yet. */
export function unheardOf(record: Pick<RecordSync, 'entity' | 'recordId' | 'target'>, version: number): RecordSync {
  return {
    ...record,
    ownerId: null,
    sourceRevision: revisionOf(0, version),
    targetRevision: null,
    state: 'PENDING',
    attempts: 0,
    nextAttemptAt: null,
    lastError: null,
  };
}

/** What is shown of a record's revisions. */
export interface ShownVersions {
  readonly sourceVersion: number;
  readonly targetVersion: number | null;
}

export function shownVersions({ sourceRevision, targetRevision }: RecordSync): ShownVersions {
  return {
    sourceVersion: versionOf(sourceRevision),
    targetVersion: targetRevision === null ? null : versionOf(targetRevision),
  };
}

/**
 * The revision that somebody has seen who knows its version only: one of the newest epoch that sync has heard of for this record. Whoever
 * reads the source reads its newest epoch; sync hears of that with the first event after a restore, and knows of no restore before.
 */
function revisionSeen(version: number, { sourceRevision, targetRevision }: RecordSync): number {
  return revisionOf(epochOf(Math.max(sourceRevision, targetRevision ?? 0)), version);
}

/** Does the target hold at least this version, which was seen at the source? */
export function isHeld(version: number, record: RecordSync): boolean {
  return record.targetRevision !== null && record.targetRevision >= revisionSeen(version, record);
}

/**
 * What to say of a version that the asker has just seen at the source: applied only when the target holds at least that version, and
 * pending when sync has not heard of it yet. So a mutation's own answer never contradicts it.
 */
export function asSeenFrom(version: number, known: RecordSync): RecordSync {
  const seen = revisionSeen(version, known);
  const sourceRevision = Math.max(known.sourceRevision, seen);
  if (known.targetRevision !== null && known.targetRevision >= seen) {
    const superseded = known.state === 'SUPERSEDED' && known.targetRevision > sourceRevision;
    return { ...known, sourceRevision, state: superseded ? 'SUPERSEDED' : 'APPLIED' };
  }
  if (known.sourceRevision >= seen) return known;
  return { ...known, sourceRevision, state: 'PENDING', attempts: 0, nextAttemptAt: null };
}
