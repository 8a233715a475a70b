export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * How long to wait before attempt `attempt + 1`, in milliseconds: exponential with "equal jitter" (half fixed, half random),
 * as in M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. `random` is in [0, 1).
 */
export function backoffMs(backoff: Backoff, attempt: number, random: number = Math.random()): number {
  const ceiling = Math.min(backoff.longestMs, backoff.firstMs * 2 ** Math.max(0, attempt - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

/** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal?.aborted === true) return Promise.resolve();
  const timer = setTimeout(done, ms);
  signal?.addEventListener('abort', done, { once: true });
  function done(): void {
    clearTimeout(timer);
    signal?.removeEventListener('abort', done);
    resolve();
  }
  return promise;
}

interface Patience extends Backoff {
  readonly forMs: number;
  /** Is this error an answer that waiting does not change? */
  readonly isFinal?: (error: unknown) => boolean;
}

/** Tries `work` until it succeeds, fails for good or `forMs` have passed, then throws the last error. For starting up beside what is still starting. */
export async function eventually<T>(work: () => Promise<T>, options: Patience): Promise<T> {
  const deadline = Date.now() + options.forMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const waitMs = backoffMs(options, attempt);
      if (options.isFinal?.(error) === true || Date.now() + waitMs > deadline) throw error;
      await pause(waitMs);
    }
  }
}
