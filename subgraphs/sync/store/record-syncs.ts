import { and, asc, eq, inArray, isNotNull, sql, type SQL } from 'drizzle-orm';
import type { PageRequest } from '#shared/graphql/connection.ts';
import { instantSortKeys } from '#shared/graphql/instant-sort-key.ts';
import type { Queryable, Transaction } from '#shared/store/postgres.ts';
import type { Observation } from '../domain/observation.ts';
import type { RecordSync, SyncEntity } from '../domain/record-sync.ts';
import { recordSyncs } from './tables.ts';

type Row = typeof recordSyncs.$inferSelect;

export function toRecordSync({ unsyncedSince: _since, discardedRevision: _discarded, ...record }: Row): RecordSync {
  return record;
}

/** Which records at which target. */
export interface Replicas {
  readonly entity: SyncEntity;
  readonly target: string;
}

export interface Received {
  readonly recordId: string;
  readonly revision: number;
  readonly ownerId: string | null;
  readonly occurredAt: Date;
}

/** Notes newly received revisions, at most one per record. A record that is being retried or was given up stays so. */
export async function noteReceived(tx: Transaction, replicas: Replicas, received: readonly Received[]): Promise<void> {
  if (received.length === 0) return;
  const newer = sql`excluded.source_revision > coalesce(${recordSyncs.targetRevision}, -1)`;
  await tx
    .insert(recordSyncs)
    .values(
      received.map(({ recordId, revision, ownerId, occurredAt }) => ({
        ...replicas,
        recordId,
        ownerId,
        sourceRevision: revision,
        state: 'PENDING' as const,
        unsyncedSince: occurredAt,
      })),
    )
    .onConflictDoUpdate({
      target: [recordSyncs.entity, recordSyncs.recordId, recordSyncs.target],
      set: {
        sourceRevision: sql`greatest(${recordSyncs.sourceRevision}, excluded.source_revision)`,
        ownerId: sql`excluded.owner_id`,
        state: sql`CASE
          WHEN ${newer} AND ${recordSyncs.state} IN ('APPLIED', 'SUPERSEDED') THEN 'PENDING'
          WHEN ${recordSyncs.state} = 'DISCARDED' AND excluded.source_revision > ${recordSyncs.discardedRevision} THEN 'PENDING'
          ELSE ${recordSyncs.state} END`,
        unsyncedSince: sql`CASE WHEN ${newer} THEN coalesce(${recordSyncs.unsyncedSince}, excluded.unsynced_since) ELSE ${recordSyncs.unsyncedSince} END`,
      },
    });
}

/**
 * Notes what a target holds, at most one revision per record, and returns the records that have moved on by it; none moves back. What the
 * source has not told of yet is known by this.
 */
export async function noteObserved(
  tx: Transaction,
  replicas: Replicas,
  observations: readonly Observation[],
): Promise<RecordSync[]> {
  const { entity, target } = replicas;
  const rows = observations.map(({ recordId, ownerId, targetRevision }) => ({
    entity,
    target,
    recordId,
    ownerId,
    targetRevision,
    sourceRevision: targetRevision,
    state: 'APPLIED' as const,
  }));
  const upToDate = sql`excluded.target_revision >= ${recordSyncs.sourceRevision}`;
  const moved = await tx
    .insert(recordSyncs)
    // Rows are locked in one order by all, so that nobody waits in a circle.
    .values(rows.sort((a, b) => (a.recordId < b.recordId ? -1 : 1)))
    .onConflictDoUpdate({
      target: [recordSyncs.entity, recordSyncs.recordId, recordSyncs.target],
      set: {
        sourceRevision: sql`greatest(${recordSyncs.sourceRevision}, excluded.source_revision)`,
        targetRevision: sql`excluded.target_revision`,
        ownerId: sql`coalesce(excluded.owner_id, ${recordSyncs.ownerId})`,
        state: sql`CASE WHEN ${upToDate} THEN excluded.state ELSE ${recordSyncs.state} END`,
        unsyncedSince: sql`CASE WHEN ${upToDate} THEN NULL ELSE ${recordSyncs.unsyncedSince} END`,
      },
      setWhere: sql`excluded.target_revision > coalesce(${recordSyncs.targetRevision}, -1)`,
    })
    .returning();
  return moved.map(toRecordSync);
}

/** Which revisions of these records the target is known to hold; records that it is not known to hold are left out. */
export async function heldRevisions(
  tx: Transaction,
  replicas: Replicas,
  recordIds: readonly string[],
): Promise<Map<string, number>> {
  const { recordId, targetRevision } = recordSyncs;
  const rows = await tx
    .select({ recordId, targetRevision })
    .from(recordSyncs)
    .where(and(ofReplicas(replicas), inArray(recordId, [...recordIds])));
  return new Map(rows.flatMap((row) => (row.targetRevision === null ? [] : [[row.recordId, row.targetRevision]])));
}

