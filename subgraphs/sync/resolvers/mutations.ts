import type { RequestContext } from '#shared/graphql/context.ts';
import { callerOf, payloadBase } from '#shared/graphql/payload.ts';
import { triggerSync } from '../commands/trigger-sync.ts';
import { findPipeline } from './queries.ts';
import type { SyncServices } from './services.ts';

interface TriggerSyncArguments {
  readonly input: { readonly pipeline: string };
  readonly idempotencyKey: string;
}

export function mutations(services: SyncServices): Record<string, unknown> {
  return {
    triggerSync: async (_: unknown, { input, idempotencyKey }: TriggerSyncArguments, context: RequestContext) => {
      const answer = await triggerSync(services, input, callerOf(context, idempotencyKey));
      const id = answer.outcome.data?.pipeline;
      if (id !== undefined && !answer.replayed) services.wakePipeline(id);
      return { ...payloadBase(answer, context), pipeline: id === undefined ? null : await findPipeline(services, id) };
    },
  };
}
