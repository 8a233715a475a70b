import { eq, sql } from 'drizzle-orm';
import type { Queryable, Transaction } from '#shared/store/postgres.ts';
import type { PipelineProgress } from '../domain/pipeline.ts';
import { pipelineProgress } from './tables.ts';

const NONE_YET: PipelineProgress = {
  applied: 0,
  superseded: 0,
  deadLettered: 0,
  discarded: 0,
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
  /** Is something of it to be tried again because it failed? */
  readonly retrying: boolean;
  /** Why it failed, in whole or in part; null when nothing did. */
  readonly error: string | null;
  readonly at: Date;
}

/** Adds a pass to the pipeline's progress. While a dead letter rests, its error stays until a later one takes its place. */
export async function noteProgress(tx: Transaction, pipeline: string, pass: Pass): Promise<void> {
  const { applied, superseded, deadLettered, retrying, error, at } = pass;
  const failingSince = retrying ? at : null;
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
        lastError: sql`coalesce(excluded.last_error, CASE WHEN ${pipelineProgress.deadLettered} + ${deadLettered} > 0 THEN ${pipelineProgress.lastError} END)`,
        failingSince: !retrying ? null : sql`coalesce(${pipelineProgress.failingSince}, excluded.failing_since)`,
        lastSyncedAt: sql`coalesce(excluded.last_synced_at, ${pipelineProgress.lastSyncedAt})`,
      },
    });
}

/** How many dead letters rest no longer, and how many of them were discarded. */
export interface Interventions {
  readonly deadLetters: number;
  readonly discarded: number;
}

/** Takes dead letters off the pipeline's progress; with the last of them goes its error, unless something else is failing. */
export async function noteInterventions(
  tx: Transaction,
  pipeline: string,
  { deadLetters, discarded }: Interventions,
): Promise<void> {
  const left = sql`${pipelineProgress.deadLettered} - ${deadLetters}`;
  await tx
    .update(pipelineProgress)
    .set({
      deadLettered: left,
      discarded: sql`${pipelineProgress.discarded} + ${discarded}`,
      lastError: sql`CASE WHEN ${left} > 0 OR ${pipelineProgress.failingSince} IS NOT NULL THEN ${pipelineProgress.lastError} END`,
    })
    .where(eq(pipelineProgress.pipeline, pipeline));
}
