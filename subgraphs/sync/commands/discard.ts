import { traceOf, type Caller, type CommandServices } from '#shared/command.ts';
import { discard as discardOne } from '#shared/events/dead-letters.ts';
import type { LedgerEntry } from '#shared/events/ledger.ts';
import { appendEvents } from '#shared/events/outbox.ts';
import { callerName, requireAdmin } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import type { Transaction } from '#shared/store/postgres.ts';
import { discardInput } from '../domain/dead-letter-input.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import { recordSyncChange, type RecordSyncChange } from '../domain/record-events.ts';
import { noteDiscarded } from '../store/dead-letter-records.ts';
import { noteInterventions } from '../store/pipeline-progress.ts';
import { drivenPipeline, type PipelineErrorCode } from './driven-pipeline.ts';
import { noDeadLetter } from './redeliver.ts';

/** What is frozen with the key. */
export interface Discarded {
  readonly pipeline: string;
  readonly eventId: string;
}

/**
 * Gives a dead letter of a pipeline up for good, once per key; for admins. Its record goes on with what waits behind it, and else stays
 * behind until its next change. Refuses with `PIPELINE_NOT_FOUND`, `PIPELINE_NOT_DRIVEN` or `DEAD_LETTER_NOT_FOUND`.
 */
export async function discard(
  { idempotency }: CommandServices,
  given: unknown,
  by: Caller,
): Promise<Answer<Discarded, PipelineErrorCode | 'DEAD_LETTER_NOT_FOUND'>> {
  requireAdmin(by.viewer);
  const { eventId, reason, ...input } = checkInput(discardInput, given);
  const caller = callerName(by.viewer);
  const call = { caller, field: 'discard', key: by.idempotencyKey, args: given };
  return idempotency.once<Discarded, void, PipelineErrorCode | 'DEAD_LETTER_NOT_FOUND'>(call, {
    prepare: () => Promise.resolve(),
    effect: async (tx) => {
      const pipeline = drivenPipeline(input.pipeline);
      if (!('id' in pipeline)) return pipeline;
      const at = new Date();
      const entry = await discardOne(tx, { durable: pipeline.id, by: caller, at }, { eventId, reason });
      if (entry === undefined) return noDeadLetter();
      const told = await discardedChange(tx, { pipeline, entry, at });
      await appendEvents(
        tx,
        told.map((change) => ({ ...change, ...traceOf(by) })),
      );
      await noteInterventions(tx, pipeline.id, { deadLetters: 1, discarded: 1 });
      return { data: { pipeline: pipeline.id, eventId } };
    },
  });
}

interface Given {
  readonly pipeline: Pipeline;
  readonly entry: LedgerEntry;
  readonly at: Date;
}

/** Notes it with the record, and tells of the version that was discarded, also when a newer one waits. */
async function discardedChange(tx: Transaction, { pipeline, entry, at }: Given): Promise<RecordSyncChange[]> {
  const { revision } = entry;
  const record = await noteDiscarded(tx, pipeline, { recordId: entry.event.subject, revision });
  const change = record && recordSyncChange({ ...record, sourceRevision: revision }, 'DISCARDED', at);
  return change === undefined ? [] : [change];
}
