import { describe, expect, test } from 'vitest';
import type { StoredDocument } from './document-store.ts';
import { pagesInRounds } from './pages-in-rounds.ts';

type Document = StoredDocument<unknown>;

const values = Array.from({ length: 100 }, (_, index) => `owner ${index}`);
const LIMIT = 20;

/** Documents in order of time, `owners` saying whose each is. */
function documentsOf(owners: readonly string[]): Document[] {
  return owners.map((owner, ms) => {
    const at = new Date(ms);
    return { id: at.toISOString(), createdAt: at, revision: 1, labels: { owner }, body: {} };
  });
}

const times = (count: number, owner: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => owner(index));

/** The pages of all, and what it took. */
async function read(
  all: readonly Document[],
): Promise<{ pages: ReadonlyMap<string, unknown[]>; rounds: number; most: number }> {
  let [rounds, most] = [0, 0];
  const query = { labels: {}, order: 'oldest first', limit: LIMIT } as const;
  const found = await pagesInRounds({ label: 'owner', values }, query, ({ among, after, limit }) => {
    rounds += 1;
    most = Math.max(most, limit);
    const behind = all.filter(({ createdAt }) => after === undefined || createdAt > after.createdAt);
    return Promise.resolve(behind.filter(({ labels }) => among.includes(labels['owner'] ?? '')).slice(0, limit));
  });
  return { pages: new Map([...found].map(([owner, page]) => [owner, [...page]])), rounds, most };
}

describe('pages in rounds', () => {
  test.each([
    { what: 'nobody has any', owners: [], rounds: 1 },
    { what: 'nobody has more than a page', owners: times(1_999, (index) => `owner ${index % 100}`), rounds: 1 },
    { what: 'everybody has a page and more', owners: times(10_000, (index) => `owner ${index % 100}`), rounds: 1 },
    {
      what: 'a few have most',
      owners: times(10_000, (index) => `owner ${Math.floor((index % 100) ** 2 / 100)}`),
      rounds: 3,
    },
    {
      what: 'one stands before all',
      owners: times(30_000, (index) => `owner ${Math.max(0, index - 29_900)}`),
      rounds: 2,
    },
    {
      what: 'each stands before the next',
      owners: times(100_000, (index) => `owner ${Math.floor(index / 1_000)}`),
      rounds: 25,
    },
  ])('give every value its own, where $what', async ({ owners, rounds }) => {
    const all = documentsOf(owners);
    const expected = Map.groupBy(all, ({ labels }) => labels['owner'] ?? '');
    const answer = await read(all);
    expect(answer.pages).toEqual(new Map([...expected].map(([owner, each]) => [owner, each.slice(0, LIMIT)])));
    expect(answer.rounds).toBeLessThanOrEqual(rounds);
    expect(answer.most).toBeLessThanOrEqual(5_000);
  });
});
