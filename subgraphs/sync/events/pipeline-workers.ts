import type { Bus } from '#shared/events/bus.ts';
import { startLedgerSweeper } from '#shared/events/ledger-sweeper.ts';
import type { Log } from '#shared/log.ts';
import type { Database } from '#shared/store/postgres.ts';
import { startWorker, type Worker } from '#shared/worker.ts';
import { receiveEvents } from '../commands/receive-events.ts';
import { replicateOnce } from '../commands/replicate.ts';
import type { Pipeline } from '../domain/pipeline.ts';
import type { SyncTarget } from '../store/targets/target.ts';
import { observeTarget } from './target-observer.ts';

interface PipelineWorkers {
  readonly db: Database;
  readonly bus: Bus;
  readonly log: Log;
  readonly pipelines: readonly Pipeline[];
  readonly targets: Readonly<Record<string, SyncTarget>>;
  readonly intervalMs: number;
  readonly afterCommit: () => void;
}

export interface RunningPipelines extends AsyncDisposable {
  /** Makes a pipeline look for due work now; one that is observed has none. */
  wake(pipeline: string): void;
}

/** Retries fall due between events; this often they are looked for. */
const POLL_MS = 500;

/**
 * Runs every pipeline: a reader that stores what the bus delivers, and a worker that takes it to the target; of those that are only
 * observed, a reader that notes what the target has taken.
 */
export async function startPipelines(options: PipelineWorkers): Promise<RunningPipelines> {
  await using opened = new AsyncDisposableStack();
  const workers = new Map<string, Worker>();
  opened.use(startLedgerSweeper(options));
  for (const pipeline of options.pipelines) {
    if (!pipeline.driven) {
      opened.use(await observeTarget(options, pipeline));
      continue;
    }
    const worker = opened.use(startReplication(options, pipeline));
    workers.set(pipeline.id, worker);
    const onBatch = async (events: Parameters<typeof receiveEvents>[2]): Promise<void> => {
      await receiveEvents(options.db, pipeline, events);
      worker.wake();
    };
    opened.use(await options.bus.subscribe({ durable: pipeline.id, subjects: pipeline.subjects, onBatch }));
  }
  const running = opened.move();
  return {
    wake: (pipeline) => workers.get(pipeline)?.wake(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function startReplication({ db, log, targets, intervalMs, afterCommit }: PipelineWorkers, pipeline: Pipeline): Worker {
  const target = targets[pipeline.target];
  if (target === undefined) throw new Error(`pipeline ${pipeline.id} has no target ${pipeline.target}`);
  const runOnce = (): ReturnType<typeof replicateOnce> =>
    replicateOnce({ db, pipeline, target, intervalMs, afterCommit });
  return startWorker({ name: `pipeline ${pipeline.id}`, runOnce, pollMs: POLL_MS, log });
}
