import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crashInARow, HEALTHY_AFTER_MS, restartDelayMs } from './backoff.ts';

test('the first restart comes within 0.2 s', () => {
  expect(restartDelayMs(1, 0)).toBe(100);
  expect(restartDelayMs(1, 0.999)).toBeLessThanOrEqual(200);
});

test('no restart waits longer than 5 s, however many came before', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (crash, random) => {
      expect(restartDelayMs(crash, random)).toBeLessThanOrEqual(5_000);
      expect(restartDelayMs(crash, random)).toBeGreaterThanOrEqual(100);
    }),
  );
});

test('each crash in a row waits at least as long as the one before at the same luck', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.double({ min: 0, max: 1, noNaN: true }), (crash, random) => {
      expect(restartDelayMs(crash + 1, random)).toBeGreaterThanOrEqual(restartDelayMs(crash, random));
    }),
  );
});

test('a crash after good health counts as the first', () => {
  expect(crashInARow(7, HEALTHY_AFTER_MS)).toBe(1);
  expect(crashInARow(7, HEALTHY_AFTER_MS - 1)).toBe(8);
});
