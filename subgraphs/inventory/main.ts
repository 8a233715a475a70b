import { runService, type RunningService } from '#shared/process.ts';
import { openSubgraphService } from '#shared/service.ts';
import { letIn } from '#shared/testing/gremlin.ts';
import { seedProducts } from './commands/adjust-stock.ts';
import { StockDesk } from './commands/stock-desk.ts';
import { readInventoryConfig, type InventoryConfig } from './config.ts';
import { startExpiry } from './events/expiry.ts';
import { watchGremlin } from './events/gremlin-watch.ts';
import { resolvers } from './resolvers/resolvers.ts';

/** Opens the inventory service: config → open → wire → listen. Closing it drains it. */
export async function startInventory(config: InventoryConfig): Promise<RunningService> {
  await using service = await openSubgraphService({ name: 'inventory', mainUrl: import.meta.url, config });
  const { db, idempotency, feed, log, http, afterCommit } = service;
  await seedProducts(db);
  service.use(startExpiry({ db, log, afterCommit }));
  const gremlin = service.use(watchGremlin({ db, log }));
  if (config.GREMLIN_ALLOWED) letIn(http.app, gremlin.settings);
  const desk = new StockDesk({ db, idempotency });
  return await service.serve(
    resolvers({ db, idempotency, feed, desk, gremlinAllowed: config.GREMLIN_ALLOWED, heedGremlin: gremlin.heed }),
  );
}

if (import.meta.main) await runService(() => startInventory(readInventoryConfig()));
