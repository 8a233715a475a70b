import { callerOf, payloadBase } from '#shared/graphql/payload.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { triggerSync } from '../commands/trigger-sync.ts';
import type { MutationResolvers } from '../generated/resolver-types.ts';
import { findPipeline } from './queries.ts';
import type { SyncServices } from './services.ts';

export function mutations(services: SyncServices): FieldResolvers<MutationResolvers> {
  return {
    triggerSync: async (_, { input, idempotencyKey }, context) => {
      const answer = await triggerSync(services, input, callerOf(context, idempotencyKey));
      const id = answer.outcome.data?.pipeline;
      if (id !== undefined && !answer.replayed) services.wakePipeline(id);
      return { ...payloadBase(answer, context), pipeline: id === undefined ? null : await findPipeline(services, id) };
    },
  };
}
