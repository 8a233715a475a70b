import { describe, expect, test } from 'vitest';
import type { DocumentStore, Labels, ListQuery } from '#notification/store/documents/document-store.ts';
import {
  at,
  byBytes,
  collected,
  idsOf,
  listed,
  newDocument,
  ORDERS,
  pagesOf,
  queriesOf,
  someDocuments,
  type Documents,
  type New,
} from './documents.ts';

/** What every document store must do with lists; `store` gives the one that is open. */
export function describeDocumentLists(store: () => DocumentStore): void {
  const collect = async (...documents: New[]): Promise<Documents> => (await collected(store(), ...documents)).documents;

  describe('a list', () => {
    test.each(ORDERS)('is in order of time, then id: %s', async (order) => {
      const made = someDocuments(60);
      const documents = await collect(...made);
      for (const limit of [1, 7, 60, 1_000]) {
        expect(await pagesOf(documents, { labels: {}, order, limit })).toEqual(listed(made, { labels: {}, order }));
      }
    });

    test.each(ORDERS)('read in pages gives each document once while others are inserted: %s', async (order) => {
      const made = someDocuments(60);
      const documents = await collect(...made);
      const inserting = (): Promise<unknown> => Promise.all(someDocuments(12).map((one) => documents.insertOnce(one)));
      const seen = await pagesOf(documents, { labels: {}, order, limit: 7 }, inserting);
      const before = new Set(idsOf(made));
      expect(seen.filter((id) => before.has(id))).toEqual(listed(made, { labels: {}, order }));
    });

    test('goes on behind a place that no document has, to the millisecond', async () => {
      const documents = await collect(
        ...[0, 1, 2].flatMap((ms) => ['b', 'd'].map((id) => newDocument({ id: `${id}${ms}`, createdAt: at(ms) }))),
      );
      const after = (ms: number, id: string, order: ListQuery['order']): Promise<string[]> =>
        documents.list({ labels: {}, order, after: { createdAt: at(ms), id }, limit: 9 }).then(idsOf);
      expect(await after(1, 'c', 'oldest first')).toEqual(['d1', 'b2', 'd2']);
      expect(await after(1, 'c', 'newest first')).toEqual(['b1', 'd0', 'b0']);
      expect(await after(1, 'd1', 'oldest first')).toEqual(['b2', 'd2']);
      expect(await after(1, 'b1', 'newest first')).toEqual(['d0', 'b0']);
      expect(await after(3, '', 'oldest first')).toEqual([]);
      expect(await after(-1, 'z', 'newest first')).toEqual([]);
    });

    test.each(ORDERS)('holds the documents that carry all of its labels: %s', async (order) => {
      const made = someDocuments(60, (index) => ({
        ...(index % 2 === 0 && { owner: index % 3 === 0 ? 'a' : 'b' }),
        ...(index % 5 < 3 && { work: index % 4 < 2 ? 'mail' : 'tell' }),
        ...(index % 2 === 1 && { status: 'sent' }),
      }));
      const documents = await collect(...made);
      const wanted: Labels[] = [
        {},
        { owner: 'a' },
        { work: 'tell' },
        { owner: 'a', work: 'mail' },
        { owner: 'c' },
        { status: 'sent', work: 'mail' },
        { status: 'sent' },
      ];
      for (const labels of wanted) {
        expect(await pagesOf(documents, { labels, order, limit: 4 })).toEqual(listed(made, { labels, order }));
      }
    });

    test('by a label that the collection does not know is refused', async () => {
      const documents = await collect();
      const query = { labels: { colour: 'red' }, order: 'oldest first', limit: 1 } as const;
      await expect(documents.list(query)).rejects.toThrow();
      await expect(documents.listEach({ label: 'owner', values: ['a'] }, query)).rejects.toThrow();
      await expect(documents.countEach({ label: 'colour', values: ['red'] })).rejects.toThrow();
    });

    test('is one of its own collection', async () => {
      const document = newDocument({ id: 'same', labels: { owner: 'a' }, body: { which: 1 } });
      const one = await collect(document);
      const other = await collect({ ...document, body: { which: 2 } });
      expect(await other.compareAndSet({ ...document, revision: 1, body: { which: 3 } })).toBe(true);
      expect(await one.get(['same'])).toEqual([{ ...document, revision: 1 }]);
      expect(await one.list({ labels: { owner: 'a' }, order: 'oldest first', limit: 5 })).toHaveLength(1);
      expect(await one.countEach({ label: 'owner', values: ['a'] })).toEqual(new Map([['a', 1]]));
    });
  });

  describe('many lists at once', () => {
    const owners = Array.from({ length: 100 }, (_, index) => `owner ${index}`);
    const ofOwner = (owner: string, count: number, firstMs: number): New[] =>
      Array.from({ length: count }, (_, index) =>
        newDocument({
          createdAt: at(firstMs + index * 3),
          labels: { owner, ...(index % 2 === 0 && { work: 'mail' }) },
        }),
      );

    const skewed = (): New[] => [
      ...ofOwner(owners[0]!, 300, 0),
      ...ofOwner(owners[1]!, 300, 2_000),
      ...owners.slice(2, 40).flatMap((owner, index) => ofOwner(owner, 1 + (index % 4), 900 + index)),
    ];

    test.each(ORDERS)('are what each is alone, also when some values have most: %s', async (order) => {
      const made = skewed();
      const documents = await collect(...made);
      const after = { createdAt: at(901), id: '5' };
      const isBehind = ({ createdAt, id }: New): boolean => {
        const distance = createdAt.getTime() - after.createdAt.getTime() || byBytes(id, after.id);
        return order === 'oldest first' ? distance > 0 : distance < 0;
      };
      for (const limit of [1, 3, 10]) {
        for (const labels of [{}, { work: 'mail' }] as const) {
          for (const query of [
            { labels, order, limit },
            { labels, order, limit, after },
          ]) {
            const candidates = made.filter((each) => !('after' in query) || isBehind(each));
            const pages = await documents.listEach(
              { label: 'owner', values: [...owners, 'nobody', owners[3]!] },
              query,
            );
            const expected = owners.flatMap((owner) => {
              const ids = listed(candidates, { labels: { ...labels, owner }, order }).slice(0, limit);
              return ids.length === 0 ? [] : [[owner, ids] as const];
            });
            expect(new Map([...pages].map(([owner, page]) => [owner, idsOf(page)]))).toEqual(new Map(expected));
          }
        }
      }
    });

    test('give the same documents as one list', async () => {
      const documents = await collect(...skewed());
      const query = { labels: {}, order: 'newest first', limit: 4 } as const;
      const pages = await documents.listEach({ label: 'owner', values: owners }, query);
      for (const owner of [owners[0]!, owners[1]!, owners[5]!]) {
        expect(pages.get(owner)).toEqual(await documents.list({ ...query, labels: { owner } }));
      }
    });

    test('of a label that the query asks for as well are those of both', async () => {
      const documents = await collect(...ofOwner('a', 2, 0), ...ofOwner('b', 2, 0));
      const query = { labels: { owner: 'a' }, order: 'oldest first', limit: 5 } as const;
      const pages = await documents.listEach({ label: 'owner', values: ['a', 'b'] }, query);
      expect([...pages].map(([owner, page]) => [owner, page.length])).toEqual([['a', 2]]);
    });

    test('are asked for in a few queries, counts and ids in one, nothing in none', async () => {
      const made = owners.flatMap((owner, index) => ofOwner(owner, 5, index));
      const { name: collection, documents } = await collected(store(), ...made);
      const by = { label: 'owner', values: owners };
      const query = { labels: {}, order: 'newest first', limit: 10 } as const;
      expect(await queriesOf(collection, () => documents.listEach(by, query))).toBeLessThanOrEqual(3);
      expect(await queriesOf(collection, () => documents.listEach(by, { ...query, limit: 3 }))).toBeLessThanOrEqual(3);
      expect(await queriesOf(collection, () => documents.countEach(by))).toBe(1);
      expect(await queriesOf(collection, () => documents.get(idsOf(made)))).toBe(1);
      expect(await queriesOf(collection, () => documents.list(query))).toBe(1);
      const none = { label: 'owner', values: [] };
      const nothing = (): Promise<unknown> =>
        Promise.all([documents.get([]), documents.countEach(none), documents.listEach(none, query)]);
      expect(await queriesOf(collection, nothing)).toBe(0);
    });

    test('are counted for those values that have documents', async () => {
      const documents = await collect(...skewed());
      const counts = await documents.countEach({ label: 'owner', values: [...owners, owners[0]!, 'nobody'] });
      expect(counts.get(owners[0]!)).toBe(300);
      expect(counts.get(owners[5]!)).toBe(4);
      expect(counts.size).toBe(40);
    });

    test('of ids are those documents that exist, each once', async () => {
      const made = ofOwner('a', 300, 0);
      const documents = await collect(...made);
      const asked = [...idsOf(made), made[0]!.id, 'nobody'];
      const found = await documents.get(asked);
      expect(idsOf(found).toSorted()).toEqual(idsOf(made).toSorted());
    });
  });
}
