import { serviceTokens } from '#shared/identity/tokens.ts';
import { runService, type RunningService } from '#shared/process.ts';
import { openSubgraphService } from '#shared/service.ts';
import { OrderSagas } from './commands/order-sagas.ts';
import { readOrderConfig, type OrderConfig } from './config.ts';
import { CUSTOMERS, followUsers } from './events/on-user-changed.ts';
import { startRecovery } from './events/recovery.ts';
import { resolvers } from './resolvers/resolvers.ts';
import { inventoryClient } from './store/inventory.ts';

/** Opens the order service: config → open → wire → listen. Closing it drains it. */
export async function startOrder(config: OrderConfig): Promise<RunningService> {
  await using service = await openSubgraphService({ name: 'order', mainUrl: import.meta.url, config });
  const { db, bus, idempotency, feed, log, afterCommit } = service;
  const token = serviceTokens('order', config.SERVICE_PRIVATE_KEY);
  const inventory = inventoryClient({ url: config.INVENTORY_URL, token });
  const sagas = service.use(new OrderSagas({ db, inventory, log, afterCommit }));
  const consumer = service.use(await followUsers({ bus, db, log }));
  service.use(startRecovery(sagas, log));
  return await service.serve(resolvers({ db, idempotency, feed, sagas, consumer, durable: CUSTOMERS }));
}

if (import.meta.main) await runService(() => startOrder(readOrderConfig()));
