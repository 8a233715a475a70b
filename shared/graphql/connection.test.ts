import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../refusal.ts';
import { connection, pageRequest, type Connection, type PageArguments } from './connection.ts';

const KEY = /^\d{6}$/;
const key = (node: number): string => String(node).padStart(6, '0');

/** A page as a store answers it: the rows behind the cursor, one more than the page has. */
function pageOf(rows: readonly number[], given: PageArguments): Connection<number> {
  const page = pageRequest(given, KEY);
  const behind = rows.filter((row) => page.after === undefined || key(row) > page.after);
  return connection(behind.slice(0, page.limit), page, key);
}

function refusalOf(given: PageArguments): unknown {
  try {
    return pageRequest(given, KEY);
  } catch (error) {
    return error;
  }
}

const lists = fc.uniqueArray(fc.nat(999_999), { maxLength: 60 }).map((rows) => rows.toSorted((a, b) => a - b));
const sizes = fc.integer({ min: 1, max: 100 });

describe('a page', () => {
  test.each([undefined, null])('has 20 entries when the client says %s', (first) => {
    expect(pageRequest({ ...(first !== undefined && { first }) }, KEY)).toEqual({ limit: 21, after: undefined });
  });

  test.each([1, 20, 100])('may have %d entries', (first) => {
    expect(pageRequest({ first }, KEY).limit).toBe(first + 1);
  });

  test.each([0, -1, 101, 2 ** 31 - 1])('of %d entries is refused by that argument', (first) => {
    expect(refusalOf({ first })).toBeInstanceOf(Refusal);
    expect(refusalOf({ first })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'first' });
  });

  test('of nothing has no cursors and no neighbours', () => {
    expect(pageOf([], {})).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  test('never has more entries than asked for, and tells whether there are more', () => {
    fc.assert(
      fc.property(lists, sizes, (rows, first) => {
        const { edges, pageInfo } = pageOf(rows, { first });
        expect(edges.map(({ node }) => node)).toEqual(rows.slice(0, first));
        expect(pageInfo.hasNextPage).toBe(rows.length > first);
        expect(pageInfo.startCursor).toBe(edges[0]?.cursor ?? null);
        expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor ?? null);
      }),
    );
  });
});

describe('walking the pages', () => {
  test('gives every row once and in order, in as many pages as it takes', () => {
    fc.assert(
      fc.property(lists, sizes, (rows, first) => {
        const seen: number[] = [];
        let pages = 0;
        for (let after: string | null = null, more = true; more; pages += 1) {
          const { edges, pageInfo }: Connection<number> = pageOf(rows, { first, after });
          expect(pageInfo.hasPreviousPage).toBe(pages > 0);
          seen.push(...edges.map(({ node }) => node));
          ({ endCursor: after, hasNextPage: more } = pageInfo);
        }
        expect(seen).toEqual(rows);
        expect(pages).toBe(Math.max(1, Math.ceil(rows.length / first)));
      }),
    );
  });

  test('goes on behind any row by its own cursor', () => {
    const { edges } = pageOf([1, 2, 3, 4], {});
    expect(pageOf([1, 2, 3, 4], { after: edges[1]!.cursor }).edges.map(({ node }) => node)).toEqual([3, 4]);
  });
});

describe('a cursor', () => {
  test.each([
    ['nothing', ''],
    ['the sort key itself', '000001'],
    ['the sort key of another list', Buffer.from('after:abc').toString('base64url')],
    ['something behind the sort key', Buffer.from("after:000001' OR 1=1").toString('base64url')],
    ['no prefix', Buffer.from('000001').toString('base64url')],
  ])('that is %s is refused by the argument it came in', (_, after) => {
    expect(refusalOf({ after })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' });
  });

  test('goes through URLs and JSON as it is, whatever the sort key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (sortKey) => {
        const { edges } = connection([sortKey], { limit: 2, after: undefined }, (node) => node);
        expect(edges[0]!.cursor).toMatch(/^[\w-]+$/);
        expect(pageRequest({ after: edges[0]!.cursor }, /^/).after).toBe(sortKey);
      }),
    );
  });
});
