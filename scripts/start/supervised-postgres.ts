import { setTimeout as pause } from 'node:timers/promises';
import { crashInARow, restartDelayMs } from './backoff.ts';
import { type EmbeddedPostgres, openPostgres, type PostgresOptions } from './postgres.ts';
import type { Terminal } from './terminal.ts';

/** The database server, opened again whenever it ends by itself. Disposing of it stops it. */
export interface SupervisedPostgres extends AsyncDisposable {
  /** As first opened; its port and URLs hold for every later opening. */
  readonly first: Pick<EmbeddedPostgres, 'version' | 'port' | 'created' | 'tookOver' | 'url'>;
  /** Stops at once. */
  kill(): Promise<void>;
}

interface SupervisionOptions extends Omit<PostgresOptions, 'log' | 'signal'> {
  readonly terminal: Terminal;
  /** Aborting ends a first opening that is under way. */
  readonly signal: AbortSignal;
}

/** Opens the cluster; throws as `openPostgres` does when the first opening fails. */
export async function supervisePostgres({
  terminal,
  signal,
  ...options
}: SupervisionOptions): Promise<SupervisedPostgres> {
  const stopping = new AbortController();
  let quiet = true;
  const log = (line: string): void => {
    if (!quiet && isTelling(line)) terminal.serviceLine('postgres', 'stderr', line);
  };
  const first = await openPostgres({ ...options, log, signal });
  let current: EmbeddedPostgres = first;
  quiet = false;

  async function reopen(crashes: number): Promise<EmbeddedPostgres | undefined> {
    const delayMs = restartDelayMs(crashes, Math.random());
    await pause(delayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    quiet = true;
    try {
      const opened = await openPostgres({ ...options, log, signal: stopping.signal });
      terminal.done(`PostgreSQL is back on 127.0.0.1:${options.port}`);
      return opened;
    } catch (error) {
      if (!stopping.signal.aborted)
        terminal.warn(
          `PostgreSQL could not be started again: ${error instanceof Error ? error.message : String(error)}`,
        );
      return undefined;
    } finally {
      quiet = false;
    }
  }

  async function keepOpen(): Promise<void> {
    for (let crashes = 0, openedAt = performance.now(); ;) {
      await current.ended;
      if (stopping.signal.aborted) return;
      crashes = crashInARow(crashes, performance.now() - openedAt);
      terminal.warn('PostgreSQL ended unasked; it is started again');
      const opened = await reopen(crashes);
      if (opened !== undefined) current = opened;
      openedAt = performance.now();
    }
  }

  const keeping = keepOpen();
  const stopCurrent = async (how: (server: EmbeddedPostgres) => PromiseLike<void>): Promise<void> => {
    quiet = true;
    stopping.abort();
    await how(current);
    await keeping;
    // One that was opened while we were stopping.
    await how(current);
  };
  return {
    first,
    kill: () => stopCurrent((server) => server.kill()),
    [Symbol.asyncDispose]: () => stopCurrent((server) => server[Symbol.asyncDispose]()),
  };
}

/** Worth a person's attention; what every stop and start brings is not. */
function isTelling(line: string): boolean {
  if (/terminating connection|system is (starting up|shutting down|in recovery)|not yet accepting/u.test(line))
    return false;
  return /(WARNING|FATAL|PANIC): |terminated by signal/u.test(line);
}
