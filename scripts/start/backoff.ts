import { backoffMs, type Backoff } from '#shared/retry.ts';

/** Soon enough that a single crash is hardly noticed; rare enough that a service which cannot start does not keep the machine busy. */
const RESTART: Backoff = { firstMs: 200, longestMs: 5_000 };
/** After this long in good health a crash counts as the first again. */
export const HEALTHY_AFTER_MS = 30_000;

/** How long to wait before the restart that follows the `crash`-th crash in a row (from 1), in milliseconds. `random` is in [0, 1). */
export function restartDelayMs(crash: number, random: number): number {
  return backoffMs(RESTART, crash, random);
}

/** The number of this crash in a row, given the one before and how long the process was well. */
export function crashInARow(previous: number, healthyForMs: number): number {
  return healthyForMs >= HEALTHY_AFTER_MS ? 1 : previous + 1;
}
