import type { RequestContext } from '#shared/graphql/context.ts';
import { callerOf, payloadBase, type PayloadBase } from '#shared/graphql/payload.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import { discard } from '../commands/discard.ts';
import { redeliver } from '../commands/redeliver.ts';
import { triggerSync } from '../commands/trigger-sync.ts';
import type { MutationResolvers, SyncPipeline } from '../generated/resolver-types.ts';
import { findPipeline } from './queries.ts';
import type { SyncServices } from './services.ts';

type Payload<Code extends string> = PayloadBase<Code> & { readonly pipeline: SyncPipeline | null };

export function mutations(services: SyncServices): FieldResolvers<MutationResolvers> {
  /** Lets the pipeline look for what the command has made due, and answers with the pipeline as it now stands. */
  async function payloadOf<Code extends string>(
    answer: Answer<{ readonly pipeline: string }, Code>,
    context: RequestContext,
  ): Promise<Payload<Code>> {
    const id = answer.outcome.data?.pipeline;
    if (id !== undefined && !answer.replayed) services.wakePipeline(id);
    return { ...payloadBase(answer, context), pipeline: id === undefined ? null : await findPipeline(services, id) };
  }
  return {
    triggerSync: async (_, { input, idempotencyKey }, context) =>
      payloadOf(await triggerSync(services, input, callerOf(context, idempotencyKey)), context),
    redeliver: async (_, { input, idempotencyKey }, context) => {
      const answer = await redeliver(services, input, callerOf(context, idempotencyKey));
      return { ...(await payloadOf(answer, context)), redelivered: answer.outcome.data?.redelivered ?? null };
    },
    discard: async (_, { input, idempotencyKey }, context) =>
      payloadOf(await discard(services, input, callerOf(context, idempotencyKey)), context),
  };
}
