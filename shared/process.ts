import { ConfigurationRefused } from './config.ts';

/** A service that listens; closing it drains it. */
export interface RunningService extends AsyncDisposable {
  /** Base URL, without a path. */
  readonly url: string;
}

/** sysexits.h EX_CONFIG: a supervisor must not try again. */
const EXIT_CONFIGURATION = 78;
/** Longer than any request may take; after it the process ends whatever is left. */
const DRAIN_MS = 15_000;

/**
 * Runs a service as this process: starts it, tells a supervising parent that it is ready, and drains it on SIGTERM, SIGINT or when
 * the parent is gone. A refused configuration is one sentence and exit status 78.
 */
export async function runService(start: () => Promise<RunningService>): Promise<void> {
  try {
    const service = await start();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void drain(service));
    process.once('disconnect', () => void drain(service));
    process.send?.({ type: 'ready' });
  } catch (error) {
    const refused = error instanceof ConfigurationRefused;
    process.stderr.write(`${refused ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
    process.exit(refused ? EXIT_CONFIGURATION : 1);
  }
}

let draining = false;

async function drain(service: AsyncDisposable): Promise<void> {
  if (draining) return;
  draining = true;
  setTimeout(() => process.exit(1), DRAIN_MS).unref();
  try {
    await service[Symbol.asyncDispose]();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`drain failed: ${String(error)}\n`);
    process.exit(1);
  }
}
