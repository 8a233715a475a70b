import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { RequestContext } from '#shared/graphql/context.ts';
import { fromHeaders, requestContext } from '#shared/graphql/request-context.ts';
import type { TokenVerifier } from '#shared/identity/tokens.ts';
import type { Log } from '#shared/log.ts';
import { coerceVariables } from '../execution/variables.ts';
import type { Sink, StreamEnd, Subscription, SubscriptionRequest } from '../subscriptions/subscription.ts';
import { offeredTo, type StreamType, type Wanted } from './accept.ts';
import { eventStream, resumableEventStream } from './event-stream.ts';
import type { RequestedSubscription } from './http-operation.ts';
import { HttpStream } from './http-stream.ts';
import { multipart } from './multipart.ts';
import { BAD_REQUEST, notAcceptable, refuse, statusOf, toldErrors } from './refusals.ts';
import type { StreamFormat } from './stream-format.ts';

/** An HTTP request with how it is to be answered. */
export interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly wanted: Wanted;
}

interface Options {
  readonly schema: () => GraphQLSchema;
  readonly engine: { subscribe(request: SubscriptionRequest, sink: Sink): Subscription };
  readonly verifier: TokenVerifier;
  readonly log: Log;
}

/** The subscriptions that are answered over HTTP right now. */
export class OpenStreams {
  readonly #options: Options;
  readonly #open = new Map<HttpStream, Subscription>();
  #stopping = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Answers by a stream; what is refused before it has begun, by a status. */
  async open(exchange: Exchange, subscription: RequestedSubscription): Promise<FastifyReply> {
    const { request, reply, wanted } = exchange;
    const { verifier, log } = this.#options;
    try {
      const context = await requestContext({ header: fromHeaders(request.headers), verifier, log });
      reply.headers({ 'x-request-id': context.requestId, 'x-correlation-id': context.correlationId });
      if (wanted.stream === undefined)
        throw notAcceptable('A subscription is answered by a stream', offeredTo(request.method));
      // The client may have left meanwhile.
      if (reply.raw.destroyed) return reply.hijack();
      this.#follow(exchange, { context, subscription, stream: wanted.stream });
    } catch (error) {
      refuse(reply, toldErrors(error, { log, requestId: request.id }), wanted.json);
    }
    return reply;
  }

  /** Ends every stream, and waits until the connections have nothing more to send. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const open = [...this.#open];
    for (const [stream, subscription] of open) {
      stream.end(STOPPING);
      subscription.leave();
    }
    await Promise.all(open.map(([stream]) => stream.closed()));
  }

  #follow({ request, reply, wanted }: Exchange, { context, subscription, stream: type }: Admitted): void {
    const stream = new HttpStream({
      reply,
      format: formatFor(request, type),
      refuse: (end) => {
        if (takesOnlyEvents(wanted) && statusOf(end.errors) === BAD_REQUEST) return false;
        refuse(reply, end.errors, wanted.json);
        return true;
      },
    });
    const { document, operationName, operation, variables } = subscription;
    const coerced = coerceVariables(this.#options.schema(), operation, variables);
    if ('errors' in coerced) return stream.end({ reason: 'refused', errors: toldErrors(coerced.errors, context) });
    if (this.#stopping) return stream.end(STOPPING);
    const after = fromHeaders(request.headers)('last-event-id');
    const asked: SubscriptionRequest = {
      document,
      operationName,
      variables,
      context,
      transport: type,
      address: request.ip,
      checkpoints: request.method === 'GET',
      ...(after !== undefined && after !== '' && { after }),
    };
    const followed = this.#options.engine.subscribe(asked, stream);
    if (stream.refused) return;
    this.#open.set(stream, followed);
    reply.raw.once('close', () => this.#open.delete(stream));
    stream.follow(followed);
  }
}

interface Admitted {
  readonly context: RequestContext;
  readonly subscription: RequestedSubscription;
  readonly stream: StreamType;
}

const STOPPING: StreamEnd = {
  reason: 'stopping',
  errors: [
    new GraphQLError('The gateway stops; subscribe again.', { extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }),
  ],
};

/** A GET is an EventSource's: it resumes by itself from the last id. */
function formatFor({ method }: FastifyRequest, type: StreamType): StreamFormat {
  if (type === 'multipart') return multipart;
  return method === 'GET' ? resumableEventStream : eventStream;
}

export function takesOnlyEvents({ stream, json }: Wanted): boolean {
  return stream === 'sse' && json === undefined;
}
