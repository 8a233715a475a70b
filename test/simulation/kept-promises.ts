import { afterAll, expect, test } from 'vitest';
import { simulate } from './simulation.ts';
import { COUNTED, newTally } from './world.ts';

/** Few enough that a test of a loaded machine ends long before its deadline. */
const SEEDS_PER_TEST = 50;
const DEADLINE_MS = 240_000;

/** Claims that no promise is broken in these seeds, and that what is promised was put to the test in them. */
export function keepsItsPromises({ from, to }: { readonly from: number; readonly to: number }): void {
  const tally = newTally();

  for (let first = from; first <= to; first += SEEDS_PER_TEST) {
    const last = Math.min(to, first + SEEDS_PER_TEST - 1);
    test(`keeps its promises in seeds ${first} to ${last}`, { timeout: DEADLINE_MS }, () => {
      for (let seed = first; seed <= last; seed += 1) {
        const report = simulate({ seed });
        const told = `seed ${seed}: ${report.violation?.message ?? ''}\nnpm run simulate -- --seed ${seed}`;
        expect(report.violation, told).toBeUndefined();
        for (const name of COUNTED) tally[name] += report.tally[name];
      }
    });
  }

  test('has gone through everything that it is about', () => {
    expect(COUNTED.filter((name) => tally[name] === 0)).toEqual([]);
  });

  afterAll(() =>
    console.log(`simulated, seeds ${from} to ${to}: ${COUNTED.map((name) => `${name} ${tally[name]}`).join(', ')}`),
  );
}
