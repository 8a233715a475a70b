/** Soon enough that a single crash is hardly noticed. */
const FIRST_MS = 200;
/** Rare enough that a service which cannot start does not keep the machine busy. */
const LONGEST_MS = 5_000;
/** After this long in good health a crash counts as the first again. */
export const HEALTHY_AFTER_MS = 30_000;

/**
 * How long to wait before the restart that follows the `crash`-th crash in a row (from 1), in milliseconds.
 * Exponential with "equal jitter" (half fixed, half random), as in M. Brooker, "Exponential Backoff And Jitter", AWS
 * Architecture Blog, 2015. `random` is in [0, 1).
 */
export function restartDelayMs(crash: number, random: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** (crash - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

/** The number of this crash in a row, given the one before and how long the process was well. */
export function crashInARow(previous: number, healthyForMs: number): number {
  return healthyForMs >= HEALTHY_AFTER_MS ? 1 : previous + 1;
}
