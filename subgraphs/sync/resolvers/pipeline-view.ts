import { appliedSince, backlog } from '#shared/events/ledger.ts';
import { lagOf } from '../domain/lag.ts';
import { statusOf, type Pipeline } from '../domain/pipeline.ts';
import type { SyncPipeline } from '../generated/resolver-types.ts';
import { lackingDiscarded } from '../store/dead-letter-records.ts';
import { readProgress } from '../store/pipeline-progress.ts';
import type { SourceStatus } from '../store/sources.ts';
import type { SyncServices } from './services.ts';

const THROUGHPUT_WINDOW_S = 60;

/**
 * The pipeline as the schema shows it, with its live status. The received position is read before the source is asked and the ledger
 * after it, so that an event on its way between the two is counted rather than missed. What the source does not tell is null, never 0.
 */
export async function pipelineView(services: SyncServices, pipeline: Pipeline): Promise<SyncPipeline> {
  const { db, receivedUpTo, askSource } = services;
  const received = await receivedUpTo(pipeline);
  const source = await askSource(pipeline.source, received).catch((): SourceStatus | null => null);
  const now = new Date();
  const [ledger, discardedOnes, progress, recent] = await Promise.all([
    backlog(db, pipeline.id),
    lackingDiscarded(db, pipeline),
    readProgress(db, pipeline.id),
    appliedSince(db, pipeline.id, new Date(now.getTime() - THROUGHPUT_WINDOW_S * 1_000)),
  ]);
  const { applied, superseded, deadLettered, discarded, lastError, lastSyncedAt } = progress;
  const settled = applied + superseded + deadLettered + discarded;
  const committed = source === null ? null : received + source.beyond;
  const inFlight = committed === null ? null : Math.max(0, committed - settled);
  return {
    id: pipeline.id,
    kind: pipeline.kind,
    source: pipeline.source,
    target: pipeline.target,
    status: statusOf(pipeline, progress, { sourceAnswers: source !== null, waitingSince: ledger.waitingSince, now }),
    lag: source === null ? null : lagOf({ received, ...source }, [ledger, discardedOnes], now),
    throughput: Math.round((recent / THROUGHPUT_WINDOW_S) * 100) / 100,
    counts: { committed, applied, superseded, inFlight, deadLettered, discarded },
    lastError,
    lastSyncedAt,
    intervalSeconds: pipeline.driven ? services.intervalSeconds : 0,
  };
}
