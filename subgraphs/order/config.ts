import { z } from 'zod';
import { httpUrl, oneBus, readConfig, subgraphEnvironment } from '#shared/config.ts';

const environment = z
  .object({
    ...subgraphEnvironment,
    /** Where inventory answers GraphQL: it is asked to hold and confirm stock. */
    INVENTORY_URL: httpUrl,
  })
  .check(oneBus);

export type OrderConfig = z.output<typeof environment>;

/** Everything the order service reads from its environment. Throws when something is missing or malformed. */
export function readOrderConfig(): OrderConfig {
  return readConfig('order', environment, process.env);
}
