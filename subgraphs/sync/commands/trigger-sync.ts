import type { Caller, CommandServices } from '#shared/command.ts';
import { expedite } from '#shared/events/ledger.ts';
import { callerName, requireAdmin } from '#shared/identity/viewer.ts';
import { refused } from '#shared/refusal.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import { PIPELINES } from '../domain/pipeline.ts';

export type SyncErrorCode = 'PIPELINE_NOT_FOUND' | 'PIPELINE_NOT_DRIVEN';

/** Makes waiting retries of a pipeline due now, once per key; for admins. Refuses with `PIPELINE_NOT_FOUND` or `PIPELINE_NOT_DRIVEN`. */
export async function triggerSync(
  { idempotency }: CommandServices,
  input: { readonly pipeline: string },
  by: Caller,
): Promise<Answer<{ pipeline: string }, SyncErrorCode>> {
  requireAdmin(by.viewer);
  const call = { caller: callerName(by.viewer), field: 'triggerSync', key: by.idempotencyKey, args: input };
  return idempotency.once<{ pipeline: string }, void, SyncErrorCode>(call, {
    prepare: () => Promise.resolve(),
    effect: async (tx) => {
      const pipeline = PIPELINES.find(({ id }) => id === input.pipeline);
      if (pipeline === undefined) return refused('PIPELINE_NOT_FOUND', 'There is no such pipeline.', 'pipeline');
      if (!pipeline.driven) {
        const { target } = pipeline;
        return refused('PIPELINE_NOT_DRIVEN', `The ${target} service takes these records by itself.`, 'pipeline');
      }
      await expedite(tx, pipeline.id, new Date());
      return { data: { pipeline: pipeline.id } };
    },
  });
}
