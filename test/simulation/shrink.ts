import { simulate, UNLIMITED, type Options, type Report } from './simulation.ts';
import { FAULTS } from './weather.ts';
import type { Limits } from './world.ts';

const FEWEST = 0;
const MOST = 10;

/**
 * The smallest run of a failing seed that still breaks the same promise: without each kind of fault that it does not need, and with as few
 * orders and changes as will do. Greedy: what was left out stays left out.
 */
export function shrink({ seed, bug }: Options, failing: Report): { readonly limits: Limits; readonly report: Report } {
  let limits = UNLIMITED;
  let report = failing;
  const attempt = (smaller: Limits): boolean => {
    const found = simulate({ seed, bug, limits: smaller });
    if (found.violation?.promise !== failing.violation?.promise) return false;
    [limits, report] = [smaller, found];
    return true;
  };
  for (const fault of FAULTS) attempt({ ...limits, without: [...limits.without, fault] });
  for (const wish of ['orders', 'changes'] as const) {
    for (let number = FEWEST; number < MOST; number += 1) if (attempt({ ...limits, [wish]: number })) break;
  }
  return { limits, report };
}
