import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestContext } from '#shared/graphql/context.ts';
import { fromHeaders, requestContext } from '#shared/graphql/request-context.ts';
import type { TokenVerifier } from '#shared/identity/tokens.ts';
import type { Log } from '#shared/log.ts';
import type { Sink, StreamEnd, Subscription, SubscriptionRequest } from '../subscriptions/subscription.ts';
import { offeredTo, type StreamType, type Wanted } from './accept.ts';
import { eventStream, resumableEventStream } from './event-stream.ts';
import type { RequestedSubscription } from './http-operation.ts';
import { HttpStream } from './http-stream.ts';
import { multipart } from './multipart.ts';
import { BAD_REQUEST, notAcceptable, refuse, answerRefused, statusOf, toldErrors } from './refusals.ts';
import type { StreamFormat } from './stream-format.ts';

/** An HTTP request with how it is to be answered. */
export interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly wanted: Wanted;
}

interface Options {
  /** Stopped before the app closes. */
  readonly engine: { subscribe(request: SubscriptionRequest, sink: Sink): Subscription };
  readonly verifier: TokenVerifier;
  readonly log: Log;
}

interface Admitted {
  readonly context: RequestContext;
  readonly subscription: RequestedSubscription;
  readonly type: StreamType;
}

/** The subscriptions that are answered over HTTP right now. */
export class OpenStreams {
  readonly #options: Options;
  readonly #open = new Set<HttpStream>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Answers by a stream; what is refused before it has begun, by a status. */
  async open(exchange: Exchange, subscription: RequestedSubscription): Promise<FastifyReply> {
    const { request, reply, wanted } = exchange;
    const { verifier, log } = this.#options;
    try {
      const context = await requestContext({ header: fromHeaders(request.headers), verifier, log });
      void reply.headers({ 'x-request-id': context.requestId, 'x-correlation-id': context.correlationId });
      if (wanted.stream === undefined)
        throw notAcceptable('A subscription is answered by a stream', offeredTo(request.method));
      // The client may have left meanwhile.
      if (reply.raw.destroyed) void reply.hijack();
      else await this.#follow(exchange, { context, subscription, type: wanted.stream });
    } catch (error) {
      void answerRefused({ request, reply, type: wanted.json }, error, log);
    }
    return reply;
  }

  /** Resolves when no connection has anything more to send; the engine has ended the streams. */
  async closed(): Promise<void> {
    await Promise.all([...this.#open].map((stream) => stream.closed()));
  }

  async #follow({ request, reply, wanted }: Exchange, { context, subscription, type }: Admitted): Promise<void> {
    const stream = new HttpStream({
      reply,
      format: formatFor(request, type),
      refuse: (end) => {
        if (takesOnlyEvents(wanted) && statusOf(end.errors) === BAD_REQUEST) return false;
        void refuse(reply, end.errors, wanted.json);
        return true;
      },
    });
    const sink: Sink = {
      write: (delivery) => stream.write(delivery),
      end: (end) => stream.end(toldEnd(end, context)),
    };
    const { document, operationName, variables, checkpoints } = subscription;
    const after = fromHeaders(request.headers)('last-event-id') ?? '';
    const followed = this.#options.engine.subscribe(
      {
        document,
        operationName,
        variables,
        context,
        transport: type,
        address: request.ip,
        checkpoints: checkpoints || request.method === 'GET',
        ...(after !== '' && { after }),
      },
      sink,
    );
    // What the engine itself refuses it says right behind `subscribe`: then there is no head yet, and a status tells it.
    await Promise.resolve();
    if (stream.refused) return;
    this.#open.add(stream);
    reply.raw.once('close', () => this.#open.delete(stream));
    stream.follow(followed);
  }
}

/** What a subgraph has refused may have come without a code; all other ends were made for clients. */
function toldEnd(end: StreamEnd, context: RequestContext): StreamEnd {
  return end.reason === 'refused' ? { reason: 'refused', errors: toldErrors(end.errors, context) } : end;
}

/** A GET is an EventSource's: it resumes by itself from the last id. */
function formatFor({ method }: FastifyRequest, type: StreamType): StreamFormat {
  if (type === 'multipart') return multipart;
  return method === 'GET' ? resumableEventStream : eventStream;
}

export function takesOnlyEvents({ stream, json }: Wanted): boolean {
  return stream === 'sse' && json === undefined;
}
