import { expect, test } from 'vitest';
import { PIPELINES } from '#sync/domain/pipeline.ts';
import { REPLICA_TABLES } from '#sync/domain/replica.ts';
import { DURABLES } from './durables.ts';
import { canonical, ENTITIES, hashOf } from './records.ts';

test('every pipeline of the sync service is a durable that is checked', () => {
  const known = DURABLES.flatMap(({ name, sources, pipeline }) =>
    pipeline ? [{ id: name, sources, ...pipeline }] : [],
  );
  expect(known).toEqual(PIPELINES.map(({ id, source, entity, target }) => ({ id, sources: [source], entity, target })));
});

test('every column that is replicated is compared', () => {
  const compared = Object.entries(ENTITIES).map(([entity, { table, columns }]) => [
    entity,
    table,
    Object.keys(columns),
  ]);
  expect(compared).toEqual(
    Object.entries(REPLICA_TABLES).map(([entity, { name, columns }]) => [entity, name, Object.keys(columns)]),
  );
});

test('what stores keep differently is compared in one form', () => {
  expect(canonical('instant', new Date(5))).toBe(canonical('instant', '1970-01-01T00:00:00.005Z'));
  expect(canonical('text', '')).toBeNull();
  expect(canonical('integer', '7')).toBe(7);
  expect(canonical('json', '[{"a":1}]')).toEqual([{ a: 1 }]);
  const copy = { key: 'a', revision: 1, columns: { lines: [{ a: 1, b: 2 }], role: 'ADMIN' } };
  const same = { ...copy, columns: { lines: [{ b: 2, a: 1 }], role: 'CUSTOMER' } };
  expect(hashOf(copy, ['lines'])).toBe(hashOf(same, ['lines']));
  expect(hashOf(copy, ['lines', 'role'])).not.toBe(hashOf(same, ['lines', 'role']));
});
