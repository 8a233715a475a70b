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
  serveSandbox(http.app);
  await serveAltair(http.app);
  await serveGraphql({ app: http.app, served: { gateway: apolloGateway(inUse) }, verifier, log });
  serveWebSocket({ app: http.app, engine: socketEngine({ inUse, subscriptions }), verifier, log });
  const url = await http.listen({ port: config.PORT, host: config.LISTEN_HOST });
  const running = opened.move();
  return { url, reload: () => reload.request(), [Symbol.asyncDispose]: () => running.disposeAsync() };
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
