import { z } from 'zod';
import { httpUrl, oneBus, readConfig, subgraphEnvironment } from '#shared/config.ts';

/** The old system of record was polled every 5 s; ours is told at once, and this is its longest wait after a failure. */
const DEFAULT_INTERVAL_S = 5;

const environment = z
  .object({
    ...subgraphEnvironment,
    /** Where the sources answer GraphQL: they are asked how far their outboxes have come. */
    USER_URL: httpUrl,
    ORDER_URL: httpUrl,
    INVENTORY_URL: httpUrl,
    /** The file of the embedded system of record, the target `oracle`. */
    ORACLE_SQLITE_FILE: z.string(),
    /** Seconds; the longest wait before an unreachable target is tried again. */
    SYNC_INTERVAL: z.coerce.number('is not a number').positive().max(3_600).default(DEFAULT_INTERVAL_S),
  })
  .check(oneBus);
export type SyncConfig = z.output<typeof environment>;

/** Everything the sync service reads from its environment. Throws when something is missing or malformed. */
export function readSyncConfig(): SyncConfig {
  return readConfig('sync', environment, process.env);
}
