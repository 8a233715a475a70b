import type { Log } from '#shared/log.ts';
import type { Database } from '#shared/store/postgres.ts';
import { startWorker } from '#shared/worker.ts';
import { TAME, type Gremlin } from '../domain/gremlin.ts';
import { readGremlin } from '../store/gremlin.ts';

/** The gremlin's settings as this process acts on them. */
interface GremlinWatch extends AsyncDisposable {
  readonly settings: () => Gremlin;
  /** Resolves once what was committed before the call is acted on. */
  readonly heed: () => Promise<void>;
}

/** How soon a replica heeds what another has been told. */
const POLL_MS = 500;

/** Reads the settings now and then, and at once when this process has been told. */
export function watchGremlin({ db, log }: { readonly db: Database; readonly log: Log }): GremlinWatch {
  let gremlin = TAME;
  let readings = 0;
  let heeded = 0;
  const heed = async (): Promise<void> => {
    readings += 1;
    const reading = readings;
    const read = (await readGremlin(db)) ?? TAME;
    // One that began earlier may end later, and knows less.
    if (reading < heeded) return;
    heeded = reading;
    gremlin = read;
  };
  const runOnce = async (): Promise<Record<string, never>> => {
    await heed();
    return {};
  };
  const worker = startWorker({ name: 'gremlin', runOnce, pollMs: POLL_MS, log });
  return { settings: () => gremlin, heed, [Symbol.asyncDispose]: () => worker.stop() };
}
