import { traceOfEvent } from '#shared/cloud-event.ts';
import { claim, renew, settle, type LedgerEntry, type Settlement } from '#shared/events/ledger.ts';
import { appendEvents, type Change } from '#shared/events/outbox.ts';
import { afterFailure } from '#shared/events/retrying.ts';
import { withHeartbeat } from '#shared/heartbeat.ts';
import { backoffMs } from '#shared/retry.ts';
import { transact, type Database, type Transaction } from '#shared/store/postgres.ts';
import type { Counts } from '#shared/worker.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import { recordSyncChange } from '../domain/record-events.ts';
import type { RecordSync } from '../domain/record-sync.ts';
import { replicaOf } from '../domain/replica.ts';
import { noteProgress } from '../store/pipeline-progress.ts';
import { noteAttempted, noteInFlight, type Attempted } from '../store/record-syncs.ts';
import type { ApplyResult, SyncTarget } from '../store/targets/target.ts';

export interface Replication {
  readonly db: Database;
  readonly pipeline: Pipeline;
  readonly target: SyncTarget;
  /** The longest wait before an unreachable target is tried again, in milliseconds. */
  readonly intervalMs: number;
  /** Called after a commit that has put something into the outbox. */
  readonly afterCommit: () => void;
}

/** One transaction at the target; small enough that a record is never in flight for long. */
const BATCH = 200;
/** The claims of a worker that was killed or paused are taken over after this and one poll. While the target works on a batch they are renewed. */
export const CLAIM_MS = 3_000;
/** Longer than any target takes for a batch: a call that hangs is left to another replica, whose own may not. */
export const STUCK_AFTER_MS = 60_000;

/**
 * Takes what is due to the target: claim → apply → settle, in two short transactions around the call. A crash between them leaves a claim
 * that lapses; the target's revision guard makes the second attempt harmless.
 */
export async function replicateOnce(replication: Replication): Promise<Counts> {
  const { db, pipeline, target } = replication;
  const entries = await claimDue(db, pipeline);
  if (entries.length === 0) return { settled: 0 };
  const beat = (): Promise<void> => transact(db, (tx) => renew(tx, entries, claimedUntil(new Date())));
  const outcome = await withHeartbeat(() => apply(target, pipeline, entries), {
    everyMs: CLAIM_MS / 3,
    forMs: STUCK_AFTER_MS,
    beat,
  });
  const settled = await transact(db, (tx) => settleAll(tx, replication, { entries, outcome, now: new Date() }));
  replication.afterCommit();
  return { settled };
}

async function claimDue(db: Database, pipeline: Pipeline): Promise<LedgerEntry[]> {
  return transact(db, async (tx) => {
    const now = new Date();
    const entries = await claim(tx, { durable: pipeline.id, limit: BATCH, now, until: claimedUntil(now) });
    if (entries.length > 0) await noteInFlight(tx, pipeline, entries.map(recordId));
    return entries;
  });
}

const claimedUntil = (now: Date): Date => new Date(now.getTime() + CLAIM_MS);

const recordId = (entry: LedgerEntry): string => entry.event.subject;

/** The result of each record by id, or the error that kept the target from being reached. */
type ApplyOutcome = ReadonlyMap<string, ApplyResult> | { readonly unreachable: string };

async function apply(target: SyncTarget, { entity }: Pipeline, entries: readonly LedgerEntry[]): Promise<ApplyOutcome> {
  try {
    const results = await target.apply(
      entity,
      entries.map((entry) => replicaOf(entity, entry.event)),
    );
    return new Map(results.map((result) => [result.id, result]));
  } catch (error) {
    return { unreachable: error instanceof Error ? error.message : String(error) };
  }
}

interface Done {
  readonly entries: readonly LedgerEntry[];
  readonly outcome: ApplyOutcome;
  readonly now: Date;
}

async function settleAll(tx: Transaction, { pipeline, intervalMs }: Replication, done: Done): Promise<number> {
  const { entries, outcome, now } = done;
  const wanted = entries.map((entry): Attempt => decideAttempt(entry, resultOf(outcome, entry), { now, intervalMs }));
  const settled = new Set(await settle(tx, wanted, now));
  const attempts = wanted.filter((attempt) => settled.has(attempt));
  if (attempts.length === 0) return 0;
  const records = await noteAttempted(tx, pipeline, attempts.map(toAttempted));
  const byRecord = new Map(attempts.map((attempt) => [recordId(attempt.entry), attempt]));
  const change = (record: RecordSync): Change[] => {
    const attempt = byRecord.get(record.recordId);
    const told = recordSyncChange(record, attempt?.state ?? 'APPLIED', now);
    return told === undefined ? [] : [{ ...told, ...traceOfEvent(attempt?.entry.event) }];
  };
  await appendEvents(tx, records.flatMap(change));
  const count = (state: Settlement['state']): number => attempts.filter((attempt) => attempt.state === state).length;
  await noteProgress(tx, pipeline.id, {
    applied: count('APPLIED'),
    superseded: count('SUPERSEDED'),
    deadLettered: count('DEAD_LETTERED'),
    retrying: count('RETRYING') > 0,
    error: attempts.find((attempt) => attempt.error !== undefined)?.error ?? null,
    at: now,
  });
  return attempts.length;
}

/** A settlement with what the target holds, where it has said so. */
export type Attempt = Settlement & { readonly targetRevision?: number };

function resultOf(outcome: ApplyOutcome, entry: LedgerEntry): ApplyResult | { unreachable: string } {
  if ('unreachable' in outcome) return outcome;
  return outcome.get(recordId(entry)) ?? { unreachable: 'the target said nothing of this record' };
}

/** What becomes of an event: an unreachable target is waited for without end, a record it will not take is given up after some tries. */
export function decideAttempt(
  entry: LedgerEntry,
  result: ApplyResult | { unreachable: string },
  { now, intervalMs }: { now: Date; intervalMs: number },
): Attempt {
  if ('targetRevision' in result) {
    const state = result.targetRevision > entry.revision ? 'SUPERSEDED' : 'APPLIED';
    return { entry, state, targetRevision: result.targetRevision };
  }
  if ('error' in result) return afterFailure(entry, result.error, now);
  const waitMs = backoffMs({ firstMs: Math.min(500, intervalMs), longestMs: intervalMs }, entry.attempts);
  return { entry, state: 'RETRYING', error: result.unreachable, dueAt: new Date(now.getTime() + waitMs) };
}

export function toAttempted({ entry, state, error, dueAt, targetRevision }: Attempt): Attempted {
  return {
    recordId: recordId(entry),
    targetRevision: targetRevision ?? null,
    failure: state === 'RETRYING' || state === 'DEAD_LETTERED' ? state : null,
    attempts: entry.attempts,
    nextAttemptAt: state === 'RETRYING' ? (dueAt ?? null) : null,
    lastError: error ?? null,
  };
}
