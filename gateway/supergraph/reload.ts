import { Counter, Gauge, type Registry } from 'prom-client';
import type { Dependency } from '#shared/health.ts';
import type { Log } from '#shared/log.ts';
import { startWorker, type Counts } from '#shared/worker.ts';
import { isSame, SupergraphFile, type Found } from './supergraph-file.ts';
import type { Supergraph } from './supergraph.ts';
import { warmUp } from './warm-up.ts';

/** What came of a file that was looked at, or of being asked to. */
const OUTCOMES = ['replaced', 'unchanged', 'refused'] as const;
type Outcome = (typeof OUTCOMES)[number];

/** The supergraph that answers now, and how another one takes over. */
interface InUse {
  readonly current: { readonly supergraph: Supergraph };
  replace(next: Supergraph): void;
}

interface ReloadOptions {
  readonly file: string;
  /** Rejects with what is wrong with it. */
  readonly build: (sdl: string) => Promise<Supergraph>;
  readonly inUse: InUse;
  readonly metrics: Registry;
  readonly log: Log;
  /** The longest wait before a change is seen, in milliseconds. */
  readonly pollMs?: number;
}

export interface Reload extends AsyncDisposable {
  /** Looks at the file soon, whether it has changed or not. */
  request(): void;
  /** Fails while what lies on disk is refused. */
  readonly health: Dependency;
}

/** Somebody who deploys waits that long without noticing, and the file is some hundred kilobytes. */
const POLL_MS = 1_000;

/**
 * Replaces the supergraph when its file has changed:
 *
 * ```mermaid
 * stateDiagram-v2
 *   [*] --> accepted
 *   accepted --> accepted: another one is built, warmed and takes over
 *   accepted --> refused: it is none, or cannot be read
 *   refused --> refused: nor is the next
 *   refused --> accepted: another one takes over, or the one in use is back
 * ```
 *
 * One reload at a time; what changes meanwhile is the next one's. Disposing of it waits for the one under way, which gives up.
 */
export function startReload({ file, build, inUse, metrics, log, pollMs = POLL_MS }: ReloadOptions): Reload {
  const onDisk = new SupergraphFile(file);
  const show = showReloads(metrics);
  let judged: Found = { text: inUse.current.supergraph.sdl };
  let refused: string | undefined;
  let requested = false;
  show.inUse(inUse.current.supergraph);

  async function runOnce(signal: AbortSignal): Promise<Counts> {
    const wanted = requested;
    requested = false;
    if (!wanted && isSame(judged, await onDisk.look())) return {};
    const found = await onDisk.settled(signal);
    if (found === undefined || (!wanted && isSame(judged, found))) return {};
    const outcome = await judge(found, signal);
    if (outcome === undefined) return {};
    judged = found;
    show.outcome(outcome);
    return { [outcome]: 1 };
  }

  /** Undefined when it has given up. */
  async function judge(found: Found, signal: AbortSignal): Promise<Outcome | undefined> {
    try {
      if ('unreadable' in found) throw found.unreadable;
      const outcome = found.text === inUse.current.supergraph.sdl ? 'unchanged' : await replaceBy(found.text, signal);
      if (outcome === 'unchanged') log.info({ id: inUse.current.supergraph.id }, 'supergraph unchanged');
      if (outcome !== undefined) refused = undefined;
      return outcome;
    } catch (error) {
      refused = reasonOf(error);
      log.error(
        { err: error, file, inUse: inUse.current.supergraph.id },
        'supergraph refused, the one before stays in use',
      );
      return 'refused';
    }
  }

  async function replaceBy(sdl: string, signal: AbortSignal): Promise<Outcome | undefined> {
    const next = await build(sdl);
    const operations = inUse.current.supergraph.plannedOperations();
    const planned = await warmUp(next, { operations, signal });
    if (signal.aborted) return undefined;
    const before = inUse.current.supergraph.id;
    inUse.replace(next);
    show.inUse(next);
    log.info({ id: next.id, before, planned, known: operations.length }, 'supergraph replaced');
    return 'replaced';
  }

  const worker = startWorker({ name: 'supergraph reload', runOnce, pollMs, log });
  return {
    request: () => {
      requested = true;
      worker.wake();
    },
    health: {
      critical: false,
      check: () => (refused === undefined ? Promise.resolve() : Promise.reject(new Error(refused))),
    },
    [Symbol.asyncDispose]: () => worker.stop(),
  };
}

/** Anybody may ask for health: the first line says what is wrong, and nothing of where the file lies. */
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  const reason = code === undefined ? message.split('\n', 1)[0] : `it cannot be read (${code})`;
  return `the file is refused, the supergraph before it stays in use: ${reason}`;
}

interface ShownReloads {
  outcome(outcome: Outcome): void;
  inUse(supergraph: Supergraph): void;
}

function showReloads(metrics: Registry): ShownReloads {
  const reloads = new Counter({
    name: 'lockstep_supergraph_reloads_total',
    help: 'Supergraphs that were looked at: replaced the one before, were the same, or were refused.',
    labelNames: ['outcome'],
    registers: [metrics],
  });
  for (const outcome of OUTCOMES) reloads.inc({ outcome }, 0);
  const info = new Gauge({
    name: 'lockstep_supergraph_info',
    help: 'Since when the supergraph in use has been, in seconds of Unix time, by its id.',
    labelNames: ['id'],
    registers: [metrics],
  });
  return {
    outcome: (outcome) => reloads.inc({ outcome }),
    inUse: ({ id }) => {
      info.reset();
      info.set({ id }, Date.now() / 1_000);
    },
  };
}
