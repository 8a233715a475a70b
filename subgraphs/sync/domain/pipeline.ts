import type { SyncEntity } from './record-sync.ts';

export const PIPELINE_KINDS = ['REPLICATION', 'IMPORT', 'BACKUP'] as const;
export type PipelineKind = (typeof PIPELINE_KINDS)[number];

export const PIPELINE_STATUSES = ['RUNNING', 'PAUSED', 'DEGRADED', 'FAILED', 'DISABLED', 'NEEDS_BACKFILL'] as const;
export type PipelineStatus = (typeof PIPELINE_STATUSES)[number];

/** A stream of one service's records to one target. */
export interface Pipeline {
  /** Also the name of its durable on the bus, and of its ledger. */
  readonly id: string;
  readonly kind: PipelineKind;
  readonly source: string;
  readonly target: string;
  readonly entity: SyncEntity;
  /** Event types it takes. */
  readonly subjects: readonly string[];
}

/** Every pipeline there is. A new one is a new entry. */
export const PIPELINES: readonly Pipeline[] = [
  {
    id: 'users-to-oracle',
    kind: 'REPLICATION',
    source: 'user',
    target: 'oracle',
    entity: 'USER',
    subjects: ['user.*'],
  },
  {
    id: 'orders-to-oracle',
    kind: 'REPLICATION',
    source: 'order',
    target: 'oracle',
    entity: 'ORDER',
    subjects: ['order.*'],
  },
  {
    id: 'products-to-oracle',
    kind: 'REPLICATION',
    source: 'inventory',
    target: 'oracle',
    entity: 'PRODUCT',
    subjects: ['stock.*'],
  },
];

/** What a pipeline has done, and how its last attempts went. */
export interface PipelineProgress {
  readonly applied: number;
  readonly superseded: number;
  readonly deadLettered: number;
  readonly lastError: string | null;
  /** Since when attempts have failed without a success; null while they succeed. */
  readonly failingSince: Date | null;
  readonly lastSyncedAt: Date | null;
}

/** Beyond this, "it will come back by itself" is no longer likely. */
const FAILED_AFTER_MS = 5 * 60_000;

/** The status that the facts add up to. */
export function pipelineStatus(
  { failingSince, deadLettered }: PipelineProgress,
  sourceAnswers: boolean,
  now: Date,
): PipelineStatus {
  if (failingSince !== null && now.getTime() - failingSince.getTime() > FAILED_AFTER_MS) return 'FAILED';
  if (failingSince !== null || deadLettered > 0 || !sourceAnswers) return 'DEGRADED';
  return 'RUNNING';
}
