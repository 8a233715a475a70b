import { and, count, eq, getTableColumns, inArray, isNotNull, min, sql } from 'drizzle-orm';
import type { Queryable, Transaction } from '#shared/store/postgres.ts';
import type { LackingFacts } from '../domain/lag.ts';
import type { RecordSync } from '../domain/record-sync.ts';
import { ofReplicas, toRecordSync, type Replicas } from './record-syncs.ts';
import { recordSyncs } from './tables.ts';

/** Notes that the dead letters of records are due again. */
export async function noteRedelivered(
  tx: Transaction,
  replicas: Replicas,
  recordIds: readonly string[],
): Promise<void> {
  if (recordIds.length === 0) return;
  await tx
    .update(recordSyncs)
    .set({ state: 'PENDING' })
    .where(
      and(ofReplicas(replicas), inArray(recordSyncs.recordId, [...recordIds]), eq(recordSyncs.state, 'DEAD_LETTERED')),
    );
}

/** Which revision of a record the target will not get. */
export interface DiscardedRevision {
  readonly recordId: string;
  readonly revision: number;
}

/**
 * Notes that an admin has given a revision up, and returns the record as it now stands: behind until its next change, unless one waits
 * already.
 */
export async function noteDiscarded(
  tx: Transaction,
  replicas: Replicas,
  { recordId, revision }: DiscardedRevision,
): Promise<RecordSync | undefined> {
  const discarded = sql`greatest(${recordSyncs.discardedRevision}, ${revision}::bigint)`;
  const { sourceRevision, targetRevision, state } = recordSyncs;
  const [row] = await tx
    .update(recordSyncs)
    .set({
      discardedRevision: discarded,
      state: sql`CASE
        WHEN ${targetRevision} = ${sourceRevision} THEN 'APPLIED'
        WHEN ${targetRevision} > ${sourceRevision} THEN 'SUPERSEDED'
        WHEN ${sourceRevision} <= ${discarded} THEN 'DISCARDED'
        WHEN ${state} = 'DEAD_LETTERED' THEN 'PENDING'
        ELSE ${state} END`,
    })
    .where(and(ofReplicas(replicas), eq(recordSyncs.recordId, recordId)))
    .returning(getTableColumns(recordSyncs));
  return row && toRecordSync(row);
}

/**
 * What the target lacks because it was discarded. A record that has changed since is waited for like any other, and not counted here; but
 * until that is applied, the target lacks also what was discarded.
 */
export async function lackingDiscarded(db: Queryable, replicas: Replicas): Promise<LackingFacts> {
  const { sourceRevision, targetRevision, discardedRevision, unsyncedSince } = recordSyncs;
  const [row] = await db
    .select({
      records: count(sql`CASE WHEN ${sourceRevision} <= ${discardedRevision} THEN 1 END`),
      oldestAt: min(unsyncedSince),
    })
    .from(recordSyncs)
    .where(
      and(
        ofReplicas(replicas),
        isNotNull(discardedRevision),
        sql`${discardedRevision} > coalesce(${targetRevision}, -1)`,
      ),
    );
  return { records: row?.records ?? 0, oldestAt: row?.oldestAt ?? null };
}
