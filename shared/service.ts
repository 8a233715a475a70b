import { fileURLToPath } from 'node:url';
import type { CommandServices } from './command.ts';
import type { SubgraphConfig } from './config.ts';
import type { Bus } from './events/bus.ts';
import { followersOf, openFeed, type Feed } from './events/feed.ts';
import { openBus } from './events/open-bus.ts';
import { startPublishing } from './events/publishing.ts';
import { serveSubgraph, type Resolvers } from './graphql/subgraph.ts';
import type { Dependency } from './health.ts';
import { openHttpServer, showNumber, type HttpServer } from './http-server.ts';
import { openKeySet, type KeySet } from './identity/key-set.ts';
import { tokenVerifier } from './identity/tokens.ts';
import { openLog, type Log } from './log.ts';
import type { RunningService } from './process.ts';
import { Idempotency } from './store/idempotency.ts';
import { migrate } from './store/migrate.ts';
import { openPostgres, type Postgres } from './store/postgres.ts';

interface SubgraphServiceOptions {
  readonly name: string;
  /** `import.meta.url` of the service's main.ts: schema and migrations lie beside it. */
  readonly mainUrl: string;
  readonly config: SubgraphConfig;
  /** By which keys user tokens are verified; those that JWKS_URL publishes when left out. */
  readonly userKeys?: KeySet;
}

/** A subgraph with everything that all of them have, before it serves. */
export interface SubgraphService extends AsyncDisposable, CommandServices {
  readonly log: Log;
  readonly postgres: Postgres;
  readonly bus: Bus;
  /** The service's own events, live. */
  readonly feed: Feed;
  readonly http: HttpServer;
  /** Tells the outbox's workers that something was committed. */
  readonly afterCommit: () => void;
  /** Has a resource closed with the service, before everything that was opened earlier. */
  use<Resource extends AsyncDisposable>(resource: Resource): Resource;
  /** Adds to what `/health` reports on. */
  dependOn(name: string, dependency: Dependency): void;
  /** Serves GraphQL from now on; the result owns everything that was opened. */
  serve(resolvers: Resolvers): Promise<RunningService>;
}

/** Migrates and opens what every subgraph needs: database, bus, outbox workers, feed, idempotency, HTTP with health and metrics. */
export async function openSubgraphService({
  name,
  mainUrl,
  config,
  userKeys,
}: SubgraphServiceOptions): Promise<SubgraphService> {
  await using opened = new AsyncDisposableStack();
  const log = openLog({ service: name, level: config.LOG_LEVEL });
  await migrate(config.DATABASE_URL, fileURLToPath(new URL('store/migrations', mainUrl)));
  const postgres = opened.use(openPostgres({ url: config.DATABASE_URL, name, log }));
  const bus = opened.use(await openBus(config, { name, log }));
  const publisher = opened.use(await startPublishing({ source: name, postgres, bus, log }));
  const feed = opened.use(await openFeed({ source: name, postgres, log }));
  const afterCommit = (): void => publisher.wake();
  const { db } = postgres;
  const idempotency = new Idempotency({ db, secret: config.IDEMPOTENCY_SECRET, afterCommit });
  const keys = userKeys ?? (await openKeySet({ url: config.JWKS_URL, file: config.JWKS_FILE, log }));
  const verifier = tokenVerifier(keys, config.SERVICE_PUBLIC_KEYS);
  const dependencies: Record<string, Dependency> = {
    database: { check: () => postgres.check(), critical: true },
    bus: { check: () => bus.check(), critical: false },
  };
  const http = openHttpServer({ service: name, log, dependencies });
  showNumber(http.metrics, followersOf(feed));
  const owned = opened.move();
  return {
    log,
    postgres,
    db,
    bus,
    feed,
    idempotency,
    http,
    afterCommit,
    use: (resource) => owned.use(resource),
    dependOn: (dependency, check) => {
      dependencies[dependency] = check;
    },
    serve: async (resolvers) => {
      // Opened last, so closed first: requests under way are finished before what they work with goes.
      owned.use(http);
      const schemaFile = new URL('schema.graphql', mainUrl);
      await serveSubgraph({ app: http.app, schemaFile, resolvers, db, verifier, log });
      const url = await http.listen({ port: config.PORT, host: config.LISTEN_HOST });
      const running = owned.move();
      return { url, [Symbol.asyncDispose]: () => running.disposeAsync() };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
