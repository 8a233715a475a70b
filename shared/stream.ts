/**
 * An async iterator whose `return()` works at once. A bare async generator queues `return()` behind the pending `next()`: a
 * subscription without events could never be closed. `run` must end soon after its signal aborts.
 */
export function cancellable<T>(run: (signal: AbortSignal) => AsyncGenerator<T>): AsyncGenerator<T> {
  const cancelled = new AbortController();
  const inner = run(cancelled.signal);
  const stream: AsyncGenerator<T> = {
    next: () => inner.next(),
    return: (value: unknown) => {
      cancelled.abort();
      return inner.return(value);
    },
    throw: (error: unknown) => {
      cancelled.abort();
      return inner.throw(error);
    },
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => {
      await stream.return(undefined);
    },
  };
  return stream;
}

/** Maps each value; `return()` goes straight to the source, as above. */
export function mapStream<From, To>(
  source: AsyncIterable<From>,
  map: (value: From) => To | Promise<To>,
): AsyncGenerator<To> {
  const inner = source[Symbol.asyncIterator]();
  const end = async (): Promise<IteratorResult<To>> => {
    await inner.return?.();
    return { done: true, value: undefined };
  };
  const stream: AsyncGenerator<To> = {
    next: async () => {
      const result = await inner.next();
      if (result.done === true) return { done: true, value: undefined };
      try {
        return { done: false, value: await map(result.value) };
      } catch (error) {
        await inner.return?.();
        throw error;
      }
    },
    return: end,
    throw: async (error: unknown) => {
      await end();
      throw error;
    },
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => {
      await end();
    },
  };
  return stream;
}

/** A promise that settles at the next `notify()`, or when the signal aborts; makes waiting loops free of lost wake-ups. */
export class Wakeup {
  #next = Promise.withResolvers<void>();

  notify(): void {
    const woken = this.#next;
    this.#next = Promise.withResolvers<void>();
    woken.resolve();
  }

  /** Take this before looking for work, await it after finding none. */
  get next(): Promise<void> {
    return this.#next.promise;
  }
}
