import { setTimeout as pause } from 'node:timers/promises';
import { HOST } from '#scripts/start/ports.ts';

/** Often enough that a stopped process is found out within the two seconds that a load balancer takes. */
const BETWEEN_PROBES_MS = 500;
const ANSWERS_WITHIN_MS = 1_500;

/** The processes of a service as a load balancer sees them: it asks each whether it lives, and sends callers to those that do. */
export interface Servers extends AsyncDisposable {
  /** The ports of those that live, the next one first; of all, when none is known to. */
  readonly next: () => readonly number[];
}

/** `onDown` is called when one no longer lives, so that its callers need not wait for it. */
export function watchServers(ports: readonly number[], onDown: (port: number) => void): Servers {
  const up = new Set(ports);
  const stopping = new AbortController();
  let turn = 0;

  async function watch(port: number): Promise<void> {
    for (; !stopping.signal.aborted; await pause(BETWEEN_PROBES_MS, undefined, stopping).catch(() => undefined)) {
      if (await lives(port, stopping.signal)) up.add(port);
      else if (up.delete(port) && !stopping.signal.aborted) onDown(port);
    }
  }

  const watching = Promise.all(ports.map(watch));
  return {
    next: () => {
      turn += 1;
      const known = up.size === 0 ? [...ports] : ports.filter((port) => up.has(port));
      return known.map((_, at) => known[(at + turn) % known.length] ?? 0);
    },
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await watching;
    },
  };
}

async function lives(port: number, stopping: AbortSignal): Promise<boolean> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(ANSWERS_WITHIN_MS)]);
  try {
    const response = await fetch(`http://${HOST}:${port}/health/live`, { signal });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
