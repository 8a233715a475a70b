import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

/** Plain data as variables and events carry it; JSON has no -0. */
const values = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);

/** The same value with the members of each object in reverse. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, reversed(member)]),
  );
}

describe('canonical JSON', () => {
  test('is the same whatever order keys were given in', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });

  test('is JSON for the same value', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(value);
      }),
    );
  });

  test('is the same only for what is the same', () => {
    const pairs = fc.tuple(values, values);
    fc.assert(
      fc.property(pairs, ([one, other]) => {
        expect(canonicalJson(one) === canonicalJson(other)).toBe(isDeepStrictEqual(one, other));
      }),
    );
  });

  test.each([
    [
      [1, 2],
      [2, 1],
    ],
    ['1', 1],
    [null, 'null'],
    [{ a: null }, {}],
    [[], {}],
    [{ a: { b: 1 } }, { a: 1, b: 1 }],
    [{ ab: '' }, { a: 'b' }],
    [
      [['a'], 'b'],
      ['a', ['b']],
    ],
    [true, 'true'],
  ])('tells %j from %j', (one, other) => {
    expect(canonicalJson(one)).not.toBe(canonicalJson(other));
  });

  test('sorts by code unit at every depth, and keeps the order of lists', () => {
    expect(canonicalJson({ b: [{ z: 1, y: 2 }, 'second'], a: null, B: 'ä', é: true })).toBe(
      '{"B":"ä","a":null,"b":[{"y":2,"z":1},"second"],"é":true}',
    );
  });

  test('leaves out what is undefined: it is the same as what was not given', () => {
    expect(canonicalJson({ a: 1, b: undefined })).toBe(canonicalJson({ a: 1 }));
  });

  test('writes instants as text, and takes objects without a prototype as GraphQL gives them', () => {
    const at = new Date('2026-01-31T12:00:00Z');
    expect(canonicalJson(Object.assign(Object.create(null), { b: at, a: 1 }))).toBe(
      '{"a":1,"b":"2026-01-31T12:00:00.000Z"}',
    );
  });
});
