import type { FastifyInstance, FastifyReply } from 'fastify';
import type { GraphqlFront } from '#shared/graphql/apollo.ts';
import type { Documents } from '#shared/graphql/documents.ts';
import type { TokenVerifier } from '#shared/identity/tokens.ts';
import type { Log } from '#shared/log.ts';
import { Refusal } from '#shared/refusal.ts';
import type { SubscriptionRequest, Sink, Subscription } from '../subscriptions/subscription.ts';
import { offeredTo, wantedBy } from './accept.ts';
import { completedStream, eventStream } from './event-stream.ts';
import { operationIn, subscriptionIn } from './http-operation.ts';
import { OpenStreams, takesOnlyEvents, type Exchange } from './open-streams.ts';
import { notAcceptable, answerRefused } from './refusals.ts';
import type { Tickets } from './tickets.ts';

interface StreamedOperations {
  readonly app: FastifyInstance;
  /** Read at every operation, since a gateway's schema may change. */
  readonly documents: () => Documents;
  /** Stopped before the app closes. */
  readonly engine: { subscribe(request: SubscriptionRequest, sink: Sink): Subscription };
  readonly tickets: Tickets;
  readonly verifier: TokenVerifier;
  readonly log: Log;
}

/**
 * Answers subscriptions over HTTP by the stream that the client takes, and everything by events for those who take nothing else; hands all
 * other requests on, malformed ones too. The app is not closed before all streams have ended, as the engine has them.
 */
export function streamedOperations({ documents, tickets, ...options }: StreamedOperations): GraphqlFront {
  const { app, log } = options;
  const streams = new OpenStreams(options);
  app.addHook('preClose', () => streams.closed());

  return async (request, reply, answer) => {
    const wanted = wantedBy(request.headers.accept, offeredTo(request.method));
    const exchange = { request, reply, wanted };
    const search = new URL(request.url, 'http://any').searchParams;
    const ticket = request.method === 'GET' ? search.get('ticket') : null;
    if (ticket !== null) {
      const refused = admit(exchange, ticket, tickets);
      if (refused !== undefined) return answerRefused({ request, reply, type: wanted.json }, refused, log);
    }
    const given = operationIn({ method: request.method, body: request.body, search });
    const subscription = given === undefined ? undefined : subscriptionIn(given, documents());
    if (subscription !== undefined) return streams.open(exchange, subscription);
    if (!takesOnlyEvents(wanted)) return answer();
    request.headers = { ...request.headers, accept: 'application/json' };
    const json = await answer();
    return given === undefined ? json : asEvents(reply, json);
  };
}

/** Lets the request speak for whom its ticket was given to; or says why not. */
function admit({ request, wanted }: Exchange, ticket: string, tickets: Tickets): Refusal | undefined {
  if (wanted.stream !== 'sse') return notAcceptable('A ticket opens a stream of events', ['sse']);
  try {
    // Who holds a ticket was let in by us: no other site has made the browser send this.
    request.headers = { authorization: tickets.redeem(ticket), 'apollo-require-preflight': 'ticket' };
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/**
 * An operation that ends at once, as a stream of one result. What is wrong with the operation itself is told so too, as the protocol of
 * graphql-sse demands: its client takes every other status for a fault of the network, and tries again.
 */
function asEvents(reply: FastifyReply, json: string): string {
  if (reply.statusCode !== 200) return json;
  void reply.type(eventStream.contentType).header('cache-control', 'no-cache, no-transform');
  return completedStream(json.trimEnd());
}
