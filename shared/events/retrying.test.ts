import { expect, test } from 'vitest';
import type { LedgerEntry } from './ledger.ts';
import { afterFailure } from './retrying.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const failedBefore = (failures: number): LedgerEntry => ({ failures }) as LedgerEntry;

test.each([
  [1, 250, 500],
  [2, 500, 1_000],
  [3, 1_000, 2_000],
  [7, 16_000, 32_000],
])('an event is tried again after failure %i, in %i to %i ms', (failure, least, most) => {
  const entry = failedBefore(failure - 1);
  const settlement = afterFailure(entry, 'no', NOW);
  expect(settlement).toMatchObject({ entry, state: 'RETRYING', error: 'no', failed: true });
  const waitMs = (settlement.dueAt?.getTime() ?? 0) - NOW.getTime();
  expect(waitMs).toBeGreaterThanOrEqual(least);
  expect(waitMs).toBeLessThanOrEqual(most);
});

test('an event is given up after its eighth failure', () => {
  const entry = failedBefore(7);
  expect(afterFailure(entry, 'no', NOW)).toEqual({ entry, state: 'DEAD_LETTERED', error: 'no', failed: true });
});
