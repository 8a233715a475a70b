import { watchNpm } from './npm-parent.ts';

/** When to stop, and how patiently. */
export interface Shutdown extends Disposable {
  /** Aborts when the system is to drain; its reason is a sentence. */
  readonly drain: AbortSignal;
  /** Aborts when it is to stop at once. */
  readonly immediately: AbortSignal;
  /** Asks for a drain from within. */
  request(reason: string): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A terminal's Ctrl-C reaches us twice when npm passes its own on; a person's second comes later than this. */
const SAME_SIGNAL_MS = 500;

/** Listens to signals, and to npm's end when npm started us. */
export function watchForShutdown(startedByNpm: boolean): Shutdown {
  const drain = new AbortController();
  const immediately = new AbortController();
  let firstAt: number | undefined;
  const request = (reason: string): void => drain.abort(new Error(reason));
  function onSignal(signal: NodeJS.Signals): void {
    const now = performance.now();
    firstAt ??= now;
    if (now - firstAt > SAME_SIGNAL_MS) immediately.abort(new Error(signal));
    request(signal);
  }
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const npm = startedByNpm ? watchNpm(() => request('npm has ended')) : undefined;
  return {
    drain: drain.signal,
    immediately: immediately.signal,
    request,
    [Symbol.dispose]() {
      npm?.[Symbol.dispose]();
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
