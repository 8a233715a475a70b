import { DemoFailure } from './stage.ts';

/** Far more than a healthy system takes for anything shown here. */
export const PATIENCE_MS = 20_000;

/** A subscription in the background: what it has told so far, and what comes. */
export class LiveStream<Event> implements Disposable {
  readonly #seen: Event[] = [];
  readonly #closing = new AbortController();
  #change = Promise.withResolvers<void>();
  #failure: Error | undefined;

  constructor(open: (signal: AbortSignal) => AsyncIterable<Event>, tell: (event: Event) => void) {
    void this.#follow(open(this.#closing.signal), tell);
  }

  /** Waits until the events so far are enough. Throws when the stream fails, or nothing like it comes in time. */
  async until(sentence: string, enough: (seen: readonly Event[]) => boolean): Promise<void> {
    const late = AbortSignal.timeout(PATIENCE_MS);
    const timeout = new Promise<void>((resolve) => late.addEventListener('abort', () => resolve(), { once: true }));
    while (!enough(this.#seen)) {
      if (this.#failure !== undefined) throw this.#failure;
      if (late.aborted) throw new DemoFailure(`This did not happen within ${PATIENCE_MS / 1_000} s: ${sentence}`);
      await Promise.race([this.#change.promise, timeout]);
    }
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
  }

  async #follow(events: AsyncIterable<Event>, tell: (event: Event) => void): Promise<void> {
    try {
      for await (const event of events) {
        this.#seen.push(event);
        tell(event);
        this.#changed();
      }
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#changed();
    }
  }

  #changed(): void {
    const { resolve } = this.#change;
    this.#change = Promise.withResolvers();
    resolve();
  }
}
