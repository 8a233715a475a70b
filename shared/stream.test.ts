import { describe, expect, test } from 'vitest';
import { cancellable, mapStream, Wakeup } from './stream.ts';

/** Yields the values, then waits for ever: only its signal ends it. */
async function* quietAfter<T>(values: readonly T[], signal: AbortSignal, ended?: () => void): AsyncGenerator<T> {
  const aborted = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => aborted.resolve(), { once: true });
  try {
    yield* values;
    if (!signal.aborted) await aborted.promise;
  } finally {
    ended?.();
  }
}

async function* counted(values: readonly number[], ended: () => void): AsyncGenerator<number> {
  try {
    yield* values;
  } finally {
    ended();
  }
}

async function take<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const value of stream) taken.push(value);
  return taken;
}

const END = { done: true, value: undefined };

describe('a cancellable stream', () => {
  test('gives what its source yields, and ends with it', async () => {
    const stream = cancellable(async function* () {
      yield* [1, 2, 3];
    });
    expect(await take(stream)).toEqual([1, 2, 3]);
  });

  test('ends at once by return() while next() is pending, and so does the pending next()', async () => {
    let ended = 0;
    const stream = cancellable((signal) => quietAfter(['first'], signal, () => (ended += 1)));
    expect(await stream.next()).toEqual({ done: false, value: 'first' });
    const pending = stream.next();
    expect(await stream.return(undefined)).toEqual(END);
    expect(await pending).toEqual(END);
    expect(await stream.next()).toEqual(END);
    expect(ended).toBe(1);
  });

  test('ends by throw() while next() is pending, with what was thrown', async () => {
    const stream = cancellable((signal) => quietAfter<string>([], signal));
    const pending = stream.next();
    const thrown = stream.throw(new Error('enough'));
    expect(await pending).toEqual(END);
    await expect(thrown).rejects.toThrow('enough');
  });

  test('never starts when it is returned before its first next()', async () => {
    let started = false;
    // oxlint-disable-next-line require-yield -- it must not get as far
    const stream = cancellable<string>(async function* () {
      started = true;
    });
    await stream.return(undefined);
    expect(await stream.next()).toEqual(END);
    expect(started).toBe(false);
  });

  test('ends when its consumer leaves the loop', async () => {
    let ended = 0;
    const stream = cancellable((signal) => quietAfter([1, 2], signal, () => (ended += 1)));
    for await (const value of stream) if (value === 2) break;
    expect(ended).toBe(1);
  });

  test('ends with its scope', async () => {
    let ended = 0;
    {
      await using stream = cancellable((signal) => quietAfter([1], signal, () => (ended += 1)));
      await stream.next();
    }
    expect(ended).toBe(1);
  });

  test('throws what its source throws', async () => {
    // oxlint-disable-next-line require-yield -- it fails before
    const stream = cancellable<string>(async function* () {
      throw new Error('lost');
    });
    await expect(stream.next()).rejects.toThrow('lost');
  });
});

describe('a mapped stream', () => {
  test('gives each value mapped, in order, and ends with its source', async () => {
    let ended = 0;
    const stream = mapStream(
      counted([1, 2, 3], () => (ended += 1)),
      (value) => Promise.resolve(value * 10),
    );
    expect(await take(stream)).toEqual([10, 20, 30]);
    expect(ended).toBe(1);
  });

  test('hands return() straight through to a source that is waiting', async () => {
    let ended = 0;
    const source = cancellable((signal) => quietAfter<number>([], signal, () => (ended += 1)));
    const stream = mapStream(source, (value) => value);
    const pending = stream.next();
    expect(await stream.return(undefined)).toEqual(END);
    expect(await pending).toEqual(END);
    expect(ended).toBe(1);
  });

  test('ends its source when the map throws, and throws the same', async () => {
    let ended = 0;
    const stream = mapStream(
      counted([1, 2, 3], () => (ended += 1)),
      (value) => {
        if (value === 2) throw new Error('cannot map 2');
        return value;
      },
    );
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    await expect(stream.next()).rejects.toThrow('cannot map 2');
    expect(ended).toBe(1);
    expect(await stream.next()).toEqual(END);
  });

  test('ends its source by throw()', async () => {
    let ended = 0;
    const source = counted([1, 2], () => (ended += 1));
    const stream = mapStream(source, (value) => value);
    await stream.next();
    await expect(stream.throw(new Error('enough'))).rejects.toThrow('enough');
    expect(ended).toBe(1);
  });

  test('ends its source with its scope', async () => {
    let ended = 0;
    {
      await using stream = mapStream(
        counted([1, 2], () => (ended += 1)),
        (value) => value,
      );
      await stream.next();
    }
    expect(ended).toBe(1);
  });

  test('reads no further than it is asked', async () => {
    const mapped: number[] = [];
    const stream = mapStream(
      counted([1, 2, 3], () => undefined),
      (value) => mapped.push(value),
    );
    await stream.next();
    expect(mapped).toEqual([1]);
    await stream.return(undefined);
  });
});

describe('a wake-up', () => {
  test('settles what was taken before it', async () => {
    const wakeup = new Wakeup();
    const { next } = wakeup;
    wakeup.notify();
    await next;
  });

  test('is not one for what is taken after it', async () => {
    const wakeup = new Wakeup();
    wakeup.notify();
    let woken = false;
    void wakeup.next.then(() => (woken = true));
    await Promise.resolve();
    expect(woken).toBe(false);
  });

  test('is lost by nobody who takes it before looking for work', async () => {
    const wakeup = new Wakeup();
    const queue: number[] = [];
    const seen: number[] = [];
    const total = 1_000;
    const consume = async (): Promise<void> => {
      while (seen.length < total) {
        const woken = wakeup.next;
        seen.push(...queue.splice(0));
        // The gap in which a bare condition variable would lose one.
        await Promise.resolve();
        if (queue.length === 0 && seen.length < total) await woken;
      }
    };
    const produce = async (): Promise<void> => {
      for (let at = 0; at < total; at += 1) {
        queue.push(at);
        wakeup.notify();
        for (let turns = at % 4; turns > 0; turns -= 1) await Promise.resolve();
      }
    };
    await Promise.all([consume(), produce()]);
    expect(seen).toEqual(Array.from({ length: total }, (_, at) => at));
  });

  test('wakes everyone who waits', async () => {
    const wakeup = new Wakeup();
    const waiting = [wakeup.next, wakeup.next, wakeup.next];
    wakeup.notify();
    await Promise.all(waiting);
  });
});
