import { promisify } from 'node:util';
import { serveGraphql } from '#shared/graphql/apollo.ts';
import type { Documents } from '#shared/graphql/documents.ts';
import { openHttpServer } from '#shared/http-server.ts';
import { fixedKeySet } from '#shared/identity/key-set.ts';
import { mintAccessToken, publicHalf, tokenVerifier } from '#shared/identity/tokens.ts';
import { ANONYMOUS } from '#shared/identity/viewer.ts';
import { SupergraphsInUse } from '#gateway/execution/supergraphs-in-use.ts';
import type { Upstream } from '#gateway/subscriptions/upstream.ts';
import { buildSupergraph } from '#gateway/supergraph/supergraph.ts';
import { apolloGateway } from '#gateway/transports/apollo-gateway.ts';
import { streamedOperations } from '#gateway/transports/streamed-operations.ts';
import { serveTickets } from '#gateway/transports/ticket-route.ts';
import { Tickets } from '#gateway/transports/tickets.ts';
import { newKeys } from './keys.ts';
import { PlayedEngine } from './played-engine.ts';
import { until } from './poll.ts';
import { recordedLog, type LogLine } from './recorded-log.ts';
import { smallSupergraph } from './small-supergraph.ts';

/** A gateway's HTTP side over the small supergraph: queries find no subgraph, and subscriptions are played by the test. */
export interface StreamingGateway extends AsyncDisposable {
  readonly url: string;
  readonly engine: PlayedEngine;
  readonly lines: readonly LogLine[];
  /** An `Authorization` of this user; it ends `seconds` from now. */
  bearer(user: string, seconds?: number): Promise<string>;
  /** From now on the issuer's answer about tokens is waited for, until it is released. */
  holdTokens(): { readonly asked: Promise<void>; release(): void };
  /** Resolves when the server has seen all its clients go. */
  connectionsAreClosed(): Promise<void>;
}

const TOKEN_LIFE_S = 15 * 60;

export async function openStreamingGateway(): Promise<StreamingGateway> {
  const { log, lines } = recordedLog();
  const keys = newKeys();
  const verifier = tokenVerifier(fixedKeySet({ keys: [publicHalf(keys.jwt)] }), keys.publicServiceKeys);
  const engine = new PlayedEngine();
  const tickets = new Tickets();
  const http = openHttpServer({ service: 'gateway', log, dependencies: {} });
  const { app } = http;
  const ada = { __typename: 'Person', id: '1', name: 'Ada' };
  const inUse = new SupergraphsInUse(buildSupergraph(smallSupergraph(), {}), {
    log,
    connect: () => ({
      source: { process: () => Promise.resolve({ data: { person: ada, rename: ada } }) },
      upstream: {} as Upstream,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  });
  app.addHook('preClose', (done) => {
    engine.stop();
    done();
  });
  serveTickets({ app, tickets, verifier, log });
  const documents = (): Documents => inUse.current.supergraph.documents;
  const front = streamedOperations({ app, documents, engine, tickets, verifier, log });
  await serveGraphql({ app, served: { gateway: apolloGateway(inUse) }, verifier, log, front });
  const url = await http.listen({ port: 0 });
  return {
    url,
    engine,
    lines,
    bearer: async (user, seconds = TOKEN_LIFE_S) => {
      const at = new Date(Date.now() + (seconds - TOKEN_LIFE_S) * 1_000);
      const { token } = await mintAccessToken(keys.jwt, { id: user, role: 'CUSTOMER' }, at);
      return `Bearer ${token}`;
    },
    holdTokens: () => {
      const asked = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      verifier.viewer = async (authorization) => {
        if (authorization === undefined) return ANONYMOUS;
        asked.resolve();
        await released.promise;
        return ANONYMOUS;
      };
      return { asked: asked.promise, release: () => released.resolve() };
    },
    connectionsAreClosed: async () => {
      const count = promisify(app.server.getConnections.bind(app.server));
      await until(async () => (await count()) === 0, { what: 'a server without connections' });
    },
    [Symbol.asyncDispose]: async () => {
      await http[Symbol.asyncDispose]();
      await inUse[Symbol.asyncDispose]();
    },
  };
}
