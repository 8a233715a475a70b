import { fileURLToPath } from 'node:url';
import { followersOf, openFeed } from '#shared/events/feed.ts';
import { openPostgresBus } from '#shared/events/postgres-bus.ts';
import { startPublishing } from '#shared/events/publishing.ts';
import { serveSubgraph } from '#shared/graphql/subgraph.ts';
import { openHttpServer, showNumber } from '#shared/http-server.ts';
import { fixedKeySet } from '#shared/identity/key-set.ts';
import { mintAccessToken, publicHalf, tokenVerifier } from '#shared/identity/tokens.ts';
import { openLog } from '#shared/log.ts';
import { runService, type RunningService } from '#shared/process.ts';
import { Idempotency } from '#shared/store/idempotency.ts';
import { migrate } from '#shared/store/migrate.ts';
import { openPostgres } from '#shared/store/postgres.ts';
import { seedAdmin } from './commands/seed-admin.ts';
import { readUserConfig, type UserConfig } from './config.ts';
import { resolvers } from './resolvers/resolvers.ts';

const NAME = 'user';

/** Opens the user service: config → open → wire → listen. Closing it drains it. */
export async function startUser(config: UserConfig): Promise<RunningService> {
  await using opened = new AsyncDisposableStack();
  const log = openLog({ service: NAME, level: config.LOG_LEVEL });

  await migrate(config.DATABASE_URL, fileURLToPath(new URL('./store/migrations', import.meta.url)));
  const postgres = opened.use(openPostgres({ url: config.DATABASE_URL, name: NAME, log }));
  const bus = opened.use(await openPostgresBus({ url: config.BUS_DATABASE_URL, name: NAME, log }));
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = config;
  if (email !== undefined && password !== undefined) await seedAdmin(postgres.db, { email, password });

  const publisher = opened.use(await startPublishing({ source: NAME, postgres, bus, log }));
  const feed = opened.use(await openFeed({ source: NAME, postgres, log }));
  const idempotency = new Idempotency({
    db: postgres.db,
    secret: config.IDEMPOTENCY_SECRET,
    afterCommit: () => publisher.wake(),
  });

  const ownKeys = { keys: [publicHalf(config.JWT_PRIVATE_KEY)] };
  const verifier = tokenVerifier(fixedKeySet(ownKeys), config.SERVICE_PUBLIC_KEYS);
  const http = opened.use(
    openHttpServer({
      service: NAME,
      log,
      dependencies: {
        database: { check: () => postgres.check(), critical: true },
        bus: { check: () => bus.check(), critical: false },
      },
    }),
  );
  http.app.get('/.well-known/jwks.json', () => ownKeys);
  showNumber(http.metrics, followersOf(feed));
  await serveSubgraph({
    app: http.app,
    schemaFile: new URL('./schema.graphql', import.meta.url),
    resolvers: resolvers({
      db: postgres.db,
      idempotency,
      feed,
      mintToken: (user) => mintAccessToken(config.JWT_PRIVATE_KEY, user, new Date()),
    }),
    db: postgres.db,
    verifier,
    log,
  });
  const url = await http.listen(config.PORT);
  const running = opened.move();
  return { url, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

if (import.meta.main) await runService(() => startUser(readUserConfig()));
