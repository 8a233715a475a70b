import { readFile } from 'node:fs/promises';
import { serveGraphql } from '#shared/graphql/apollo.ts';
import { serveWebSocket } from '#shared/graphql/websocket.ts';
import type { Dependency } from '#shared/health.ts';
import { openHttpServer } from '#shared/http-server.ts';
import { openKeySet } from '#shared/identity/key-set.ts';
import { serviceTokens, tokenVerifier } from '#shared/identity/tokens.ts';
import { openLog } from '#shared/log.ts';
import { runService, type RunningService } from '#shared/process.ts';
import { readGatewayConfig, refuseMistyped, type GatewayConfig } from './config.ts';
import { Executor } from './execution/executor.ts';
import { executeOperation, socketEngine } from './execution/operations.ts';
import { openSubgraphSource } from './execution/subgraph-source.ts';
import { serveAltair } from './explorer/altair.ts';
import { serveSandbox } from './explorer/sandbox.ts';
import { SubscriptionEngine } from './subscriptions/engine.ts';
import { subscriptionMetrics } from './subscriptions/metrics.ts';
import { openUpstream } from './subscriptions/upstream.ts';
import { buildSupergraph, type Subgraph } from './supergraph/supergraph.ts';
import { apolloGateway } from './transports/apollo-gateway.ts';
import { streamedOperations } from './transports/streamed-operations.ts';
import { serveTickets } from './transports/ticket-route.ts';
import { Tickets } from './transports/tickets.ts';

const NAME = 'gateway';

/** Opens the gateway: config → open → wire → listen. Closing it drains it. */
export async function startGateway(config: GatewayConfig): Promise<RunningService> {
  await using opened = new AsyncDisposableStack();
  const log = openLog({ service: NAME, level: config.LOG_LEVEL });
  const supergraph = buildSupergraph(await readFile(config.SUPERGRAPH_FILE, 'utf8'), config.routingUrls);
  refuseMistyped(config, supergraph.subgraphs);
  const serviceToken = serviceTokens(NAME, config.SERVICE_PRIVATE_KEY);

  const perSubgraph = <T extends AsyncDisposable>(open: (subgraph: Subgraph) => T): Record<string, T> =>
    Object.fromEntries(supergraph.subgraphs.map((subgraph) => [subgraph.name, opened.use(open(subgraph))]));
  const sources = perSubgraph((subgraph) =>
    openSubgraphSource({ subgraph, serviceToken, timeoutMs: config.SUBGRAPH_TIMEOUT_MS }),
  );
  const upstreams = perSubgraph((subgraph) =>
    openUpstream({ subgraph, serviceToken, socketPerIdentity: config.SOCKET_PER_IDENTITY.includes(subgraph.name) }),
  );
  const executor = new Executor(supergraph, sources);

  const verifier = tokenVerifier(
    await openKeySet({ url: config.JWKS_URL, file: config.JWKS_FILE, log }),
    config.SERVICE_PUBLIC_KEYS,
  );
  const dependencies = Object.fromEntries(
    supergraph.subgraphs.map((subgraph) => [subgraph.name, subgraphHealth(subgraph)]),
  );
  const http = opened.use(openHttpServer({ service: NAME, log, dependencies }));
  const subscriptions = new SubscriptionEngine({
    serving: { supergraph, executor, upstreams },
    metrics: subscriptionMetrics(http.metrics),
    resumeWithinMs: config.RESUME_WITHIN_MS,
    limits: { inAll: config.MOST_SUBSCRIPTIONS, perClient: config.MOST_SUBSCRIPTIONS_PER_CLIENT },
  });
  http.app.addHook('preClose', () => subscriptions.stop());
  const engines = { supergraph, executor, subscriptions };
  serveSandbox(http.app);
  await serveAltair(http.app);
  const gateway = apolloGateway({ supergraph, execute: (request) => executeOperation(engines, request) });
  const edge = { app: http.app, tickets: new Tickets(), verifier, log };
  serveTickets(edge);
  const front = streamedOperations({ ...edge, documents: () => supergraph.documents, engine: subscriptions });
  await serveGraphql({ app: http.app, served: { gateway }, verifier, log, front });
  serveWebSocket({ app: http.app, engine: socketEngine(engines), verifier, log });
  const url = await http.listen({ port: config.PORT, host: config.LISTEN_HOST });
  const running = opened.move();
  return { url, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Nothing is down because one subgraph is: the gateway without it is degraded. */
function subgraphHealth({ url }: Subgraph): Dependency {
  return {
    critical: false,
    check: async () => {
      const response = await fetch(new URL('/health/ready', url));
      await response.body?.cancel();
      if (!response.ok) throw new Error(`not ready (${response.status})`);
    },
  };
}

if (import.meta.main) await runService(() => startGateway(readGatewayConfig()));
