import type { Replica } from '../../domain/replica.ts';
import type { SyncEntity } from '../../domain/record-sync.ts';

/** What a target came to with one record. */
export type ApplyResult =
  /** The revision the target now holds: the record's own, or a higher one that it held already. */
  { readonly id: string; readonly targetRevision: number } | { readonly id: string; readonly error: string };

/**
 * A store that records are replicated to. Each implementation passes test/support/target-contract.ts against the real thing.
 * A write takes effect only when its revision is higher than what the target holds, so that events that come late or twice change nothing.
 */
export interface SyncTarget {
  readonly name: string;
  /**
   * Writes records, at most one per id, and says for each what the target now holds. Rejects when the target cannot be reached; a record
   * that it will not take is an `error` of that record alone.
   */
  apply(entity: SyncEntity, replicas: readonly Replica[]): Promise<ApplyResult[]>;
  /** Rejects when the target cannot be reached. */
  check(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
