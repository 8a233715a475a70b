import { backoffMs, type Backoff } from '#shared/retry.ts';

/** Soon enough that a restarted subgraph is hardly noticed, and never more than some attempts a minute at one that is away. */
const BACKOFF: Backoff = { firstMs: 200, longestMs: 5_000 };
/** So many subscriptions are asked for again per millisecond: a subgraph that has just come back is not to be run over. */
const PER_MS = 2;

/** The leave to try once; told how it went, exactly once. */
export interface Try {
  /** The subgraph is there. */
  readonly succeeded: () => void;
  /** It is still away. */
  readonly failed: () => void;
  /** Whoever was to try has no more reason to. */
  readonly dropped: () => void;
}

/**
 * Lets those who have lost a subgraph come back to it: while it is away one of them at a time tries, after longer and longer pauses; when it
 * answers, all others follow, spread over a moment.
 */
export class Comeback {
  readonly #waiting: ((leave: Try) => void)[] = [];
  #attempt = 0;
  #trying = false;
  #timer: NodeJS.Timeout | undefined;

  /** The subgraph was lost: calls back when it may be tried. The returned function takes the wish back, before or after. */
  wait(callback: (leave: Try) => void): () => void {
    let leave: Try | undefined;
    const waiter = (given: Try): void => {
      leave = given;
      callback(given);
    };
    this.#waiting.push(waiter);
    this.#goOn();
    return () => {
      const at = this.#waiting.indexOf(waiter);
      if (at !== -1) this.#waiting.splice(at, 1);
      leave?.dropped();
    };
  }

  /** Forgets everybody who waits. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
  }

  #goOn(): void {
    if (this.#trying || this.#timer !== undefined) return;
    if (this.#waiting.length === 0) {
      this.#attempt = 0;
      return;
    }
    this.#attempt += 1;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        const next = this.#waiting.shift();
        if (next === undefined) return;
        this.#trying = true;
        next(this.#leave());
      },
      backoffMs(BACKOFF, this.#attempt),
    );
  }

  #leave(): Try {
    let told = false;
    const once = (act: () => void) => (): void => {
      if (told) return;
      told = true;
      this.#trying = false;
      act();
      this.#goOn();
    };
    return {
      succeeded: once(() => this.#release()),
      failed: once(() => undefined),
      dropped: once(() => undefined),
    };
  }

  #release(): void {
    this.#attempt = 0;
    const all = this.#waiting.splice(0);
    const free: Try = { succeeded: noop, failed: noop, dropped: noop };
    for (const each of all) setTimeout(() => each(free), (Math.random() * all.length) / PER_MS).unref();
  }
}

function noop(): void {
  // Nothing depends on how it goes for those who follow.
}
