import { runService, type RunningService } from '#shared/process.ts';
import { openSubgraphService } from '#shared/service.ts';
import { letIn } from '#shared/testing/gremlin.ts';
import { startWorker } from '#shared/worker.ts';
import { seedProducts } from './commands/adjust-stock.ts';
import { readInventoryConfig, type InventoryConfig } from './config.ts';
import { TAME } from './domain/gremlin.ts';
import { startExpiry } from './events/expiry.ts';
import { resolvers } from './resolvers/resolvers.ts';
import { readGremlin } from './store/gremlin.ts';

/** Opens the inventory service: config → open → wire → listen. Closing it drains it. */
export async function startInventory(config: InventoryConfig): Promise<RunningService> {
  await using service = await openSubgraphService({ name: 'inventory', mainUrl: import.meta.url, config });
  const { db, idempotency, feed, log, http, afterCommit } = service;
  await seedProducts(db);
  service.use(startExpiry({ db, log, afterCommit }));
  let gremlin = TAME;
  const refreshGremlin = async (): Promise<Record<string, never>> => {
    gremlin = (await readGremlin(db)) ?? TAME;
    return {};
  };
  // Another replica may have been told: the settings are looked at now and then.
  const watcher = startWorker({ name: 'gremlin', runOnce: refreshGremlin, pollMs: 500, log });
  service.use(watcher);
  if (config.GREMLIN_ALLOWED) letIn(http.app, () => gremlin);
  const wakeGremlin = (): void => watcher.wake();
  return await service.serve(resolvers({ db, idempotency, feed, gremlinAllowed: config.GREMLIN_ALLOWED, wakeGremlin }));
}

if (import.meta.main) await runService(() => startInventory(readInventoryConfig()));
