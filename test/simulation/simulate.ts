import { parseArgs } from 'node:util';
import { BUGS } from './planted-bugs.ts';
import { shrink } from './shrink.ts';
import { simulate, UNLIMITED } from './simulation.ts';
import { FAULTS } from './weather.ts';
import type { Limits } from './world.ts';

const USAGE = `npm run simulate -- [--from N] [--seeds N]     runs seeds, and shows the first that fails
npm run simulate -- --seed N [--trace]        runs one, and shows every step of it
  --bug NAME        with a planted bug: ${BUGS.join(' ')}
  --without A,B     without these faults: ${FAULTS.join(' ')}
  --orders N        with at most so many orders, --changes N with so many changes of users`;

const number = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${text} is no number.\n${USAGE}`);
  return Number(text);
};

function main(): void {
  const { values } = parseArgs({
    options: {
      from: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '1000' },
      seed: { type: 'string' },
      trace: { type: 'boolean', default: false },
      bug: { type: 'string' },
      without: { type: 'string', default: '' },
      orders: { type: 'string' },
      changes: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const { without, orders, changes } = values;
  const bug = BUGS.find((known) => known === values.bug);
  if (bug === undefined && values.bug !== undefined) throw new Error(`There is no bug ${values.bug}.\n${USAGE}`);
  const limits: Limits = {
    without: FAULTS.filter((fault) => without.split(',').includes(fault)),
    orders: orders === undefined ? Infinity : number(orders),
    changes: changes === undefined ? Infinity : number(changes),
  };
  const first = number(values.seed ?? values.from);
  const count = values.seed === undefined ? number(values.seeds) : 1;
  const trace = values.trace ? { trace: (line: string) => console.log(line) } : {};
  for (let seed = first; seed < first + count; seed += 1) {
    const report = simulate({ seed, bug, limits, ...trace });
    if (report.violation === undefined) continue;
    console.log(`seed ${seed} after ${report.steps} steps: ${report.violation.message}`);
    process.exitCode = 1;
    if (limits.without.length === 0 && orders === undefined && changes === undefined)
      tellSmaller(seed, { bug, report });
    return;
  }
  console.log(`${count} seeds from ${first} on: every promise kept.`);
}

function tellSmaller(
  seed: number,
  { bug, report }: { bug: (typeof BUGS)[number] | undefined; report: ReturnType<typeof simulate> },
): void {
  const smaller = shrink({ seed, bug }, report);
  const { without, orders, changes } = smaller.limits;
  const flags = [
    `--seed ${seed}`,
    ...(bug === undefined ? [] : [`--bug ${bug}`]),
    ...(without.length === 0 ? [] : [`--without ${without.join(',')}`]),
    ...(orders === UNLIMITED.orders ? [] : [`--orders ${orders}`]),
    ...(changes === UNLIMITED.changes ? [] : [`--changes ${changes}`]),
  ];
  console.log(`The same in ${smaller.report.steps} steps: ${smaller.report.violation?.message ?? ''}`);
  console.log(`npm run simulate -- ${flags.join(' ')} --trace`);
}

main();
