import { expect, test } from 'vitest';
import { faultsOf, NO_FAULTS, type Entry } from './log-checker.ts';

const entry = (record: string, revision: number): Entry => ({ id: `${record}${revision}`, record, revision });
const committed = [entry('a', 1), entry('a', 2), entry('b', 1)];

test('a log that has everything once and in order of its records is faultless', () => {
  expect(faultsOf(committed, [entry('b', 1), entry('a', 1), entry('a', 2)])).toEqual(NO_FAULTS);
});

test.each([
  { fault: 'lost', delivered: [entry('a', 1), entry('b', 1)], found: { lost: ['a2'] } },
  { fault: 'invented', delivered: [...committed, entry('c', 1)], found: { invented: ['c1'] } },
  { fault: 'repeated', delivered: [...committed, entry('a', 1)], found: { repeated: ['a1'] } },
  { fault: 'disordered', delivered: [entry('a', 2), entry('a', 1), entry('b', 1)], found: { disordered: ['a1'] } },
])('an event that is $fault is told', ({ delivered, found }) => {
  expect(faultsOf(committed, delivered)).toEqual({ ...NO_FAULTS, ...found });
});