export async function noteInFlight(tx: Transaction, replicas: Replicas, recordIds: readonly string[]): Promise<void> {
  await tx
    .update(recordSyncs)
    .set({ state: 'IN_FLIGHT', nextAttemptAt: null })
    .where(and(ofReplicas(replicas), inArray(recordSyncs.recordId, [...recordIds])));
}

/** What an attempt came to, for one record. */
export interface Attempted {
  readonly recordId: string;
  /** What the target holds now; null when the attempt failed. */
  readonly targetRevision: number | null;
  readonly failure: 'RETRYING' | 'DEAD_LETTERED' | null;
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly lastError: string | null;
}

/** Writes what attempts came to, and returns the records as they now stand. */
export async function noteAttempted(
  tx: Transaction,
  replicas: Replicas,
  attempted: readonly Attempted[],
): Promise<RecordSync[]> {
  const rows = attempted.map((one) => ({
    record_id: one.recordId,
    target_revision: one.targetRevision,
    failure: one.failure,
    attempts: one.attempts,
    next_attempt_at: one.nextAttemptAt?.toISOString() ?? null,
    last_error: one.lastError,
  }));
  const held = sql`greatest(record.target_revision, done.target_revision)`;
  await tx.execute(sql`
    UPDATE record_syncs AS record SET
      target_revision = ${held},
      state = coalesce(done.failure, CASE
        WHEN ${held} = record.source_revision THEN 'APPLIED'
        WHEN ${held} > record.source_revision THEN 'SUPERSEDED'
        WHEN record.discarded_revision = record.source_revision THEN 'DISCARDED'
        ELSE 'PENDING' END),
      unsynced_since = CASE WHEN ${held} >= record.source_revision THEN NULL ELSE record.unsynced_since END,
      attempts = done.attempts, next_attempt_at = done.next_attempt_at, last_error = done.last_error
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS done
      (record_id text, target_revision bigint, failure text, attempts int, next_attempt_at timestamptz, last_error text)
    WHERE record.entity = ${replicas.entity} AND record.target = ${replicas.target} AND record.record_id = done.record_id`);
  return findRecordSyncs(
    tx,
    and(
      ofReplicas(replicas),
      inArray(
        recordSyncs.recordId,
        attempted.map((one) => one.recordId),
      ),
    ),
  );
}

export const ofReplicas = ({ entity, target }: Replicas): SQL | undefined =>
  and(eq(recordSyncs.entity, entity), eq(recordSyncs.target, target));

async function findRecordSyncs(db: Queryable, where: SQL | undefined): Promise<RecordSync[]> {
  return (await db.select().from(recordSyncs).where(where)).map(toRecordSync);
}

/** What is known of these records, at every target. */
export async function recordSyncsOf(
  db: Queryable,
  entity: SyncEntity,
  recordIds: readonly string[],
): Promise<RecordSync[]> {
  return findRecordSyncs(db, and(eq(recordSyncs.entity, entity), inArray(recordSyncs.recordId, [...recordIds])));
}

/** The text that orders unsynced records, the longest waiting first. */
export const UNSYNCED_SORT_KEY = instantSortKeys(/^[\w.:-]+\|[\w.:-]+$/);

export interface Unsynced {
  readonly record: RecordSync;
  readonly sortKey: string;
}

/** A page of records that some target does not hold in their latest version. */
export async function listUnsynced(
  db: Queryable,
  entity: SyncEntity | undefined,
  page: PageRequest,
): Promise<Unsynced[]> {
  const [since, recordId, target] = page.after?.split('|') ?? [];
  const beyond = sql`(${recordSyncs.unsyncedSince}, ${recordSyncs.recordId}, ${recordSyncs.target}) > (${since}, ${recordId}, ${target})`;
  const rows = await db
    .select()
    .from(recordSyncs)
    .where(
      and(
        isNotNull(recordSyncs.unsyncedSince),
        entity === undefined ? undefined : eq(recordSyncs.entity, entity),
        since === undefined ? undefined : beyond,
      ),
    )
    .orderBy(asc(recordSyncs.unsyncedSince), asc(recordSyncs.recordId), asc(recordSyncs.target))
    .limit(page.limit);
  return rows.map((row) => ({
    record: toRecordSync(row),
    sortKey: [row.unsyncedSince?.toISOString(), row.recordId, row.target].join('|'),
  }));
}
