import { serviceTokens } from '#shared/identity/tokens.ts';
import { invariant } from '#shared/invariant.ts';
import { runService, type RunningService } from '#shared/process.ts';
import { eventually } from '#shared/retry.ts';
import { openSubgraphService } from '#shared/service.ts';
import { readSyncConfig, type SyncConfig } from './config.ts';
import { PIPELINES } from './domain/pipeline.ts';
import { startPipelines } from './events/pipeline-workers.ts';
import { resolvers } from './resolvers/resolvers.ts';
import { askSources } from './store/sources.ts';
import { openOracleTarget } from './store/targets/oracle-target.ts';
import { openSqliteTarget } from './store/targets/sqlite-target.ts';
import type { SyncTarget } from './store/targets/target.ts';

/** SQLite does not wait when two replicas make its file at the same time: it refuses one of them. */
const FILE_IS_MADE = { firstMs: 50, longestMs: 500, forMs: 10_000 };

/** Opens the sync service: config → open → wire → listen. Closing it drains it. */
export async function startSync(config: SyncConfig): Promise<RunningService> {
  await using service = await openSubgraphService({ name: 'sync', mainUrl: import.meta.url, config });
  const { db, bus, feed, idempotency, log, afterCommit } = service;
  const oracle = service.use(await openSystemOfRecord(config));
  service.dependOn('oracle', { check: () => oracle.check(), critical: false });
  const intervalMs = config.SYNC_INTERVAL * 1_000;
  const pipelines = service.use(
    await startPipelines({ db, bus, log, pipelines: PIPELINES, targets: { oracle }, intervalMs, afterCommit }),
  );
  const token = serviceTokens('sync', config.SERVICE_PRIVATE_KEY);
  return await service.serve(
    resolvers({
      db,
      idempotency,
      feed,
      receivedUpTo: async (pipeline) => (await bus.position(pipeline.id))[pipeline.source] ?? 0,
      askSource: askSources({
        user: { url: config.USER_URL, token },
        order: { url: config.ORDER_URL, token },
        inventory: { url: config.INVENTORY_URL, token },
      }),
      intervalSeconds: config.SYNC_INTERVAL,
      wakePipeline: (pipeline) => pipelines.wake(pipeline),
    }),
  );
}

async function openSystemOfRecord({ ORACLE_URL, ORACLE_SQLITE_FILE }: SyncConfig): Promise<SyncTarget> {
  if (ORACLE_URL !== undefined) return openOracleTarget('oracle', ORACLE_URL);
  invariant(ORACLE_SQLITE_FILE !== undefined, 'the environment names one system of record');
  const open = (): Promise<SyncTarget> =>
    new Promise((resolve) => {
      resolve(openSqliteTarget('oracle', ORACLE_SQLITE_FILE));
    });
  return eventually(open, FILE_IS_MADE);
}

if (import.meta.main) await runService(() => startSync(readSyncConfig()));
