import { asc } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { outbox, type Change } from '#shared/events/outbox.ts';
import { describeOnPostgres } from '#test/support/database.ts';
import { openStore, type TestStore } from '#test/support/store.ts';
import type { DocumentCollection } from './documents/document-store.ts';
import { openPostgresDocuments } from './documents/postgres-documents.ts';
import { TellingDocuments, untold, WORK, type Telling } from './telling-documents.ts';

interface Counter extends Telling {
  readonly count: number;
}

const AT = new Date('2026-01-31T12:00:00.000Z');
const change = (id: string, version: number): Change => ({
  type: 'counter.raised',
  subject: id,
  version,
  data: { version },
  occurredAt: AT,
});

describeOnPostgres('documents that carry their events', () => {
  let store: TestStore;
  let collection: DocumentCollection<Counter>;
  let documents: TellingDocuments<Counter>;
  beforeEach(async () => {
    store = await openStore('notification');
    collection = await openPostgresDocuments(store.db).collection<Counter>({ name: 'counters', labels: [WORK] });
    documents = new TellingDocuments(collection, ({ count }) => (count > 1 ? { [WORK]: 'COUNT' } : {}));
  });
  afterEach(() => store[Symbol.asyncDispose]());

  const add = (id: string): Promise<boolean> =>
    documents.insertOnce(id, AT, { count: 1, untold: [untold(change(id, 1))] });
  const raise = (id: string): Promise<Counter | undefined> =>
    documents.change(id, ({ count, untold: before }) => ({
      count: count + 1,
      untold: [...before, untold(change(id, count + 1))],
    }));
  const told = async (): Promise<[string, number][]> =>
    (await store.db.select().from(outbox).orderBy(asc(outbox.seq))).map(({ subject, revision }) => [subject, revision]);
  const waiting = (work: string): Promise<Counter[]> =>
    documents.list({ labels: { [WORK]: work }, order: 'oldest first', limit: 100 });

  test('tell each change once, in the order of the record', async () => {
    await add('a');
    await raise('a');
    await add('b');
    expect(await documents.tellOnce(store.db)).toBe(3);
    expect(await documents.tellOnce(store.db)).toBe(0);
    await raise('a');
    expect(await documents.tellOnce(store.db)).toBe(1);
    expect((await told()).filter(([subject]) => subject === 'a')).toEqual([
      ['a', 1],
      ['a', 2],
      ['a', 3],
    ]);
  });

  test('come before other work, which waits until they are told', async () => {
    await add('a');
    await raise('a');
    expect(await waiting('COUNT')).toEqual([]);
    await documents.tellOnce(store.db);
    expect(await waiting('COUNT')).toEqual([{ count: 2, untold: [] }]);
    expect(await waiting('TELL')).toEqual([]);
  });

  test('are told again after a crash behind the telling, and heard once', async () => {
    await add('a');
    const [document] = await collection.get(['a']);
    await documents.tellOnce(store.db);
    const [after] = await collection.get(['a']);
    // As if the process had ended before it took the event off.
    await collection.compareAndSet({ ...document!, revision: after!.revision });
    expect(await documents.tellOnce(store.db)).toBe(1);
    expect(await told()).toEqual([['a', 1]]);
    expect(await waiting('TELL')).toEqual([]);
  });

  test('keep what is added while they are being told', async () => {
    await add('a');
    const [before] = await collection.get(['a']);
    await raise('a');
    const slow = new Proxy(collection, {
      get: (target, name) => {
        const value: unknown = name === 'list' ? () => Promise.resolve([before]) : Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const late = new TellingDocuments<Counter>(slow, () => ({}));
    await late.tellOnce(store.db);
    expect((await documents.get(['a']))[0]).toMatchObject({ count: 2, untold: [{ version: 2 }] });
    await documents.tellOnce(store.db);
    expect(await told()).toEqual([
      ['a', 1],
      ['a', 2],
    ]);
  });

  test('are told once by many tellers at once', async () => {
    const ids = Array.from({ length: 30 }, (_, at) => `record ${at}`);
    await Promise.all(ids.map(add));
    const others = [store.another(4), store.another(4), store.another(4)];
    const tellers = others.map(
      async ({ db }) =>
        new TellingDocuments<Counter>(
          await openPostgresDocuments(db).collection<Counter>({ name: 'counters', labels: [WORK] }),
          () => ({}),
        ),
    );
    const [, ...rounds] = await Promise.all([
      Promise.all(ids.map(raise)),
      ...tellers.map(async (teller, at) => {
        const { db } = others[at]!;
        while ((await (await teller).tellOnce(db)) > 0);
      }),
    ]);
    expect(rounds).toHaveLength(3);
    while ((await documents.tellOnce(store.db)) > 0);
    const heard = Map.groupBy(await told(), ([subject]) => subject);
    expect([...heard.keys()].toSorted()).toEqual(ids.toSorted());
    for (const [id, events] of heard) {
      expect(events).toEqual([
        [id, 1],
        [id, 2],
      ]);
    }
  });

  test('are changed by many at once without losing a change', async () => {
    await add('a');
    await Promise.all(Array.from({ length: 8 }, () => raise('a')));
    expect((await documents.get(['a']))[0]?.count).toBe(9);
  });

  test('a document that is not there, or is to stay, is left alone', async () => {
    expect(await raise('nobody')).toBeUndefined();
    await add('a');
    expect(await documents.change('a', () => undefined)).toBeUndefined();
    expect(await add('a')).toBe(false);
  });
});
