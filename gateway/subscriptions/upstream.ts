import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';
import type { RequestContext } from '#shared/graphql/context.ts';
import type { Subgraph } from '../supergraph/supergraph.ts';
import { identityHeaders, type ServiceToken } from '../execution/identity-headers.ts';
import type { SubgraphEvent } from '../execution/executor.ts';
import type { Variables } from '../execution/variables.ts';

/** What a subgraph sends for one event, with the cursor from which it can be resumed. */
export interface UpstreamEvent extends SubgraphEvent {
  readonly extensions?: { readonly cursor?: unknown } | undefined;
}

/** The primary operation of a subscription's plan. */
export interface UpstreamOperation {
  readonly query: string;
  readonly variables: Variables;
}

/** One socket to a subgraph for all users: the identity goes with each operation. */
export interface Upstream {
  /** Rejects, or throws while iterated, when the subgraph cannot be reached or is lost; ends when the subgraph completes. */
  subscribe(operation: UpstreamOperation, context: RequestContext): Promise<AsyncIterable<UpstreamEvent>>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A subgraph that does not answer pings for this long is gone. */
const HEARTBEAT_MS = 10_000;
/** The last subscription may be followed by the next one soon: the socket is kept for a while. */
const IDLE_MS = 5_000;

export function openUpstream(subgraph: Subgraph, serviceToken: ServiceToken): Upstream {
  let answered = true;
  const client: Client = createClient({
    url: subgraph.url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    lazy: true,
    lazyCloseTimeout: IDLE_MS,
    retryAttempts: 0,
    keepAlive: HEARTBEAT_MS,
    on: {
      ping: (received) => {
        if (received) return;
        // Our own ping: the one before it must have been answered.
        if (!answered) client.terminate();
        answered = false;
      },
      pong: (received) => {
        if (received) answered = true;
      },
      connected: () => {
        answered = true;
      },
    },
  });
  return {
    subscribe: async ({ query, variables }, context) => {
      const extensions = await identityHeaders(context, serviceToken);
      return client.iterate({ query, variables, extensions }) as AsyncIterable<UpstreamEvent>;
    },
    [Symbol.asyncDispose]: async () => {
      await client.dispose();
    },
  };
}
