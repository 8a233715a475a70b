import { setTimeout as pause } from 'node:timers/promises';
import { crashInARow, restartDelayMs } from './backoff.ts';
import type { ServiceProcess } from './service-process.ts';

/**
 * A service that is kept running:
 *
 * ```mermaid
 * stateDiagram-v2
 *   [*] --> starting
 *   starting --> ready: says so
 *   starting --> waiting: crashes
 *   ready --> waiting: crashes
 *   waiting --> starting: after a growing delay
 *   starting --> refused: exit code 78
 *   ready --> refused: exit code 78
 *   starting --> stopped: stop
 *   ready --> stopped: stop, drained
 *   waiting --> stopped: stop
 * ```
 */
export interface SupervisedService {
  /** Resolves when it is ready for the first time. */
  readonly ready: Promise<void>;
  /** Resolves with its sentence when it refuses its configuration; it is not started again. */
  readonly refused: Promise<string>;
  /** Drains it. May be called again. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): void;
}

export interface SupervisionEvents {
  readonly onReady: (tookMs: number) => void;
  readonly onCrash: (how: string, restartInMs: number) => void;
}

/** Starts the service and starts it again whenever it ends by itself. */
export function superviseService(startOnce: () => ServiceProcess, events: SupervisionEvents): SupervisedService {
  const stopping = new AbortController();
  const ready = Promise.withResolvers<void>();
  const refused = Promise.withResolvers<string>();
  let current: ServiceProcess | undefined;

  async function runOnce(): Promise<{ ending: Awaited<ServiceProcess['ended']>; healthyForMs: number }> {
    const startedAt = performance.now();
    let readyAt: number | undefined;
    current = startOnce();
    void current.ready.then(() => {
      readyAt = performance.now();
      ready.resolve();
      if (!stopping.signal.aborted) events.onReady(readyAt - startedAt);
    });
    const ending = await current.ended;
    return { ending, healthyForMs: readyAt === undefined ? 0 : performance.now() - readyAt };
  }

  async function run(): Promise<void> {
    for (let crashes = 0; !stopping.signal.aborted;) {
      const { ending, healthyForMs } = await runOnce();
      if (stopping.signal.aborted) return;
      if (ending.kind === 'refused') return refused.resolve(ending.sentence);
      crashes = crashInARow(crashes, healthyForMs);
      const delayMs = restartDelayMs(crashes, Math.random());
      events.onCrash(ending.how, delayMs);
      await pause(delayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    ready: ready.promise,
    refused: refused.promise,
    async stop() {
      stopping.abort();
      current?.drain();
      await running;
    },
    kill() {
      stopping.abort();
      current?.kill();
    },
  };
}
