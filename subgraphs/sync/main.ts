import { fileURLToPath } from 'node:url';
import { followersOf, openFeed } from '#shared/events/feed.ts';
import { openPostgresBus } from '#shared/events/postgres-bus.ts';
import { startPublishing } from '#shared/events/publishing.ts';
import { serveSubgraph } from '#shared/graphql/subgraph.ts';
import { openHttpServer, showNumber } from '#shared/http-server.ts';
import { openKeySet } from '#shared/identity/key-set.ts';
import { serviceTokens, tokenVerifier } from '#shared/identity/tokens.ts';
import { openLog } from '#shared/log.ts';
import { runService, type RunningService } from '#shared/process.ts';
import { Idempotency } from '#shared/store/idempotency.ts';
import { migrate } from '#shared/store/migrate.ts';
import { openPostgres } from '#shared/store/postgres.ts';
import { readSyncConfig, type SyncConfig } from './config.ts';
import { PIPELINES } from './domain/pipeline.ts';
import { startPipelines } from './events/pipeline-workers.ts';
import { resolvers } from './resolvers/resolvers.ts';
import { askSources } from './store/sources.ts';
import { openSqliteTarget } from './store/targets/sqlite-target.ts';

const NAME = 'sync';

/** Opens the sync service: config → open → wire → listen. Closing it drains it. */
export async function startSync(config: SyncConfig): Promise<RunningService> {
  await using opened = new AsyncDisposableStack();
  const log = openLog({ service: NAME, level: config.LOG_LEVEL });

  await migrate(config.DATABASE_URL, fileURLToPath(new URL('./store/migrations', import.meta.url)));
  const postgres = opened.use(openPostgres({ url: config.DATABASE_URL, name: NAME, log }));
  const bus = opened.use(await openPostgresBus({ url: config.BUS_DATABASE_URL, name: NAME, log }));
  const oracle = opened.use(openSqliteTarget('oracle', config.ORACLE_SQLITE_FILE));

  const publisher = opened.use(await startPublishing({ source: NAME, postgres, bus, log }));
  const feed = opened.use(await openFeed({ source: NAME, postgres, log }));
  const afterCommit = (): void => publisher.wake();
  const pipelines = opened.use(
    await startPipelines({
      db: postgres.db,
      bus,
      log,
      pipelines: PIPELINES,
      targets: { oracle },
      intervalMs: config.SYNC_INTERVAL * 1_000,
      afterCommit,
    }),
  );

  const userKeys = await openKeySet({ url: config.JWKS_URL, file: config.JWKS_FILE, log });
  const http = opened.use(
    openHttpServer({
      service: NAME,
      log,
      dependencies: {
        database: { check: () => postgres.check(), critical: true },
        bus: { check: () => bus.check(), critical: false },
        oracle: { check: () => oracle.check(), critical: false },
      },
    }),
  );
  const token = serviceTokens(NAME, config.SERVICE_PRIVATE_KEY);
  showNumber(http.metrics, followersOf(feed));
  await serveSubgraph({
    app: http.app,
    schemaFile: new URL('./schema.graphql', import.meta.url),
    resolvers: resolvers({
      db: postgres.db,
      idempotency: new Idempotency({ db: postgres.db, secret: config.IDEMPOTENCY_SECRET, afterCommit }),
      feed,
      receivedUpTo: async (pipeline) => (await bus.position(pipeline.id))[pipeline.source] ?? 0,
      askSource: askSources({ user: { url: config.USER_URL, token } }),
      intervalSeconds: config.SYNC_INTERVAL,
      wakePipeline: (pipeline) => pipelines.wake(pipeline),
    }),
    db: postgres.db,
    verifier: tokenVerifier(userKeys, config.SERVICE_PUBLIC_KEYS),
    log,
  });
  const url = await http.listen(config.PORT);
  const running = opened.move();
  return { url, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

if (import.meta.main) await runService(() => startSync(readSyncConfig()));
