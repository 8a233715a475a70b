import { serviceTokens } from '#shared/identity/tokens.ts';
import { runService, type RunningService } from '#shared/process.ts';
import { eventually } from '#shared/retry.ts';
import { openSubgraphService } from '#shared/service.ts';
import { readSyncConfig, type SyncConfig } from './config.ts';
import { PIPELINES } from './domain/pipeline.ts';
import { startPipelines } from './events/pipeline-workers.ts';
import { resolvers } from './resolvers/resolvers.ts';
import { askSources } from './store/sources.ts';
import { openSqliteTarget } from './store/targets/sqlite-target.ts';
import type { SyncTarget } from './store/targets/target.ts';

/** SQLite does not wait when two replicas make its file at the same time: it refuses one of them. */
const FILE_IS_MADE = { firstMs: 50, longestMs: 500, forMs: 10_000 };

/** Opens the sync service: config → open → wire → listen. Closing it drains it. */
export async function startSync(config: SyncConfig): Promise<RunningService> {
  await using service = await openSubgraphService({ name: 'sync', mainUrl: import.meta.url, config });
  const { db, bus, feed, idempotency, log, afterCommit } = service;
  const open = (): Promise<SyncTarget> =>
    new Promise((resolve) => {
      resolve(openSqliteTarget('oracle', config.ORACLE_SQLITE_FILE));
    });
  const oracle = service.use(await eventually(open, FILE_IS_MADE));
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

if (import.meta.main) await runService(() => startSync(readSyncConfig()));
