import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalJson } from '#shared/canonical-json.ts';
import { isUnreachable } from '#shared/store/postgres.ts';
import type { DocumentStore, Labels, StoredDocument } from '#notification/store/documents/document-store.ts';
import { describeDocumentLists } from './document-list-contract.ts';
import {
  at,
  byBytes,
  collected,
  idsOf,
  LABELS,
  newDocument,
  pagesOf,
  type Body,
  type Documents,
  type New,
} from './documents.ts';

/** A real document store that a test may fill. */
export interface DocumentStorage extends AsyncDisposable {
  /** Opens it; again, as another process would. */
  open(): DocumentStore;
  /** Opens one whose server cannot be reached. */
  openUnreachable(): DocumentStore;
}

/** What every document store must do, as the port `DocumentStore` promises it. */
export function describeDocumentStoreContract(newStorage: () => Promise<DocumentStorage>): void {
  describe('as a document store', () => {
    let storage: DocumentStorage;
    let store: DocumentStore;
    const opened = new AsyncDisposableStack();
    beforeAll(async () => {
      storage = opened.use(await newStorage());
      store = opened.use(storage.open());
    });
    afterAll(() => opened.disposeAsync());

    const collect = async (...documents: New[]): Promise<Documents> => (await collected(store, ...documents)).documents;

    async function read(documents: Documents, id: string): Promise<StoredDocument<Body> | undefined> {
      const [found, ...others] = await documents.get([id]);
      expect(others).toEqual([]);
      return found;
    }

    describe('a document', () => {
      test('is inserted once, however often and from wherever at once', async () => {
        const { name: collection, documents } = await collected(store);
        await using another = storage.open();
        const elsewhere = await another.collection<Body>({ name: collection, ...LABELS });
        const id = randomUUID();
        const inserted = await Promise.all(
          Array.from({ length: 20 }, (_, writer) =>
            (writer % 2 === 0 ? documents : elsewhere).insertOnce(newDocument({ id, body: { writer } })),
          ),
        );
        expect(inserted.filter(Boolean)).toHaveLength(1);
        expect((await read(documents, id))?.body).toEqual({ writer: inserted.indexOf(true) });
      });

      test('that is there is not touched by a second insert', async () => {
        const first = newDocument({ labels: { owner: 'a' }, body: { first: true } });
        const documents = await collect(first);
        const second = { ...first, createdAt: at(5), labels: {}, body: { first: false } };
        expect(await documents.insertOnce(second)).toBe(false);
        expect(await read(documents, first.id)).toEqual({ ...first, revision: 1 });
      });

      test('is changed by one of many who have read the same revision', async () => {
        const { name: collection, documents } = await collected(store);
        await using another = storage.open();
        const elsewhere = await another.collection<Body>({ name: collection, ...LABELS });
        const id = randomUUID();
        await documents.insertOnce(newDocument({ id }));
        for (let revision = 1; revision <= 5; revision += 1) {
          const changed = await Promise.all(
            Array.from({ length: 20 }, (_, writer) =>
              (writer % 2 === 0 ? documents : elsewhere).compareAndSet({ id, revision, labels: {}, body: { writer } }),
            ),
          );
          expect(changed.filter(Boolean)).toHaveLength(1);
          expect(await read(documents, id)).toMatchObject({
            revision: revision + 1,
            body: { writer: changed.indexOf(true) },
          });
        }
      });

      test('keeps its place and takes new labels and a new body, whole', async () => {
        const document = newDocument({ createdAt: at(7), labels: { owner: 'a', work: 'due' }, body: { a: 1, b: 2 } });
        const documents = await collect(document);
        const change = { id: document.id, revision: 1, labels: { owner: 'b' }, body: { c: 3 } };
        expect(await documents.compareAndSet(change)).toBe(true);
        expect(await read(documents, document.id)).toEqual({ ...change, revision: 2, createdAt: at(7) });
        const found = (labels: Labels): Promise<string[]> =>
          pagesOf(documents, { labels, order: 'oldest first', limit: 10 });
        expect(await found({ owner: 'b' })).toEqual([document.id]);
        expect(await found({ owner: 'a' })).toEqual([]);
        expect(await found({ work: 'due' })).toEqual([]);
      });

      test.each([0, 2, 7])('at revision 1 is not changed by who has read revision %i', async (revision) => {
        const document = newDocument({ body: { kept: true } });
        const documents = await collect(document);
        expect(await documents.compareAndSet({ id: document.id, revision, labels: {}, body: {} })).toBe(false);
        expect(await read(documents, document.id)).toEqual({ ...document, revision: 1 });
      });

      test('that is not there is not made by a change', async () => {
        const documents = await collect();
        expect(await documents.compareAndSet({ id: 'a', revision: 1, labels: {}, body: {} })).toBe(false);
        expect(await documents.compareAndSet({ id: 'a', revision: 0, labels: {}, body: {} })).toBe(false);
        expect(await documents.get(['a'])).toEqual([]);
      });

      test('with a label that its collection does not know, or with text that cannot be kept, is refused', async () => {
        const documents = await collect();
        const bad = [
          newDocument({ labels: { colour: 'red' } }),
          newDocument({ id: 'a\0b' }),
          newDocument({ labels: { owner: '\ud800' } }),
        ];
        for (const document of bad) {
          await expect(documents.insertOnce(document)).rejects.toThrow();
          await expect(documents.compareAndSet({ ...document, revision: 1 })).rejects.toThrow();
        }
        expect(await pagesOf(documents, { labels: {}, order: 'oldest first', limit: 10 })).toEqual([]);
      });
    });

    describe('a body', () => {
      test.each<{ what: string; body: Body }>([
        { what: 'nested', body: { a: { b: [{ c: [[1, 2], [], {}] }, null, 'd'] } } },
        { what: 'empty', body: {} },
        { what: 'with null and empty values', body: { nothing: null, list: [], object: {}, text: '' } },
        { what: 'with text of all planes', body: { 'schlüssel 🐙': 'grüße\n\t"\\ \u2028 🐙 𝔸 \u{10FFFF} e\u0301 é' } },
        {
          what: 'with numbers',
          body: { numbers: [0, -1, 1.5, 0.1 + 0.2, 1e21, 5e-324, 2 ** 53, 1.7976931348623157e308] },
        },
        {
          what: 'with keys that mean something to a database',
          body: { 'a.b': { $set: { _id: 1, $where: '' } }, '': 1, $a: 2 },
        },
        { what: 'that is large', body: { text: 'x🐙'.repeat(100_000) } },
      ])('$what comes out as it went in', async ({ body }) => {
        const document = newDocument({ body });
        const documents = await collect(document);
        expect((await read(documents, document.id))?.body).toEqual(body);
        await documents.compareAndSet({ ...document, revision: 1, body: { body } });
        expect((await read(documents, document.id))?.body).toEqual({ body });
      });

      test('of any JSON comes out as it went in', async () => {
        const documents = await collect();
        const bodies = fc
          .dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 }), {
            noNullPrototype: true,
          })
          .filter((body) => !JSON.stringify(body).includes(String.raw`\u0000`));
        await fc.assert(
          fc.asyncProperty(bodies, async (body) => {
            const document = newDocument({ body });
            await documents.insertOnce(document);
            expect(canonicalJson((await read(documents, document.id))?.body)).toBe(canonicalJson(body));
          }),
        );
      });
    });

    describe('text', () => {
      const texts = [
        'a',
        'A',
        'B',
        'b',
        'ä',
        'a\u0308',
        'Z',
        'z',
        '',
        ' a',
        'a ',
        'a%',
        '_',
        '1',
        '10',
        '9',
        'é',
        '\uFFFD',
        '🐙',
      ];

      test('compares by its bytes as an id', async () => {
        const documents = await collect(...texts.map((id) => newDocument({ id, body: { id } })));
        for (const id of texts) expect((await read(documents, id))?.body).toEqual({ id });
        const sorted = texts.toSorted(byBytes);
        for (const limit of [1, 5, 100]) {
          expect(await pagesOf(documents, { labels: {}, order: 'oldest first', limit })).toEqual(sorted);
          expect(await pagesOf(documents, { labels: {}, order: 'newest first', limit })).toEqual(sorted.toReversed());
        }
      });

      test('compares by its bytes as a label', async () => {
        const documents = await collect(...texts.map((owner) => newDocument({ id: `of ${owner}`, labels: { owner } })));
        for (const owner of texts) {
          expect(idsOf(await documents.list({ labels: { owner }, order: 'oldest first', limit: 9 }))).toEqual([
            `of ${owner}`,
          ]);
        }
        expect(await documents.countEach({ label: 'owner', values: texts })).toEqual(
          new Map(texts.map((owner) => [owner, 1])),
        );
      });

      test('that no document can have finds none', async () => {
        const documents = await collect(newDocument({ id: '\uFFFD', labels: { owner: '\uFFFD' } }));
        const query = { labels: {}, order: 'oldest first', limit: 5 } as const;
        for (const text of ['\ud800', '\uFFFD\0']) {
          const by = { label: 'owner', values: [text] };
          expect(await documents.get([text])).toEqual([]);
          expect(await documents.list({ ...query, labels: { owner: text } })).toEqual([]);
          expect(await documents.listEach(by, query)).toEqual(new Map());
          expect(await documents.countEach(by)).toEqual(new Map());
        }
      });
    });

    describeDocumentLists(() => store);

    describe('a store', () => {
      test('says that its server can be reached', async () => {
        await expect(store.check()).resolves.toBeUndefined();
      });

      test('keeps its documents for the next who opens it', async () => {
        const document = newDocument({ labels: { owner: 'a' }, body: { kept: true } });
        const { name: collection } = await collected(store, document);
        await using another = storage.open();
        const documents = await another.collection<Body>({ name: collection, ...LABELS });
        expect(await documents.get([document.id])).toEqual([{ ...document, revision: 1 }]);
      });

      test('whose server cannot be reached says so', async () => {
        await using unreachable = storage.openUnreachable();
        const insert = async (): Promise<unknown> => {
          const documents = await unreachable.collection<Body>({ name: 'any', ...LABELS });
          return documents.insertOnce(newDocument());
        };
        const outcomes = await Promise.allSettled([unreachable.check(), insert()]);
        const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as unknown) : null));
        expect(reasons.map(isUnreachable)).toEqual([true, true]);
      });
    });
  });
}
