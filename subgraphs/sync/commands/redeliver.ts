import type { Caller, CommandServices } from '#shared/command.ts';
import { redeliver as redeliverOne, redeliverOldest } from '#shared/events/dead-letters.ts';
import { callerName, requireAdmin } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import { refused } from '#shared/refusal.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import { redeliverInput } from '../domain/dead-letter-input.ts';
import { noteRedelivered } from '../store/dead-letter-records.ts';
import { noteInterventions } from '../store/pipeline-progress.ts';
import { drivenPipeline, type PipelineErrorCode } from './driven-pipeline.ts';

/** What is frozen with the key. */
export interface Redelivered {
  readonly pipeline: string;
  readonly redelivered: number;
}

/**
 * Makes a dead letter of a pipeline due again, or all that rest there, once per key; for admins. Refuses with `PIPELINE_NOT_FOUND`,
 * `PIPELINE_NOT_DRIVEN`, or `DEAD_LETTER_NOT_FOUND` when somebody has been quicker.
 */
export async function redeliver(
  { idempotency }: CommandServices,
  given: unknown,
  by: Caller,
): Promise<Answer<Redelivered, PipelineErrorCode | 'DEAD_LETTER_NOT_FOUND'>> {
  requireAdmin(by.viewer);
  const input = checkInput(redeliverInput, given);
  const caller = callerName(by.viewer);
  const call = { caller, field: 'redeliver', key: by.idempotencyKey, args: given };
  return idempotency.once<Redelivered, void, PipelineErrorCode | 'DEAD_LETTER_NOT_FOUND'>(call, {
    prepare: () => Promise.resolve(),
    effect: async (tx) => {
      const pipeline = drivenPipeline(input.pipeline);
      if (!('id' in pipeline)) return pipeline;
      const who = { durable: pipeline.id, by: caller, at: new Date() };
      const entries =
        input.eventId == null
          ? await redeliverOldest(tx, who)
          : [await redeliverOne(tx, who, input.eventId)].filter((entry) => entry !== undefined);
      if (input.eventId != null && entries.length === 0) return noDeadLetter();
      const recordIds = entries.map(({ event }) => event.subject);
      await noteRedelivered(tx, pipeline, recordIds);
      await noteInterventions(tx, pipeline.id, { deadLetters: entries.length, discarded: 0 });
      return { data: { pipeline: pipeline.id, redelivered: entries.length } };
    },
  });
}

/** It may never have been one, or somebody has redelivered or discarded it. */
export function noDeadLetter(): ReturnType<typeof refused<'DEAD_LETTER_NOT_FOUND'>> {
  return refused(
    'DEAD_LETTER_NOT_FOUND',
    'No dead letter of this pipeline has this event id, or not any more.',
    'eventId',
  );
}
