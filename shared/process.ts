import { ConfigurationRefused } from './config.ts';

/** A service that listens; closing it drains it. */
export interface RunningService extends AsyncDisposable {
  /** Base URL, without a path. */
  readonly url: string;
  /** Reads again what it was started with, as far as it can; called on SIGHUP. */
  reload?(): void;
}

/** sysexits.h EX_CONFIG: a supervisor must not try again. */
const EXIT_CONFIGURATION = 78;
/** Longer than any request may take; after it the process ends whatever is left. */
const DRAIN_MS = 15_000;

/**
 * Runs a service as this process: starts it, tells a supervising parent that it is ready, and drains it on SIGTERM, SIGINT or when
 * the parent is gone. A service that can reload does so on SIGHUP. A refused configuration is one sentence and exit status 78.
 */
export async function runService(start: () => Promise<RunningService>): Promise<void> {
  try {
    const service = await start();
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => void drain(service, (status) => process.exit(status)));
    if (service.reload !== undefined) process.on('SIGHUP', () => service.reload?.());
    process.once('disconnect', () => void drain(service, endOrphaned));
    process.send?.({ type: 'ready' });
  } catch (error) {
    const refused = error instanceof ConfigurationRefused;
    process.stderr.write(`${refused ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
    process.exit(refused ? EXIT_CONFIGURATION : 1);
  }
}

let draining = false;

async function drain(service: AsyncDisposable, end: (status: number) => void): Promise<void> {
  if (draining) return;
  draining = true;
  setTimeout(() => end(1), DRAIN_MS).unref();
  try {
    await service[Symbol.asyncDispose]();
    end(0);
  } catch (error) {
    process.stderr.write(`drain failed: ${String(error)}\n`);
    end(1);
  }
}

/** An orphan must not flush its log as it exits: nobody reads it, and the library tries a broken pipe for ever (sonic-boom's `flushSync`). */
function endOrphaned(): void {
  process.kill(process.pid, 'SIGKILL');
}
