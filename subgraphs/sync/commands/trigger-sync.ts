import type { Caller, CommandServices } from '#shared/command.ts';
import { expedite } from '#shared/events/ledger.ts';
import { callerName, requireAdmin } from '#shared/identity/viewer.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import { drivenPipeline, type PipelineErrorCode } from './driven-pipeline.ts';

/** Makes waiting retries of a pipeline due now, once per key; for admins. Refuses with `PIPELINE_NOT_FOUND` or `PIPELINE_NOT_DRIVEN`. */
export async function triggerSync(
  { idempotency }: CommandServices,
  input: { readonly pipeline: string },
  by: Caller,
): Promise<Answer<{ pipeline: string }, PipelineErrorCode>> {
  requireAdmin(by.viewer);
  const call = { caller: callerName(by.viewer), field: 'triggerSync', key: by.idempotencyKey, args: input };
  return idempotency.once<{ pipeline: string }, void, PipelineErrorCode>(call, {
    prepare: () => Promise.resolve(),
    effect: async (tx) => {
      const pipeline = drivenPipeline(input.pipeline);
      if (!('id' in pipeline)) return pipeline;
      await expedite(tx, pipeline.id, new Date());
      return { data: { pipeline: pipeline.id } };
    },
  });
}
