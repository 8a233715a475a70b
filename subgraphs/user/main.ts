import { fixedKeySet } from '#shared/identity/key-set.ts';
import { mintAccessToken, publicHalf } from '#shared/identity/tokens.ts';
import { runService, type RunningService } from '#shared/process.ts';
import { openSubgraphService } from '#shared/service.ts';
import { seedAdmin } from './commands/seed-admin.ts';
import { readUserConfig, type UserConfig } from './config.ts';
import { resolvers } from './resolvers/resolvers.ts';

/** Opens the user service: config → open → wire → listen. Closing it drains it. */
export async function startUser(config: UserConfig): Promise<RunningService> {
  const ownKeys = { keys: [publicHalf(config.JWT_PRIVATE_KEY)] };
  await using service = await openSubgraphService({
    name: 'user',
    mainUrl: import.meta.url,
    config,
    userKeys: fixedKeySet(ownKeys),
  });
  const { db, idempotency, feed, http } = service;
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = config;
  if (email !== undefined && password !== undefined) await seedAdmin(db, { email, password });
  http.app.get('/.well-known/jwks.json', () => ownKeys);
  return await service.serve(
    resolvers({
      db,
      idempotency,
      feed,
      mintToken: (user) => mintAccessToken(config.JWT_PRIVATE_KEY, user, new Date()),
    }),
  );
}

if (import.meta.main) await runService(() => startUser(readUserConfig()));
