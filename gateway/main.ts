import { readFile } from 'node:fs/promises';
import { serveGraphql } from '#shared/graphql/apollo.ts';
import type { Documents } from '#shared/graphql/documents.ts';
import { serveWebSocket } from '#shared/graphql/websocket.ts';
import type { Dependency } from '#shared/health.ts';
import { openHttpServer, showNumber, type HttpServer } from '#shared/http-server.ts';
import { openKeySet } from '#shared/identity/key-set.ts';
import { serviceTokens, tokenVerifier, type TokenVerifier } from '#shared/identity/tokens.ts';
import { openLog, type Log } from '#shared/log.ts';
import { runService, type RunningService } from '#shared/process.ts';
import { readGatewayConfig, refuseMistyped, type GatewayConfig } from './config.ts';
import { socketEngine } from './execution/operations.ts';
import { openSubgraphSource } from './execution/subgraph-source.ts';
import { SupergraphsInUse, type SubgraphConnection } from './execution/supergraphs-in-use.ts';
import { serveAltair } from './explorer/altair.ts';
import { serveSandbox } from './explorer/sandbox.ts';
import { SubscriptionEngine, type Serving } from './subscriptions/engine.ts';
import { subscriptionMetrics } from './subscriptions/metrics.ts';
import { openUpstream } from './subscriptions/upstream.ts';
import { startReload } from './supergraph/reload.ts';
import { buildSupergraphBeside, type Subgraph, type Supergraph } from './supergraph/supergraph.ts';
import { apolloGateway } from './transports/apollo-gateway.ts';
import { streamedOperations } from './transports/streamed-operations.ts';
import { serveTickets } from './transports/ticket-route.ts';
import { Tickets } from './transports/tickets.ts';

const NAME = 'gateway';

/** Opens the gateway: config → open → wire → listen. Closing it drains it. */
export async function startGateway(config: GatewayConfig): Promise<RunningService> {
  await using opened = new AsyncDisposableStack();
  const log = openLog({ service: NAME, level: config.LOG_LEVEL });
  const { SUPERGRAPH_FILE: file } = config;
  const build = async (sdl: string): Promise<Supergraph> => {
    const supergraph = await buildSupergraphBeside(sdl, config.routingUrls);
    refuseMistyped(config, supergraph.subgraphs);
    return supergraph;
  };
  const first = await build(await readFile(file, 'utf8'));
  const inUse = opened.use(new SupergraphsInUse(first, { connect: connector(config), log }));

  const verifier = tokenVerifier(
    await openKeySet({ url: config.JWKS_URL, file: config.JWKS_FILE, log }),
    config.SERVICE_PUBLIC_KEYS,
  );
  const dependencies: Record<string, Dependency> = {};
  const http = opened.use(openHttpServer({ service: NAME, log, dependencies }));
  const reload = opened.use(startReload({ file, build, inUse, metrics: http.metrics, log }));
  const showHealth = ({ supergraph }: Serving): void => {
    for (const name of Object.keys(dependencies)) delete dependencies[name];
    Object.assign(dependencies, healthOf(supergraph), { supergraph: reload.health });
  };
  showHealth(inUse.current);
  inUse.onReplaced(showHealth);
  const subscriptions = new SubscriptionEngine({
    serving: inUse.current,
    metrics: subscriptionMetrics(http.metrics),
    resumeWithinMs: config.RESUME_WITHIN_MS,
    limits: { inAll: config.MOST_SUBSCRIPTIONS, perClient: config.MOST_SUBSCRIPTIONS_PER_CLIENT },
  });
  http.app.addHook('preClose', () => subscriptions.stop());
  inUse.onReplaced((next) => subscriptions.replace(next));
  await serveClients({ config, http, inUse, subscriptions, verifier, log });
  const url = await http.listen({ port: config.PORT, host: config.LISTEN_HOST });
  const running = opened.move();
  return { url, reload: () => reload.request(), [Symbol.asyncDispose]: () => running.disposeAsync() };
}

interface Edge {
  readonly config: GatewayConfig;
  readonly http: HttpServer;
  readonly inUse: SupergraphsInUse;
  readonly subscriptions: SubscriptionEngine;
  readonly verifier: TokenVerifier;
  readonly log: Log;
}

/** Everything that clients may ask: explorers, operations over HTTP and sockets, streams. */
async function serveClients({ config, http, inUse, subscriptions, verifier, log }: Edge): Promise<void> {
  const { app, metrics } = http;
  serveSandbox(app);
  await serveAltair(app);
  const edge = { app, tickets: new Tickets(), verifier, log };
  serveTickets(edge);
  const documents = (): Documents => inUse.current.supergraph.documents;
  const front = streamedOperations({ ...edge, documents, engine: subscriptions });
  await serveGraphql({ app, served: { gateway: apolloGateway(inUse) }, verifier, log, front });
  const limits = { sockets: config.MOST_SOCKETS, socketsPerAddress: config.MOST_SOCKETS_PER_ADDRESS };
  const sockets = serveWebSocket({ app, engine: socketEngine({ inUse, subscriptions }), verifier, log, limits });
  showNumber(metrics, { name: 'lockstep_sockets', help: 'Open WebSockets.', read: () => sockets.open });
}

function connector(config: GatewayConfig): (subgraph: Subgraph) => SubgraphConnection {
  const serviceToken = serviceTokens(NAME, config.SERVICE_PRIVATE_KEY);
  return (subgraph) => {
    const source = openSubgraphSource({ subgraph, serviceToken, timeoutMs: config.SUBGRAPH_TIMEOUT_MS });
    const upstream = openUpstream({
      subgraph,
      serviceToken,
      socketPerIdentity: config.SOCKET_PER_IDENTITY.includes(subgraph.name),
    });
    const close = async (): Promise<void> => {
      await Promise.all([source[Symbol.asyncDispose](), upstream[Symbol.asyncDispose]()]);
    };
    return { source, upstream, [Symbol.asyncDispose]: close };
  };
}

function healthOf({ subgraphs }: Supergraph): Record<string, Dependency> {
  return Object.fromEntries(subgraphs.map((subgraph) => [subgraph.name, subgraphHealth(subgraph)]));
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
