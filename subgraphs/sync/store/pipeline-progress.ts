import { eq, sql } from 'drizzle-orm';
import type { Queryable, Transaction } from '#shared/store/postgres.ts';
import type { PipelineProgress } from '../domain/pipeline.ts';
import { pipelineProgress } from './tables.ts';

const NONE_YET: PipelineProgress = {
  applied: 0,
  superseded: 0,
  deadLettered: 0,
  lastError: null,
  failingSince: null,
  lastSyncedAt: null,
};

export async function readProgress(db: Queryable, pipeline: string): Promise<PipelineProgress> {
  const [row] = await db.select().from(pipelineProgress).where(eq(pipelineProgress.pipeline, pipeline));
  return row ?? NONE_YET;
}

/** What one pass over a pipeline came to. */
export interface Pass {
  readonly applied: number;
  readonly superseded: number;
  readonly deadLettered: number;
  /** Why it failed, in whole or in part; null when nothing did. */
  readonly error: string | null;
  readonly at: Date;
}

/** Adds a pass to the pipeline's progress. */
export async function noteProgress(tx: Transaction, pipeline: string, pass: Pass): Promise<void> {
  const { applied, superseded, deadLettered, error, at } = pass;
  const failingSince = error === null ? null : at;
  const lastSyncedAt = applied > 0 ? at : null;
  await tx
    .insert(pipelineProgress)
    .values({ pipeline, applied, superseded, deadLettered, lastError: error, failingSince, lastSyncedAt })
    .onConflictDoUpdate({
      target: pipelineProgress.pipeline,
      set: {
        applied: sql`${pipelineProgress.applied} + ${applied}`,
        superseded: sql`${pipelineProgress.superseded} + ${superseded}`,
        deadLettered: sql`${pipelineProgress.deadLettered} + ${deadLettered}`,
        lastError: error,
        failingSince: error === null ? null : sql`coalesce(${pipelineProgress.failingSince}, excluded.failing_since)`,
        lastSyncedAt: sql`coalesce(excluded.last_synced_at, ${pipelineProgress.lastSyncedAt})`,
      },
    });
}
