import type { Log } from './log.ts';
import { backoffMs, pause, type Backoff } from './retry.ts';

/** What one run did, by name. A run that did anything is followed by another at once. */
export type Counts = Readonly<Record<string, number>>;

export interface Worker {
  /** Runs again soon, without waiting for the poll. */
  wake(): void;
  /** Waits for the run under way; may be called twice. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface WorkerOptions {
  readonly name: string;
  readonly runOnce: (signal: AbortSignal) => Promise<Counts>;
  /** The longest wait between two runs, in milliseconds; a wake shortens it. */
  readonly pollMs: number;
  readonly log: Log;
}

/** Short at first, since most failures here are a database or bus that is restarting; 5 s keeps a long outage quiet. */
const FAILURE_BACKOFF: Backoff = { firstMs: 100, longestMs: 5_000 };

/** The one loop that every background worker runs in. */
export function startWorker(options: WorkerOptions): Worker {
  const stopping = new AbortController();
  let woken = new AbortController();
  const finished = loop();

  async function loop(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted;) {
      woken = new AbortController();
      const { signal } = woken;
      try {
        const counts = await options.runOnce(stopping.signal);
        failures = 0;
        if (Object.values(counts).some((count) => count > 0)) continue;
      } catch (error) {
        failures += 1;
        if (!stopping.signal.aborted) options.log.warn({ err: error, worker: options.name, failures }, 'worker failed');
        await pause(backoffMs(FAILURE_BACKOFF, failures), stopping.signal);
        continue;
      }
      await pause(options.pollMs, signal);
    }
  }

  const worker: Worker = {
    wake: () => woken.abort(),
    stop: () => {
      stopping.abort();
      woken.abort();
      return finished;
    },
    [Symbol.asyncDispose]: () => worker.stop(),
  };
  return worker;
}
