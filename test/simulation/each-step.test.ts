import { expect, test } from 'vitest';
import { simulate } from './simulation.ts';
import { FAULTS } from './weather.ts';

const DEADLINE_MS = 240_000;
/** One order that is cancelled takes far fewer. */
const MOST_STEPS = 2_000;

test('an order comes to its end whoever is killed at whichever of its steps', { timeout: DEADLINE_MS }, () => {
  const limits = { without: FAULTS, orders: 1, changes: 1 };
  let crashes = 0;
  for (let crashAt = 1; crashAt < MOST_STEPS; crashAt += 1) {
    const { violation, tally } = simulate({ seed: 1, limits: { ...limits, crashAt } });
    expect(violation, `npm run simulate -- --seed 1 … killed at step ${crashAt}`).toBeUndefined();
    crashes += tally.crashes;
    if (tally.crashes === 0) break;
  }
  console.log(`killed at each of ${crashes} steps`);
  expect(crashes).toBeGreaterThan(100);
  expect(crashes).toBeLessThan(MOST_STEPS - 1);
});

test('the same seed gives the same run, step by step', () => {
  const run = (seed: number): string[] => {
    const lines: string[] = [];
    simulate({ seed, trace: (line) => lines.push(line) });
    return lines;
  };
  const lines = run(7);
  expect(lines.length).toBeGreaterThan(1_000);
  expect(run(7)).toEqual(lines);
  expect(run(8)).not.toEqual(lines);
});
