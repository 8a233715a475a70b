import { GraphQLError } from 'graphql';
import { translateError } from '#shared/graphql/errors.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import { Refusal, type RefusalCode } from '#shared/refusal.ts';
import type { StreamEnd } from './subscription.ts';

/** The end of a stream without the place where each of its clients stands. */
export interface Ending {
  readonly reason: StreamEnd['reason'];
  readonly errors: readonly GraphQLError[];
}

export const COMPLETE: Ending = { reason: 'complete', errors: [] };

/** An end by a refusal; the message is a sentence without a full stop, which is followed by how to go on. */
function ending(reason: StreamEnd['reason'], code: RefusalCode, message: string): Ending {
  return { reason, errors: [new GraphQLError(message, { extensions: { code } })] };
}

export const SLOW = ending('slow', 'SLOW_CONSUMER', 'This subscription was not read as fast as it was told');
export const EXPIRED = ending('expired', 'UNAUTHENTICATED', 'The token has expired');
export const REPLACED = ending('replaced', 'SUPERGRAPH_REPLACED', 'The schema has changed, and with it this operation');
export const STOPPING = ending('stopping', 'SHUTTING_DOWN', 'The gateway is stopping');
export const LIMITED = ending('limited', 'RATE_LIMITED', 'There are too many subscriptions');
export const OUTPACED = ending('lost', 'RATE_LIMITED', 'Events come faster than their fields can be fetched');

export function lost(subgraph: string): Ending {
  return ending('lost', 'SUBGRAPH_UNAVAILABLE', `The ${subgraph} service is not available right now`);
}

/** What the subgraph itself has said. */
export function refusedBy(errors: readonly GraphQLError[]): Ending {
  return { reason: 'refused', errors };
}

/** A refusal of the gateway's own, or a bug. */
export function endingOf(error: unknown, context: RequestContext): Ending {
  const { message, ...rest } = translateError(error, context);
  const refused = error instanceof Refusal || error instanceof GraphQLError;
  return { reason: refused ? 'refused' : 'fault', errors: [new GraphQLError(message, rest)] };
}

/** The end as one client is told: with the place from which this client goes on without missing anything, where there is one. */
export function endAt({ reason, errors }: Ending, cursor: string | undefined): StreamEnd {
  if (reason === 'complete' || reason === 'refused' || reason === 'fault') return { reason, errors };
  const goOn =
    cursor === undefined ? 'subscribe again' : `subscribe again with after: "${cursor}" and nothing is missed`;
  return {
    reason,
    errors: errors.map(
      ({ message, extensions }) =>
        new GraphQLError(`${message}; ${goOn}.`, {
          extensions: { ...extensions, ...(cursor !== undefined && { cursor }) },
        }),
    ),
  };
}
