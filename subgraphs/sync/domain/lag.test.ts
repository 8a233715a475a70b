import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lagOf } from './lag.ts';

const NOW = new Date('2026-01-31T12:00:00Z');
const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1_000);

describe('lag', () => {
  test('is nothing when all is received and applied', () => {
    const source = { received: 7, beyond: 0, oldestBeyondAt: null };
    expect(lagOf(source, [{ records: 0, oldestAt: null }], NOW)).toEqual({
      records: 0,
      seconds: 0,
      oldestUnsyncedAt: null,
    });
  });

  test('counts what is not received and what is not applied', () => {
    const source = { received: 7, beyond: 3, oldestBeyondAt: ago(2) };
    expect(lagOf(source, [{ records: 4, oldestAt: ago(9.5) }], NOW)).toEqual({
      records: 7,
      seconds: 9.5,
      oldestUnsyncedAt: ago(9.5),
    });
  });

  test('counts what was discarded too: the target lacks it', () => {
    const source = { received: 7, beyond: 0, oldestBeyondAt: null };
    const lacking = [
      { records: 2, oldestAt: ago(1) },
      { records: 1, oldestAt: ago(60) },
    ];
    expect(lagOf(source, lacking, NOW)).toEqual({ records: 3, seconds: 60, oldestUnsyncedAt: ago(60) });
  });

  test('is as old as the oldest change, on whichever side it waits', () => {
    const ages = fc.option(fc.nat(100_000));
    fc.assert(
      fc.property(ages, ages, (beyond, ledger) => {
        const { seconds, oldestUnsyncedAt } = lagOf(
          { received: 0, beyond: beyond === null ? 0 : 1, oldestBeyondAt: beyond === null ? null : ago(beyond) },
          [{ records: ledger === null ? 0 : 1, oldestAt: ledger === null ? null : ago(ledger) }],
          NOW,
        );
        const oldest = Math.max(beyond ?? 0, ledger ?? 0);
        expect(seconds).toBe(oldest);
        expect(oldestUnsyncedAt).toEqual(beyond === null && ledger === null ? null : ago(oldest));
      }),
    );
  });

  test('is never negative, though two clocks may differ', () => {
    const source = { received: 7, beyond: 1, oldestBeyondAt: ago(-3) };
    expect(lagOf(source, [{ records: 0, oldestAt: null }], NOW)).toMatchObject({ records: 1, seconds: 0 });
  });
});
