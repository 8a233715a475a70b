import type { DocumentNode, GraphQLError } from 'graphql';
import type { RequestContext } from '#shared/graphql/context.ts';
import type { Variables } from '../execution/variables.ts';
import type { Delivery } from './delivery.ts';

/** The protocols by which clients subscribe. */
export const TRANSPORTS = ['graphql-ws', 'sse', 'multipart'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** What a client asks to be told of. */
export interface SubscriptionRequest {
  /** Validated against the schema that clients see. */
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  /** As the client sent them. */
  readonly variables: Readonly<Variables>;
  readonly context: RequestContext;
  readonly transport: Transport;
  /** Where the client is, for the limits of those who have not signed in: its network address. */
  readonly address: string;
  /**
   * Also tell, by deliveries without data, how far the stream has come when there is no event: at its beginning, and from time to time. Who
   * keeps these cursors can resume even a stream that has told nothing yet.
   */
  readonly checkpoints: boolean;
  /** Takes the place of the operation's own `after`, when the transport itself tells from where to resume. */
  readonly after?: string;
}

/** Why a stream has ended; each is a label of a metric. */
export const END_REASONS = [
  /** The subgraph has said that there is nothing more. */
  'complete',
  /** The client has left. */
  'left',
  /** The operation was refused, by the gateway or the subgraph: bad input, no right to it, a cursor that is no longer kept. */
  'refused',
  /** The client did not take what it was sent. */
  'slow',
  /** The subgraph was lost, and what it told meanwhile cannot be had any more. */
  'lost',
  /** The token has expired, and no fresh one was sent. */
  'expired',
  /** The supergraph was replaced by one in which this operation is another. */
  'replaced',
  /** There are too many subscriptions. */
  'limited',
  /** The gateway stops. */
  'stopping',
  /** A bug. */
  'fault',
] as const;
export type EndReason = (typeof END_REASONS)[number];

/** The end of a stream, as its client is told. Every error has `extensions.code` and, where it can be resumed, `extensions.cursor`. */
export interface StreamEnd {
  readonly reason: Exclude<EndReason, 'left'>;
  /** Never empty but when the reason is `complete`. */
  readonly errors: readonly GraphQLError[];
}

/** A client's side of a subscription: a transport's adapter. Neither method may throw. */
export interface Sink {
  /**
   * Hands a result to the client's connection. False says that the connection takes no more for now: nothing is written before
   * {@link Subscription.drained} was called. What was given is taken in any case.
   */
  write(delivery: Delivery): boolean;
  /** Called once, after the last `write`; never after `leave`. */
  end(end: StreamEnd): void;
}

/** The engine's side of a subscription. */
export interface Subscription {
  /** The connection takes more again. */
  drained(): void;
  /** The client has left; its sink is not called any more. May be called twice. */
  leave(): void;
  /** A fresh token of the same identity has come; false when it is another's. */
  refresh(context: RequestContext): boolean;
}
