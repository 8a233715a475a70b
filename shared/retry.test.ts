import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffMs, eventually, pause } from './retry.ts';

const luck = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const backoffs = fc
  .record({ firstMs: fc.integer({ min: 2, max: 5_000 }), factor: fc.integer({ min: 1, max: 1_000 }) })
  .map(({ firstMs, factor }) => ({ firstMs, longestMs: firstMs * factor }));
const attempts = fc.integer({ min: 1, max: 5_000 });

describe('a backoff', () => {
  test('waits at least half of the first and at most the longest, however many attempts came before', () => {
    fc.assert(
      fc.property(backoffs, attempts, luck, (backoff, attempt, random) => {
        const waitMs = backoffMs(backoff, attempt, random);
        expect(waitMs).toBeGreaterThanOrEqual(Math.floor(backoff.firstMs / 2));
        expect(waitMs).toBeLessThanOrEqual(backoff.longestMs);
      }),
    );
  });

  test('never grows shorter from one attempt to the next at the same luck', () => {
    fc.assert(
      fc.property(backoffs, attempts, luck, (backoff, attempt, random) => {
        expect(backoffMs(backoff, attempt + 1, random)).toBeGreaterThanOrEqual(backoffMs(backoff, attempt, random));
      }),
    );
  });

  test('doubles, and is half fixed and half random', () => {
    const backoff = { firstMs: 100, longestMs: 1_000 };
    expect([1, 2, 3, 4, 5, 6].map((attempt) => backoffMs(backoff, attempt, 0))).toEqual([50, 100, 200, 400, 500, 500]);
    expect([1, 2, 3, 4, 5, 6].map((attempt) => backoffMs(backoff, attempt, 0.5))).toEqual([
      75, 150, 300, 600, 750, 750,
    ]);
  });

  test('has waits of its own for each who fail together', () => {
    const waits = Array.from({ length: 50 }, () => backoffMs({ firstMs: 60_000, longestMs: 60_000 }, 1));
    expect(new Set(waits).size).toBeGreaterThan(1);
  });
});

describe('a pause', () => {
  const HOUR_MS = 3_600_000;

  test('ends by itself', async () => {
    const startedAt = performance.now();
    await pause(20);
    expect(performance.now() - startedAt).toBeGreaterThan(15);
  });

  test('ends at once when its signal aborts', async () => {
    const stopping = new AbortController();
    const paused = pause(HOUR_MS, stopping.signal);
    stopping.abort();
    await paused;
  });

  test('does not begin when its signal has aborted before', async () => {
    await pause(HOUR_MS, AbortSignal.abort());
  });
});

describe('what is tried eventually', () => {
  const BACKOFF = { firstMs: 1, longestMs: 2 };

  test('is tried until it succeeds', async () => {
    let tries = 0;
    const work = (): Promise<string> => {
      tries += 1;
      return tries < 4 ? Promise.reject(new Error(`not yet: ${tries}`)) : Promise.resolve('there');
    };
    expect(await eventually(work, { ...BACKOFF, forMs: 10_000 })).toBe('there');
    expect(tries).toBe(4);
  });

  test('is tried once when it succeeds at once', async () => {
    let tries = 0;
    await eventually(() => Promise.resolve((tries += 1)), { ...BACKOFF, forMs: 10_000 });
    expect(tries).toBe(1);
  });

  test('throws the last error when its time is over', async () => {
    let tries = 0;
    const work = (): Promise<never> => Promise.reject(new Error(`failure ${(tries += 1)}`));
    const failure = await eventually(work, { ...BACKOFF, forMs: 30 }).catch((error: unknown) => error);
    expect(tries).toBeGreaterThan(1);
    expect(failure).toEqual(new Error(`failure ${tries}`));
  });

  test('is given up at once after an error that is final', async () => {
    let tries = 0;
    const work = (): Promise<never> => Promise.reject(new Error(`failure ${(tries += 1)}`));
    const isFinal = (error: unknown): boolean => error instanceof Error && error.message === 'failure 2';
    const trying = eventually(work, { ...BACKOFF, forMs: 10_000, isFinal });
    await expect(trying).rejects.toThrow('failure 2');
    expect(tries).toBe(2);
  });
});
