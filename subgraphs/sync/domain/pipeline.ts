import type { SyncEntity } from './record-sync.ts';

export const PIPELINE_KINDS = ['REPLICATION', 'IMPORT', 'BACKUP'] as const;
export type PipelineKind = (typeof PIPELINE_KINDS)[number];

export const PIPELINE_STATUSES = ['RUNNING', 'PAUSED', 'DEGRADED', 'FAILED', 'DISABLED', 'NEEDS_BACKFILL'] as const;
export type PipelineStatus = (typeof PIPELINE_STATUSES)[number];

/** A stream of one service's records to one target. */
export interface Pipeline {
  /** Also the name of its durable on the bus, and of its ledger. */
  readonly id: string;
  /** Does sync take the records to the target? If not, the target takes them by itself, and sync observes what it tells (observation.ts). */
  readonly driven: boolean;
  readonly kind: PipelineKind;
  readonly source: string;
  readonly target: string;
  readonly entity: SyncEntity;
  /** The source's event types that it takes, all of one kind of record. */
  readonly subjects: readonly string[];
}

/** Every pipeline there is. A new one is a new entry. */
export const PIPELINES: readonly Pipeline[] = [
  {
    id: 'users-to-oracle',
    driven: true,
    kind: 'REPLICATION',
    source: 'user',
    target: 'oracle',
    entity: 'USER',
    subjects: ['user.*'],
  },
  {
    id: 'orders-to-oracle',
    driven: true,
    kind: 'REPLICATION',
    source: 'order',
    target: 'oracle',
    entity: 'ORDER',
    subjects: ['order.*'],
  },
  {
    id: 'products-to-oracle',
    driven: true,
    kind: 'REPLICATION',
    source: 'inventory',
    target: 'oracle',
    entity: 'PRODUCT',
    subjects: ['stock.*'],
  },
  {
    id: 'users-to-notification',
    driven: false,
    kind: 'REPLICATION',
    source: 'user',
    target: 'notification',
    entity: 'USER',
    subjects: ['user.*'],
  },
];

/** What a pipeline has done, and how its last attempts went. */
export interface PipelineProgress {
  readonly applied: number;
  readonly superseded: number;
  /** Dead letters that rest now. */
  readonly deadLettered: number;
  readonly discarded: number;
  /** Why the last attempt failed; also while a dead letter rests, though others have succeeded since. */
  readonly lastError: string | null;
  /** Since when attempts have failed without a success; null while they succeed, and when what failed is not tried again. */
  readonly failingSince: Date | null;
  readonly lastSyncedAt: Date | null;
}

/** Beyond this, "it will come back by itself" is no longer likely. */
const FAILED_AFTER_MS = 5 * 60_000;

/** What is known of a pipeline besides its progress. */
export interface PipelineFacts {
  readonly sourceAnswers: boolean;
  /** Since when the event that has been waiting longest is known; null when none waits. */
  readonly waitingSince: Date | null;
  readonly now: Date;
}

/** The status that the facts add up to. */
export function statusOf(pipeline: Pipeline, progress: PipelineProgress, facts: PipelineFacts): PipelineStatus {
  return pipeline.driven ? drivenStatus(progress, facts) : observedStatus(progress, facts);
}

function drivenStatus(
  { failingSince, deadLettered }: PipelineProgress,
  { sourceAnswers, now }: PipelineFacts,
): PipelineStatus {
  if (failingSince !== null && now.getTime() - failingSince.getTime() > FAILED_AFTER_MS) return 'FAILED';
  if (failingSince !== null || deadLettered > 0 || !sourceAnswers) return 'DEGRADED';
  return 'RUNNING';
}

/** A consumer whose store is away tries again after 5 s at the latest: what is overdue has failed there twice, or nobody is at work. */
const OVERDUE_AFTER_MS = 10_000;

/** Sync makes no attempts that could fail: it goes by how long the target has been silent while something waits. */
function observedStatus(
  { lastSyncedAt }: PipelineProgress,
  { sourceAnswers, waitingSince, now }: PipelineFacts,
): PipelineStatus {
  if (waitingSince !== null) {
    const silentSince = Math.max(waitingSince.getTime(), lastSyncedAt?.getTime() ?? 0);
    if (now.getTime() - silentSince > FAILED_AFTER_MS) return 'FAILED';
    if (now.getTime() - waitingSince.getTime() > OVERDUE_AFTER_MS) return 'DEGRADED';
  }
  return sourceAnswers ? 'RUNNING' : 'DEGRADED';
}
