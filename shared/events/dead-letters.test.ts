import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PositionedEvent } from '#shared/cloud-event.ts';
import { describeOnPostgres } from '#test/support/database.ts';
import { userEvent } from '#test/support/events.ts';
import { openStore, type TestStore } from '#test/support/store.ts';
import { transact, type Database } from '../store/postgres.ts';
import * as deadLetters from './dead-letters.ts';
import * as ledger from './ledger.ts';

const DURABLE = 'users-to-test';
const MINUTE = 60_000;

describeOnPostgres('dead letters', () => {
  let store: TestStore;
  let db: Database;
  let position: number;
  let now: Date;
  beforeEach(async () => {
    store = await openStore();
    db = store.db;
    position = 0;
    now = new Date('2026-01-31T12:00:00.000Z');
  });
  afterEach(() => store[Symbol.asyncDispose]());

  const newEvent = (id: string, version = 1): PositionedEvent => userEvent({ id, version, position: (position += 1) });
  const receive = (...events: PositionedEvent[]): Promise<ledger.LedgerEntry[]> =>
    transact(db, (tx) => ledger.receive(tx, DURABLE, events));
  const claim = (): Promise<ledger.LedgerEntry[]> =>
    transact(db, (tx) =>
      ledger.claim(tx, { durable: DURABLE, limit: 1_000, now, until: new Date(now.getTime() + MINUTE) }),
    );
  const settle = (...settlements: ledger.Settlement[]): Promise<ledger.Settlement[]> =>
    transact(db, (tx) => ledger.settle(tx, settlements, now));
  const names = (entries: readonly ledger.LedgerEntry[]): string[] =>
    entries.map(({ event, revision }) => `${event.subject}${revision}`);
  const list = (limit = 100, after?: ledger.LedgerEntry): Promise<ledger.LedgerEntry[]> =>
    deadLetters.listDeadLetters(db, DURABLE, { limit, after: after && deadLetters.deadLetterSortKey(after) });
  const who = (durable = DURABLE): deadLetters.Intervening => ({ durable, by: 'grace', at: now });
  const redeliver = (eventId: string, durable = DURABLE, from = db): Promise<ledger.LedgerEntry | undefined> =>
    transact(from, (tx) => deadLetters.redeliver(tx, who(durable), eventId));
  const discard = (eventId: string, durable = DURABLE, from = db): Promise<ledger.LedgerEntry | undefined> =>
    transact(from, (tx) => deadLetters.discard(tx, who(durable), { eventId, reason: 'moved away' }));
  /** Takes everything that is due, gives up the records named, and applies the rest; the time goes on. */
  async function giveUp(...subjects: string[]): Promise<ledger.LedgerEntry[]> {
    const claimed = await claim();
    await settle(
      ...claimed.map((entry): ledger.Settlement => {
        if (!subjects.includes(entry.event.subject)) return { entry, state: 'APPLIED' };
        return { entry, state: 'DEAD_LETTERED', error: 'refused', failed: true };
      }),
    );
    now = new Date(now.getTime() + MINUTE);
    return claimed.filter(({ event }) => subjects.includes(event.subject));
  }
  async function row(eventId: string): Promise<ledger.LedgerEntry> {
    const [found] = await db
      .select()
      .from(ledger.eventLedger)
      .where(sql`event_id = ${eventId}`);
    return found!;
  }

  test('rest with their error, attempts, payload and record, and are listed the longest given up first', async () => {
    const events = ['c', 'a', 'b'].map((id) => newEvent(id));
    for (const event of events) {
      await receive(event);
      await giveUp(event.event.subject);
    }
    await receive(newEvent('a', 2), newEvent('d'));
    await giveUp();
    const listed = await list();
    expect(names(listed)).toEqual(['c1', 'a1', 'b1']);
    expect(listed[1]).toMatchObject({
      event: events[1]!.event,
      record: 'user/a',
      lastError: 'refused',
      attempts: 1,
      failures: 1,
      settledAt: new Date('2026-01-31T12:01:00.000Z'),
      interventions: [],
    });
    expect(await deadLetters.listDeadLetters(db, 'another durable', { limit: 9, after: undefined })).toEqual([]);
  });

  test('are listed page by page, each once, also those that were given up in one moment', async () => {
    await receive(...['a', 'b', 'c', 'd', 'e'].map((id) => newEvent(id)));
    await giveUp('a', 'b', 'c', 'd', 'e');
    const seen: string[] = [];
    for (let page = await list(2); page.length > 0; page = await list(2, page.at(-1))) seen.push(...names(page));
    expect(seen.toSorted()).toEqual(['a1', 'b1', 'c1', 'd1', 'e1']);
    expect(seen).toEqual(names(await list()));
    for (const entry of await list())
      expect(deadLetters.DEAD_LETTER_SORT_KEY.test(deadLetters.deadLetterSortKey(entry))).toBe(true);
  });

  test.each(['2026-01-31T12:00:00.000Z|1', 'now|01900000-0000-7000-8000-000000000000', ''])(
    'are not listed from %j on',
    (text) => {
      expect(deadLetters.DEAD_LETTER_SORT_KEY.test(text)).toBe(false);
    },
  );

  test('are due at once when redelivered, with failures counted anew, and what waits behind them follows in order', async () => {
    await receive(newEvent('a'), newEvent('a', 2), newEvent('a', 3), newEvent('b'));
    const [dead] = await giveUp('a');
    expect(await claim()).toEqual([]);
    expect(await redeliver(dead!.eventId)).toMatchObject({
      state: 'PENDING',
      failures: 0,
      attempts: 1,
      settledAt: null,
    });
    expect(await list()).toEqual([]);
    const [again] = await claim();
    expect(again).toMatchObject({ revision: 1, failures: 0, attempts: 2 });
    expect(await claim(), 'while it is tried').toEqual([]);
    await settle({ entry: again!, state: 'APPLIED' });
    for (const expected of ['a2', 'a3']) {
      const next = await claim();
      expect(names(next)).toEqual([expected]);
      await settle({ entry: next[0]!, state: 'APPLIED' });
    }
  });

  test('hold their record back again when they fail again, and stand at the end of the list', async () => {
    await receive(newEvent('a'), newEvent('a', 2), newEvent('b'));
    const [a1] = await giveUp('a', 'b');
    await redeliver(a1!.eventId);
    await giveUp('a');
    expect(names(await list())).toEqual(['b1', 'a1']);
    expect(await claim()).toEqual([]);
    await redeliver(a1!.eventId);
    expect((await row(a1!.eventId)).interventions).toEqual([
      { action: 'REDELIVERED', by: 'grace', at: '2026-01-31T12:01:00.000Z' },
      { action: 'REDELIVERED', by: 'grace', at: '2026-01-31T12:02:00.000Z' },
    ]);
  });

  test('hear nothing more of a worker from before they were redelivered', async () => {
    await receive(newEvent('a'));
    const [claimed] = await claim();
    now = new Date(now.getTime() + 2 * MINUTE);
    const [dead] = await giveUp('a');
    await redeliver(dead!.eventId);
    expect(await settle({ entry: claimed!, state: 'APPLIED' })).toEqual([]);
    expect(await settle({ entry: dead!, state: 'APPLIED' })).toEqual([]);
    expect(names(await claim())).toEqual(['a1']);
  });

  test('give way for good when discarded: what waits behind them is due', async () => {
    await receive(newEvent('a'), newEvent('a', 2), newEvent('b'));
    const [dead] = await giveUp('a');
    expect(await discard(dead!.eventId)).toMatchObject({
      state: 'DISCARDED',
      settledAt: now,
      lastError: 'refused',
      interventions: [{ action: 'DISCARDED', by: 'grace', at: now.toISOString(), reason: 'moved away' }],
    });
    expect(await list()).toEqual([]);
    expect(names(await claim())).toEqual(['a2']);
  });

  test('are not part of the backlog any more once discarded, and of what was applied never', async () => {
    await receive(newEvent('a'), newEvent('b'));
    const [a1] = await giveUp('a', 'b');
    expect(await ledger.backlog(db, DURABLE)).toMatchObject({ records: 2 });
    await discard(a1!.eventId);
    expect(await ledger.backlog(db, DURABLE)).toMatchObject({ records: 1 });
    expect(await ledger.appliedSince(db, DURABLE, new Date(0))).toBe(0);
  });

  test('stay discarded: swept away by nobody, and taken anew from no bus', async () => {
    const event = newEvent('a');
    await receive(event);
    const [dead] = await giveUp('a');
    await discard(dead!.eventId);
    expect(await ledger.sweepLedger(db, new Date(now.getTime() + 1_000 * MINUTE))).toBe(0);
    expect(await receive(event)).toEqual([]);
    expect(await claim()).toEqual([]);
  });

  test('are redelivered and discarded once, and nothing else is', async () => {
    await receive(newEvent('a'), newEvent('b'), newEvent('c'), newEvent('d'));
    const [dead, other] = await giveUp('a', 'b');
    const [waiting] = await receive(newEvent('e'));
    for (const act of [redeliver, discard]) {
      expect(await act(waiting!.eventId)).toBeUndefined();
      expect(await act(randomUUID())).toBeUndefined();
      expect(await act(dead!.eventId, 'another durable')).toBeUndefined();
    }
    expect(await discard(dead!.eventId)).toBeDefined();
    expect(await redeliver(dead!.eventId)).toBeUndefined();
    expect(await discard(dead!.eventId)).toBeUndefined();
    expect(await redeliver(other!.eventId)).toBeDefined();
    expect(await discard(other!.eventId)).toBeUndefined();
    expect(await row(dead!.eventId)).toMatchObject({ state: 'DISCARDED', interventions: [{ action: 'DISCARDED' }] });
    expect(await row(other!.eventId)).toMatchObject({ state: 'PENDING', interventions: [{ action: 'REDELIVERED' }] });
    expect(await row(waiting!.eventId)).toMatchObject({ state: 'PENDING', interventions: [] });
  });

  test('come to one end when several decide at once', async () => {
    await receive(newEvent('a'));
    const [dead] = await giveUp('a');
    const pools = Array.from({ length: 6 }, () => store.another(1).db);
    const done = await Promise.all(
      pools.map((from, at) => (at % 2 === 0 ? redeliver : discard)(dead!.eventId, DURABLE, from)),
    );
    expect(done.filter((entry) => entry !== undefined)).toHaveLength(1);
    expect((await row(dead!.eventId)).interventions).toHaveLength(1);
  });

  test('are redelivered together, those of one durable, a thousand at a time', async () => {
    await db.execute(sql`INSERT INTO event_ledger
        (durable, event_id, source, position, record, revision, event, state, failures, occurred_at, settled_at)
      SELECT durable, gen_random_uuid(), 'user', n, 'user/' || n, 1, '{}', 'DEAD_LETTERED', 8, now(),
        date_trunc('milliseconds', now()) + n * interval '1 second'
      FROM generate_series(1, 1001) AS n, unnest(ARRAY[${DURABLE}, 'another durable']) AS durable`);
    const all = (): Promise<ledger.LedgerEntry[]> => transact(db, (tx) => deadLetters.redeliverOldest(tx, who()));
    const first = await all();
    expect(first).toHaveLength(1_000);
    expect(first.every(({ state, failures }) => state === 'PENDING' && failures === 0)).toBe(true);
    expect((await list()).map((entry) => entry.position)).toEqual([1_001]);
    expect(await all()).toHaveLength(1);
    expect(await all()).toEqual([]);
    const others = await deadLetters.listDeadLetters(db, 'another durable', { limit: 2_000, after: undefined });
    expect(others).toHaveLength(1_001);
  });
});
