import { z } from 'zod';
import type { CloudEvent } from '#shared/cloud-event.ts';
import type { Pipeline } from './pipeline.ts';
import { SYNC_ENTITIES } from './record-sync.ts';

/** What a target tells of a record when it has taken it by itself. */
export const OBSERVED_TYPE = 'replica.applied';

const observedData = z.object({
  entity: z.enum(SYNC_ENTITIES),
  recordId: z.string().min(1),
  target: z.string(),
  targetRevision: z.int().positive(),
});

/** That a target holds a record in a revision. */
export interface Observation {
  readonly recordId: string;
  readonly ownerId: string | null;
  readonly targetRevision: number;
  /** What the target told. */
  readonly event: CloudEvent;
}

/** Is this the pipeline's target speaking? Sync itself tells of copies in events of the same type. */
export function isObservation({ target }: Pipeline, { source, type }: CloudEvent): boolean {
  return source === target && type === OBSERVED_TYPE;
}

/** What the target says; undefined when it speaks of another pipeline's records. Throws when it cannot be understood. */
export function observationOf({ entity, target }: Pipeline, event: CloudEvent): Observation | undefined {
  const data = observedData.parse(event.data);
  if (data.entity !== entity || data.target !== target) return undefined;
  return { recordId: data.recordId, ownerId: event.ownerid ?? null, targetRevision: data.targetRevision, event };
}

/**
 * What becomes of an event that waits in the ledger of an observed pipeline, once its record is known to be held in a revision. Event and
 * observation come from different sources, in either order; the revision held is kept with the record, so the later of the two settles.
 *
 * ```mermaid
 * stateDiagram-v2
 *   [*] --> PENDING: received
 *   PENDING --> APPLIED: the target is observed to hold this very revision
 *   PENDING --> SUPERSEDED: the target is observed to hold a newer one
 * ```
 */
export function stateUnder(revision: number, held: number): 'PENDING' | 'APPLIED' | 'SUPERSEDED' {
  if (revision > held) return 'PENDING';
  return revision === held ? 'APPLIED' : 'SUPERSEDED';
}

/** Deals out observations so that each round has one of a record at most, and later rounds have the later ones. */
export function roundsOf(observations: readonly Observation[]): Observation[][] {
  const rounds: Observation[][] = [];
  const dealt = new Map<string, number>();
  for (const observation of observations) {
    const round = dealt.get(observation.recordId) ?? 0;
    (rounds[round] ??= []).push(observation);
    dealt.set(observation.recordId, round + 1);
  }
  return rounds;
}
