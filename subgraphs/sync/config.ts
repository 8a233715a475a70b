import { z } from 'zod';
import { httpUrl, oneBus, readConfig, subgraphEnvironment } from '#shared/config.ts';

/** The old system of record was polled every 5 s; ours is told at once, and this is its longest wait after a failure. */
const DEFAULT_INTERVAL_S = 5;

/** What the driver needs, and nothing else: a parameter that nobody reads would be believed to be heeded. */
const ORACLE_URL = /^oracle:\/\/[^/?#@:]+:[^/?#@:]+@[^/?#@]+\/[^/?#@]+$/;
const oracleUrl = z
  .url({ protocol: /^oracle$/, error: 'is not an oracle://user:password@host:1521/service URL' })
  .regex(ORACLE_URL, 'is not an oracle://user:password@host:1521/service URL');

const oneSystemOfRecord = z.refine<{
  readonly ORACLE_URL?: string | undefined;
  readonly ORACLE_SQLITE_FILE?: string | undefined;
}>((given) => (given.ORACLE_URL === undefined) !== (given.ORACLE_SQLITE_FILE === undefined), {
  error: 'exactly one of ORACLE_URL and ORACLE_SQLITE_FILE must be set',
  // Told together with everything else that is wrong.
  when: () => true,
});

const environment = z
  .object({
    ...subgraphEnvironment,
    /** Where the sources answer GraphQL: they are asked how far their outboxes have come. */
    USER_URL: httpUrl,
    ORDER_URL: httpUrl,
    INVENTORY_URL: httpUrl,
    /** The system of record, the target `oracle`: an Oracle database, or the file of the embedded one. */
    ORACLE_URL: oracleUrl.optional(),
    ORACLE_SQLITE_FILE: z.string().optional(),
    /** Seconds; the longest wait before an unreachable target is tried again. */
    SYNC_INTERVAL: z.coerce.number('is not a number').positive().max(3_600).default(DEFAULT_INTERVAL_S),
  })
  .check(oneBus)
  .check(oneSystemOfRecord);
export type SyncConfig = z.output<typeof environment>;

/** Everything the sync service reads from its environment. Throws when something is missing or malformed. */
export function readSyncConfig(): SyncConfig {
  return readConfig('sync', environment, process.env);
}
