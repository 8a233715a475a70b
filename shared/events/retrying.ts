import { backoffMs, type Backoff } from '../retry.ts';
import type { LedgerEntry, Settlement } from './ledger.ts';

/** With the backoff below, an event that fails by its own fault is tried for about two minutes before an admin must look. */
const MOST_FAILURES = 8;
const FAILURE_BACKOFF: Backoff = { firstMs: 500, longestMs: 60_000 };

/** What becomes of an event that failed by its own fault: it is tried again, and given up after the last of its tries. */
export function afterFailure(entry: LedgerEntry, error: string, now: Date): Settlement {
  const failures = entry.failures + 1;
  if (failures >= MOST_FAILURES) return { entry, state: 'DEAD_LETTERED', error, failed: true };
  const dueAt = new Date(now.getTime() + backoffMs(FAILURE_BACKOFF, failures));
  return { entry, state: 'RETRYING', error, failed: true, dueAt };
}
