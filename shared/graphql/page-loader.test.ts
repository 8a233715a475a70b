import { expect, test } from 'vitest';
import { contextOf } from '#test/support/request-context.ts';
import type { PageRequest } from './connection.ts';
import { pagesPerRequest, type PageLoader } from './page-loader.ts';

interface Asked {
  readonly owners: readonly string[];
  readonly page: PageRequest;
}

/** Every owner has the same list of letters, but for those who have none; notes what it was asked. */
function listsOf(letters: string, ...without: string[]): { pages: PageLoader<string>; asked: Asked[] } {
  const asked: Asked[] = [];
  const pageOf = ({ after, limit }: PageRequest): string[] =>
    letters
      .split('')
      .filter((letter) => after === undefined || letter > after)
      .slice(0, limit);
  const find = (owners: readonly string[], page: PageRequest): Promise<Map<string, string[]>> => {
    asked.push({ owners, page });
    return Promise.resolve(
      new Map(owners.filter((owner) => !without.includes(owner)).map((owner) => [owner, pageOf(page)])),
    );
  };
  return { pages: pagesPerRequest({ find, sortKeys: /^[a-z]$/, sortKey: (letter) => letter }), asked };
}

test('the same page of many lists is one query, each owner once', async () => {
  const { pages, asked } = listsOf('abc', 'nobody');
  const context = contextOf();
  const owners = ['ada', 'bob', 'ada', 'nobody'];
  const found = await Promise.all(owners.map((owner) => pages(context, owner, { first: 2 })));
  const nodes = found.map(({ edges }) => edges.map(({ node }) => node));
  expect(nodes).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b'], []]);
  expect(found.map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, true, true, false]);
  expect(asked).toEqual([{ owners: ['ada', 'bob', 'nobody'], page: { limit: 3, after: undefined } }]);
});

test('each page of an operation is a query of its own', async () => {
  const { pages, asked } = listsOf('abc');
  const context = contextOf();
  const first = await pages(context, 'ada', { first: 2 });
  const after = first.pageInfo.endCursor;
  const rest = await Promise.all([
    pages(context, 'ada', { first: 2, after }),
    pages(context, 'bob', { first: 2, after }),
    pages(context, 'bob', { first: 1 }),
  ]);
  expect(rest.map(({ edges }) => edges.map(({ node }) => node))).toEqual([['c'], ['c'], ['a']]);
  expect(asked.map(({ owners, page }) => [...owners, page.limit, page.after])).toEqual([
    ['ada', 3, undefined],
    ['ada', 'bob', 3, 'b'],
    ['bob', 2, undefined],
  ]);
});

test('a list that is asked for again is read again, for it may have changed', async () => {
  const { pages, asked } = listsOf('abc');
  const context = contextOf();
  await pages(context, 'ada', {});
  await pages(context, 'ada', {});
  expect(asked).toHaveLength(2);
});

test('operations share nothing: nobody is answered from what somebody else may see', async () => {
  const { pages, asked } = listsOf('abc');
  await Promise.all([pages(contextOf(), 'ada', {}), pages(contextOf(), 'ada', {})]);
  expect(asked).toHaveLength(2);
});

test('a query has at most 500 owners', async () => {
  const { pages, asked } = listsOf('abc');
  const context = contextOf();
  await Promise.all(Array.from({ length: 1_100 }, (_, at) => pages(context, `owner-${at}`, {})));
  expect(asked.map(({ owners }) => owners.length)).toEqual([500, 500, 100]);
});

test('malformed page arguments are refused, and nothing is asked', async () => {
  const { pages, asked } = listsOf('abc');
  await expect(pages(contextOf(), 'ada', { first: 101 })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  await expect(pages(contextOf(), 'ada', { after: 'x' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  expect(asked).toEqual([]);
});

test('a query that fails fails for all who asked', async () => {
  const pages = pagesPerRequest({
    find: () => Promise.reject(new Error('no database')),
    sortKeys: /x/,
    sortKey: String,
  });
  const context = contextOf();
  const answers = await Promise.allSettled([pages(context, 'ada', {}), pages(context, 'bob', {})]);
  expect(answers).toMatchObject([
    { status: 'rejected', reason: { message: 'no database' } },
    { status: 'rejected', reason: { message: 'no database' } },
  ]);
});
