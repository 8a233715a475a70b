import { GraphQLError, type FormattedExecutionResult, type GraphQLFormattedError } from 'graphql';
import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';
import type { RequestContext } from '#shared/graphql/context.ts';
import type { Subgraph } from '../supergraph/supergraph.ts';
import { identityHeaders, type ServiceToken } from '../execution/identity-headers.ts';
import type { SubgraphEvent } from '../execution/executor.ts';
import type { Variables } from '../execution/variables.ts';
import { Comeback } from './comeback.ts';
import { identityOf } from './identity.ts';

/** What a subgraph sends for one event, with what it says of the event's place in the stream. */
export interface UpstreamEvent extends SubgraphEvent {
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** The primary operation of a subscription's plan. */
export interface UpstreamOperation {
  readonly query: string;
  readonly variables: Variables;
}

/** Who is told what a subgraph sends. One of the last three is called once, last; none after unsubscribing. */
export interface UpstreamSink {
  readonly event: (event: UpstreamEvent) => void;
  /** The subgraph says that there is nothing more. */
  readonly complete: () => void;
  /** The subgraph itself has answered with errors. */
  readonly refused: (errors: readonly GraphQLError[]) => void;
  /** It cannot be reached, or was lost. */
  readonly lost: (cause: unknown) => void;
}

/** The subscriptions at one subgraph. */
export interface Upstream extends AsyncDisposable {
  readonly subgraph: Subgraph;
  readonly comeback: Comeback;
  /** Subscribes on behalf of this context's caller; the result unsubscribes. */
  subscribe(operation: UpstreamOperation, context: RequestContext, sink: UpstreamSink): () => void;
}

export interface UpstreamOptions {
  readonly subgraph: Subgraph;
  readonly serviceToken: ServiceToken;
  /** For a subgraph that takes the caller's token from `connection_init` only: a socket for each identity. */
  readonly socketPerIdentity?: boolean;
}

/** A subgraph that does not answer pings for this long is gone. */
const HEARTBEAT_MS = 10_000;
/** The last subscription may be followed by the next one soon: the socket is kept for a while. */
const IDLE_MS = 5_000;

/** Opens no socket before there is a subscription for it. */
export function openUpstream({ subgraph, serviceToken, socketPerIdentity = false }: UpstreamOptions): Upstream {
  const sockets = new Map<string, SubgraphSocket>();
  const comeback = new Comeback();

  function socketOf(context: RequestContext): SubgraphSocket {
    const key = socketPerIdentity ? identityOf(context) : '';
    const known = sockets.get(key);
    if (known !== undefined) return known;
    const opened = new SubgraphSocket(subgraph.url.replace(/^http/, 'ws'), () => {
      if (opened.subscriptions === 0 && socketPerIdentity) sockets.delete(key);
    });
    sockets.set(key, opened);
    return opened;
  }

  return {
    subgraph,
    comeback,
    subscribe: (operation, context, sink) => {
      const socket = socketOf(context);
      const wished = Promise.resolve(identityHeaders(context, serviceToken)).then((headers) => {
        if (socketPerIdentity) socket.parameters = headers;
        return { ...operation, extensions: { ...headers, checkpoints: true } };
      });
      return socket.subscribe(wished, sink);
    },
    [Symbol.asyncDispose]: async () => {
      comeback.close();
      await Promise.all([...sockets.values()].map((socket) => socket.dispose()));
    },
  };
}

type Payload = Parameters<Client['subscribe']>[0];

/** One graphql-transport-ws socket, opened with the first subscription and closed some seconds after the last. */
class SubgraphSocket {
  /** What `connection_init` says; nothing where the identity goes with each operation. */
  parameters: Readonly<Record<string, string>> | undefined;
  readonly #client: Client;
  readonly #lost = new Set<(cause: unknown) => void>();
  #answered = true;

  constructor(url: string, onClosed: () => void) {
    this.#client = createClient({
      url,
      webSocketImpl: WebSocket,
      lazy: true,
      lazyCloseTimeout: IDLE_MS,
      retryAttempts: 0,
      keepAlive: HEARTBEAT_MS,
      connectionParams: () => this.parameters,
      on: {
        ping: (received) => {
          if (received) return;
          // Our own ping: the one before it must have been answered.
          if (!this.#answered) this.#client.terminate();
          this.#answered = false;
        },
        pong: (received) => {
          if (received) this.#answered = true;
        },
        connected: () => {
          this.#answered = true;
        },
        // The library would ask again by itself after a close with 1000, from where the subscription once began.
        closed: (event) => {
          const losing = [...this.#lost];
          for (const lost of losing) lost(event);
          onClosed();
        },
      },
    });
  }

  get subscriptions(): number {
    return this.#lost.size;
  }

  subscribe(wished: Promise<Payload>, sink: UpstreamSink): () => void {
    let release: (() => void) | undefined;
    let over = false;
    const end = (): boolean => {
      if (over) return false;
      over = true;
      this.#lost.delete(lost);
      // The library would count an operation twice that is left within a message behind which the subgraph's own end has come at once: then
      // it takes the socket for unused too early, or never.
      queueMicrotask(() => release?.());
      return true;
    };
    const lost = (cause: unknown): void => {
      if (end()) sink.lost(cause);
    };
    const refused = (errors: readonly GraphQLFormattedError[]): void => {
      if (!end()) return;
      sink.refused(errors.map(({ message, extensions = {} }) => new GraphQLError(message, { extensions })));
    };
    this.#lost.add(lost);
    void wished.then((payload) => {
      if (over) return;
      release = this.#client.subscribe(payload, {
        next: (event) => {
          const { data, errors } = event as FormattedExecutionResult;
          // GraphQL's answer to a subscription that could not begin (spec §6.2.3), which graphql-ws sends like an event.
          if (data === undefined && errors !== undefined) refused(errors);
          else if (!over) sink.event(event as FormattedExecutionResult);
        },
        complete: () => {
          if (end()) sink.complete();
        },
        error: (error) => {
          if (Array.isArray(error)) refused(error as GraphQLFormattedError[]);
          else lost(error);
        },
      });
    }, lost);
    return () => void end();
  }

  async dispose(): Promise<void> {
    await this.#client.dispose();
  }
}
