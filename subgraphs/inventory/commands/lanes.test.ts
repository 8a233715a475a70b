import { expect, test } from 'vitest';
import { Lanes } from './lanes.ts';

/** Lanes whose work ends when it is told to, and which note what was carried out together. */
class HeldLanes {
  readonly batches: (readonly string[])[] = [];
  readonly lanes: Lanes<string, string>;
  readonly #ends: ((error?: unknown) => void)[] = [];

  constructor({ most = 100, isWorthAlone = true }: { most?: number; isWorthAlone?: boolean } = {}) {
    const work = async (requests: readonly string[]): Promise<string[]> => {
      this.batches.push(requests);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      this.#ends.push((error) => (error === undefined ? resolve() : reject(error as Error)));
      await promise;
      return requests.map((request) => request.toUpperCase());
    };
    const workAlone = async (request: string): Promise<string> => (await work([request])).join('');
    this.lanes = new Lanes({ work, workAlone, most, isWorthAlone: () => isWorthAlone });
  }

  /** Ends the oldest work that is under way, and lets what follows from it happen. */
  async end(error?: unknown): Promise<void> {
    this.#ends.shift()?.(error);
    await new Promise((done) => setImmediate(done));
  }
}

test('what comes to an idle lane is carried out at once and alone; what comes meanwhile goes together, in its order', async () => {
  const held = new HeldLanes();
  const answers = Promise.all(['a', 'b', 'c', 'd'].map((request) => held.lanes.ask('lane', request)));
  expect(held.batches).toEqual([['a']]);
  await held.end();
  expect(held.batches).toEqual([['a'], ['b', 'c', 'd']]);
  await held.end();
  expect(await answers).toEqual(['A', 'B', 'C', 'D']);
});

test('a lane that was worked off is idle again', async () => {
  const held = new HeldLanes();
  for (const request of ['a', 'b']) {
    const answer = held.lanes.ask('lane', request);
    await held.end();
    expect(await answer).toBe(request.toUpperCase());
  }
  expect(held.batches).toEqual([['a'], ['b']]);
});

test('lanes do not wait for each other', async () => {
  const held = new HeldLanes();
  const answers = Promise.all([held.lanes.ask('one', 'a'), held.lanes.ask('other', 'b')]);
  expect(held.batches).toEqual([['a'], ['b']]);
  await held.end();
  await held.end();
  expect(await answers).toEqual(['A', 'B']);
});

test('no more go together than are allowed', async () => {
  const held = new HeldLanes({ most: 2 });
  const answers = Promise.all(['a', 'b', 'c', 'd'].map((request) => held.lanes.ask('lane', request)));
  for (let batch = 0; batch < 3; batch += 1) await held.end();
  expect(held.batches).toEqual([['a'], ['b', 'c'], ['d']]);
  expect(await answers).toEqual(['A', 'B', 'C', 'D']);
});

test('where several fail together each is tried alone, only the one at fault fails, and the lane waits for none of them', async () => {
  const held = new HeldLanes();
  const answers = Promise.allSettled(['a', 'b', 'c'].map((request) => held.lanes.ask('lane', request)));
  await held.end();
  await held.end(new Error('b is at fault'));
  expect(held.batches).toEqual([['a'], ['b', 'c'], ['b'], ['c']]);
  const next = held.lanes.ask('lane', 'd');
  expect(held.batches.at(-1)).toEqual(['d']);
  await held.end(new Error('b is at fault'));
  await held.end();
  await held.end();
  expect(await next).toBe('D');
  expect(await answers).toMatchObject([
    { status: 'fulfilled', value: 'A' },
    { status: 'rejected', reason: { message: 'b is at fault' } },
    { status: 'fulfilled', value: 'C' },
  ]);
});

test('where nobody would fare better alone all fail, and the lane goes on', async () => {
  const held = new HeldLanes({ isWorthAlone: false });
  const answers = Promise.allSettled(['a', 'b', 'c'].map((request) => held.lanes.ask('lane', request)));
  await held.end();
  await held.end(new Error('no database'));
  expect((await answers).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  const later = held.lanes.ask('lane', 'd');
  await held.end();
  expect(await later).toBe('D');
  expect(held.batches).toEqual([['a'], ['b', 'c'], ['d']]);
});
