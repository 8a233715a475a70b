import { UnsecuredJWT } from 'jose';
import { Registry } from 'prom-client';
import { Executor } from '#gateway/execution/executor.ts';
import { openSubgraphSource } from '#gateway/execution/subgraph-source.ts';
import { SubscriptionEngine, type EngineOptions, type Serving } from '#gateway/subscriptions/engine.ts';
import { subscriptionMetrics } from '#gateway/subscriptions/metrics.ts';
import { openUpstream } from '#gateway/subscriptions/upstream.ts';
import type { Subscription, SubscriptionRequest } from '#gateway/subscriptions/subscription.ts';
import { buildSupergraph } from '#gateway/supergraph/supergraph.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import { serveForeign, supergraphOf } from './foreign-subgraphs.ts';
import { LOG_SCHEMA, openLogSubgraph, remarks, type LogSubgraph, type Remarks } from './log-subgraph.ts';
import { until } from './poll.ts';
import { RecordingSink } from './recording-sink.ts';
import { contextOf } from './request-context.ts';

export interface TestSubscription {
  readonly sink: RecordingSink;
  readonly subscription: Subscription;
}

export interface TestEngine extends AsyncDisposable {
  readonly log: LogSubgraph;
  readonly remarks: Remarks;
  readonly engine: SubscriptionEngine;
  readonly serving: Serving;
  /** The SDL of the supergraph of both. */
  readonly sdl: string;
  /** What `/metrics` would show of a metric, by its labels. */
  metric(name: string): Promise<{ readonly labels: object; readonly value: number }[]>;
  /** Resolves when so many subscriptions are open at the log. */
  live(open?: number): Promise<unknown>;
  subscribe(query: string, given?: Partial<SubscriptionRequest>): TestSubscription;
}

type Options = Partial<Omit<EngineOptions, 'serving' | 'metrics'>> & { readonly socketPerIdentity?: boolean };

/** An engine over two real subgraphs: one streams a log, the other has remarks on its entries. */
export async function openEngine({ socketPerIdentity = false, ...options }: Options = {}): Promise<TestEngine> {
  await using opened = new AsyncDisposableStack();
  const log = opened.use(await openLogSubgraph());
  const remarking = remarks();
  const remarksUrl = opened.use(await serveForeign(remarking)).url;
  const sdl = supergraphOf([
    { name: 'log', url: log.url, schema: LOG_SCHEMA },
    { name: 'remarks', url: remarksUrl, schema: remarking.schema },
  ]);
  const supergraph = buildSupergraph(sdl, {});
  const serviceToken = (): Promise<string> => Promise.resolve('of the gateway');
  const perSubgraph = <T extends AsyncDisposable>(open: (subgraph: (typeof supergraph.subgraphs)[number]) => T) =>
    Object.fromEntries(supergraph.subgraphs.map((subgraph) => [subgraph.name, opened.use(open(subgraph))]));
  const serving = {
    supergraph,
    executor: new Executor(
      supergraph,
      perSubgraph((subgraph) => openSubgraphSource({ subgraph, serviceToken, timeoutMs: 10_000 })),
    ),
    upstreams: perSubgraph((subgraph) => openUpstream({ subgraph, serviceToken, socketPerIdentity })),
  };
  const registry = new Registry();
  const engine = new SubscriptionEngine({
    serving,
    metrics: subscriptionMetrics(registry),
    limits: { inAll: 100_000, perClient: 100_000 },
    resumeWithinMs: 60_000,
    ...options,
  });
  opened.defer(() => engine.stop());
  const running = opened.move();
  return {
    log,
    remarks: remarking,
    engine,
    serving,
    sdl,
    metric: async (name) => {
      const metrics = await registry.getMetricsAsJSON();
      return (metrics.find((one) => one.name === name)?.values ?? []) as { labels: object; value: number }[];
    },
    live: (open = 1) => until(() => log.open === open, { what: `${open} upstreams` }),
    subscribe: (query, given = {}) => {
      const document = supergraph.documents.read(query);
      if (!('kind' in document)) throw new AggregateError(document, 'not an operation of this supergraph');
      const sink = new RecordingSink();
      const subscription = engine.subscribe(
        {
          document,
          operationName: undefined,
          variables: {},
          context: contextOf(),
          transport: 'graphql-ws',
          address: '127.0.0.1',
          checkpoints: false,
          ...given,
        },
        sink,
      );
      return { sink, subscription };
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The numbers of the entries that a subscription to `told` was told. */
export function numbersOf({ sink }: TestSubscription): unknown[] {
  return sink.results.map(({ data }) => (data as { told: { number: number } }).told.number);
}

/** The context of somebody whose token is good for so long; its signature was looked at before the engine. */
export function signedIn(name: string, { lastsMs = 600_000, claims = {} } = {}): RequestContext {
  const expiresAt = new Date(Date.now() + lastsMs);
  const token = new UnsecuredJWT({ role: 'CUSTOMER', ...claims })
    .setSubject(name)
    .setIssuedAt()
    .setExpirationTime(expiresAt)
    .encode();
  return contextOf({
    authorization: `Bearer ${token}`,
    viewer: { kind: 'user', id: name, role: 'CUSTOMER', expiresAt },
  });
}
