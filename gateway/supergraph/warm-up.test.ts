import { QueryPlanner } from '@apollo/query-planner';
import { parse } from 'graphql';
import { afterEach, expect, test, vi } from 'vitest';
import { smallSupergraph } from '#test/support/small-supergraph.ts';
import { buildSupergraph, type OperationText } from './supergraph.ts';
import { warmUp } from './warm-up.ts';

const SDL = smallSupergraph();
const of = (text: string, operationName?: string): OperationText => ({ text, operationName });
const OPERATIONS = [
  of('{ newest }'),
  of('query A { newest } query B { strict { id } }', 'B'),
  of('{ strict { name } }'),
];
const { signal } = new AbortController();

afterEach(() => {
  vi.restoreAllMocks();
});

test('what was planned before anybody waits is not planned again', async () => {
  const supergraph = buildSupergraph(SDL, {});
  expect(await warmUp(supergraph, { operations: OPERATIONS, signal })).toBe(3);
  const planner = vi.spyOn(QueryPlanner.prototype, 'buildQueryPlan');
  for (const { text, operationName } of OPERATIONS) supergraph.plan(parse(text), operationName);
  expect(planner).not.toHaveBeenCalled();
  supergraph.plan(parse('{ people { id } }'), undefined);
  expect(planner).toHaveBeenCalledOnce();
});

test('what is not valid any more is passed over', async () => {
  const supergraph = buildSupergraph(SDL, {});
  const gone = [of('{ gone }'), of('{'), of('query A { newest } query B { newest }')];
  expect(await warmUp(supergraph, { operations: [...gone, ...OPERATIONS], signal })).toBe(3);
  expect(supergraph.plannedOperations()).toHaveLength(3);
});

test('other work is done in between', async () => {
  let turns = 0;
  const turn = (): void => {
    turns += 1;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  await warmUp(buildSupergraph(SDL, {}), { operations: OPERATIONS, signal });
  clearImmediate(next);
  expect(turns).toBeGreaterThanOrEqual(OPERATIONS.length);
});

test('it ends when its time is up, or when it is told to', async () => {
  const supergraph = buildSupergraph(SDL, {});
  expect(await warmUp(supergraph, { operations: OPERATIONS, signal, withinMs: 0 })).toBe(0);
  expect(await warmUp(supergraph, { operations: OPERATIONS, signal: AbortSignal.abort() })).toBe(0);
});

test('what was used last is planned first', async () => {
  const supergraph = buildSupergraph(SDL, {});
  const stop = new AbortController();
  const warming = warmUp(supergraph, { operations: OPERATIONS, signal: stop.signal });
  const watch = (): void => {
    if (supergraph.plannedOperations().length > 0) stop.abort();
    else setImmediate(watch);
  };
  watch();
  expect(await warming).toBeLessThan(OPERATIONS.length);
  expect(supergraph.plannedOperations().at(-1)).toEqual(OPERATIONS[0]);
});
