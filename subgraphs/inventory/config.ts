import { z } from 'zod';
import { oneBus, readConfig, subgraphEnvironment } from '#shared/config.ts';

const environment = z
  .object({
    ...subgraphEnvironment,
    /** "true" lets admins make the service misbehave on purpose. */
    GREMLIN_ALLOWED: z.stringbool().default(false),
  })
  .check(oneBus);

export type InventoryConfig = z.output<typeof environment>;

/** Everything the inventory service reads from its environment. Throws when something is missing or malformed. */
export function readInventoryConfig(): InventoryConfig {
  return readConfig('inventory', environment, process.env);
}
