import { expect, test } from 'vitest';
import { contextOf } from '#test/support/request-context.ts';
import { loaderPerRequest } from './loader.ts';

interface Thing {
  readonly id: string;
}

/** A store of the things with these ids, which notes what it was asked. */
function storeOf(...ids: string[]): { find: (wanted: readonly string[]) => Promise<Thing[]>; asked: string[][] } {
  const asked: string[][] = [];
  const find = (wanted: readonly string[]): Promise<Thing[]> => {
    asked.push([...wanted]);
    return Promise.resolve(ids.filter((id) => wanted.includes(id)).map((id) => ({ id })));
  };
  return { find, asked };
}

const idOf = ({ id }: Thing): string => id;

test('what one operation asks for at the same time is one query, each id once, in any order of answers', async () => {
  const { find, asked } = storeOf('c', 'b', 'a');
  const loader = loaderPerRequest(find, idOf)(contextOf());
  const found = await Promise.all(['a', 'b', 'a', 'c'].map((id) => loader.load(id)));
  expect(found).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'a' }, { id: 'c' }]);
  expect(asked).toEqual([['a', 'b', 'c']]);
});

test('what is not there is null', async () => {
  const loader = loaderPerRequest(storeOf('a').find, idOf)(contextOf());
  expect(await Promise.all([loader.load('a'), loader.load('x')])).toEqual([{ id: 'a' }, null]);
});

test('an operation asks once, another asks anew: nobody is answered from what somebody else may see', async () => {
  const { find, asked } = storeOf('a');
  const loaderOf = loaderPerRequest(find, idOf);
  const [mine, yours] = [contextOf(), contextOf()];
  await loaderOf(mine).load('a');
  await loaderOf(mine).load('a');
  expect(asked).toEqual([['a']]);
  await loaderOf(yours).load('a');
  expect(asked).toEqual([['a'], ['a']]);
});

test('a query has at most 500 ids', async () => {
  const ids = Array.from({ length: 1_100 }, (_, at) => `id-${at}`);
  const { find, asked } = storeOf(...ids);
  const loader = loaderPerRequest(find, idOf)(contextOf());
  expect(await Promise.all(ids.map((id) => loader.load(id)))).toEqual(ids.map((id) => ({ id })));
  expect(asked.map((batch) => batch.length)).toEqual([500, 500, 100]);
});

test('a query that fails fails for all who asked', async () => {
  const loader = loaderPerRequest<Thing>(() => Promise.reject(new Error('no database')), idOf)(contextOf());
  const answers = await Promise.allSettled([loader.load('a'), loader.load('b')]);
  expect(answers).toMatchObject([
    { status: 'rejected', reason: { message: 'no database' } },
    { status: 'rejected', reason: { message: 'no database' } },
  ]);
});
