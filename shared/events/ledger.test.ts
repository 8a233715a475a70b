import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeOnPostgres } from '#test/support/database.ts';
import { userEvent } from '#test/support/events.ts';
import { openStore, type TestStore } from '#test/support/store.ts';
import { transact, type Database } from '../store/postgres.ts';
import * as ledger from './ledger.ts';

const DURABLE = 'users-to-test';
const MINUTE = 60_000;

describeOnPostgres('the ledger', () => {
  let store: TestStore;
  let db: Database;
  let position: number;
  /** The time at the consumer, which the tests pass. */
  let now: Date;
  beforeEach(async () => {
    store = await openStore();
    db = store.db;
    position = 0;
    now = new Date(Date.now() + MINUTE);
  });
  afterEach(() => store[Symbol.asyncDispose]());

  const newEvent = (id: string, version = 1, occurredAt?: Date): ReturnType<typeof userEvent> =>
    userEvent({ id, version, position: (position += 1), ...(occurredAt !== undefined && { occurredAt }) });
  const receive = (events: ReturnType<typeof userEvent>[], durable = DURABLE): Promise<ledger.LedgerEntry[]> =>
    transact(db, (tx) => ledger.receive(tx, durable, events));
  const claim = (limit = 100, from = db): Promise<ledger.LedgerEntry[]> =>
    transact(from, (tx) => ledger.claim(tx, { durable: DURABLE, limit, now, until: new Date(now.getTime() + MINUTE) }));
  const settle = (settlements: ledger.Settlement[]): Promise<ledger.Settlement[]> =>
    transact(db, (tx) => ledger.settle(tx, settlements, now));
  const later = (minutes: number): Date => new Date(now.getTime() + minutes * MINUTE);
  const names = (entries: readonly ledger.LedgerEntry[]): string[] =>
    entries.map(({ event, revision }) => `${event.subject}${revision}`);
  async function applied(entries: readonly ledger.LedgerEntry[]): Promise<void> {
    await settle(entries.map((entry) => ({ entry, state: 'APPLIED' })));
  }
  async function statesOf(): Promise<Record<string, string>> {
    const rows = await db.select().from(ledger.eventLedger);
    return Object.fromEntries(rows.map((row) => [`${row.event.subject}${row.revision}`, row.state]));
  }

  test('has an event once per durable, however often and from however many it comes', async () => {
    const events = [newEvent('a'), newEvent('b')];
    expect(names(await receive(events))).toEqual(['a1', 'b1']);
    expect(await receive(events)).toEqual([]);
    expect(names(await receive([...events, newEvent('c')]))).toEqual(['c1']);
    expect(names(await receive(events, 'another durable'))).toEqual(['a1', 'b1']);
    const rush = Array.from({ length: 50 }, (_, at) => newEvent(`rush-${at}`));
    const received = await Promise.all(Array.from({ length: 8 }, () => receive(rush)));
    expect(received.flat()).toHaveLength(50);
  });

  test('keeps the event as it came', async () => {
    const { event, position: at } = newEvent('a', 3);
    const [entry] = await receive([{ event, position: at }]);
    expect(entry).toMatchObject({
      durable: DURABLE,
      eventId: event.id,
      source: 'user',
      position: at,
      record: 'user/a',
      revision: 3,
      event,
      state: 'PENDING',
      attempts: 0,
      failures: 0,
      occurredAt: new Date(event.time),
      settledAt: null,
    });
  });

  test('gives out the earliest open event of each record, oldest first, and the next when that is settled', async () => {
    await receive([newEvent('b'), newEvent('a'), newEvent('a', 2), newEvent('c'), newEvent('a', 3)]);
    const first = await claim();
    expect(names(first)).toEqual(['b1', 'a1', 'c1']);
    expect(await claim(), 'while they are in flight').toEqual([]);
    await applied(first);
    const second = await claim();
    expect(names(second)).toEqual(['a2']);
    await settle([{ entry: second[0]!, state: 'SUPERSEDED' }]);
    expect(names(await claim())).toEqual(['a3']);
  });

  test('gives out no more than asked for', async () => {
    await receive(['a', 'b', 'c'].map((id) => newEvent(id)));
    expect(names(await claim(2))).toEqual(['a1', 'b1']);
    expect(names(await claim(2))).toEqual(['c1']);
  });

  test('gives out nothing of another durable, nor makes it wait', async () => {
    await receive([newEvent('a')], 'another durable');
    await receive([newEvent('a', 2)]);
    expect(names(await claim())).toEqual(['a2']);
  });

  test('gives concurrent workers different events, and all of them', async () => {
    await receive(Array.from({ length: 120 }, (_, at) => newEvent(`record-${at}`)));
    const worker = async (from: Database): Promise<string[]> => {
      const mine: string[] = [];
      for (let entries = await claim(7, from); entries.length > 0; entries = await claim(7, from)) {
        mine.push(...names(entries));
      }
      return mine;
    };
    const pools = Array.from({ length: 6 }, () => store.another(1).db);
    const claimed = (await Promise.all(pools.map(worker))).flat();
    expect(claimed).toHaveLength(120);
    expect(new Set(claimed).size).toBe(120);
  });

  test('passes over what another worker is just claiming, and holds back what comes behind it', async () => {
    await receive([newEvent('a'), newEvent('a', 2), newEvent('b')]);
    const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const claiming = transact(store.another(1).db, async (tx) => {
      const entries = await ledger.claim(tx, { durable: DURABLE, limit: 1, now, until: later(1) });
      reached.resolve();
      await released.promise;
      return entries;
    });
    await reached.promise;
    expect(names(await claim())).toEqual(['b1']);
    released.resolve();
    expect(names(await claiming)).toEqual(['a1']);
  });

  test('holds back only the record of an event that is waiting to be tried again', async () => {
    await receive([newEvent('a'), newEvent('a', 2), newEvent('b')]);
    const [poisoned, fine] = await claim();
    await settle([
      { entry: poisoned!, state: 'RETRYING', error: 'refused', failed: true, dueAt: later(5) },
      { entry: fine!, state: 'APPLIED' },
    ]);
    await receive([newEvent('b', 2), newEvent('c')]);
    expect(names(await claim())).toEqual(['b2', 'c1']);
    now = later(6);
    const [again] = await claim(1);
    expect(again).toMatchObject({ attempts: 2, failures: 1, lastError: 'refused', revision: 1 });
  });

  test('holds back the record of a dead letter for good, and no other', async () => {
    await receive([newEvent('a'), newEvent('a', 2), newEvent('b')]);
    const [poisoned, fine] = await claim();
    await settle([
      { entry: poisoned!, state: 'DEAD_LETTERED', error: 'refused', failed: true },
      { entry: fine!, state: 'APPLIED' },
    ]);
    await receive([newEvent('b', 2)]);
    now = later(600);
    expect(names(await claim())).toEqual(['b2']);
    expect(await statesOf()).toEqual({ a1: 'DEAD_LETTERED', a2: 'PENDING', b1: 'APPLIED', b2: 'IN_FLIGHT' });
  });

  test('orders the events of a record within their source only', async () => {
    const of = (source: string, at: number): ReturnType<typeof userEvent> => {
      const { event } = userEvent({ id: 'a', version: at, position: at });
      return { position: at, event: { ...event, source } };
    };
    await receive([of('left', 1), of('right', 1), of('left', 2), of('right', 3)]);
    const first = await claim();
    expect(first.map(({ source, position: at }) => `${source} ${at}`).toSorted()).toEqual(['left 1', 'right 1']);
    await settle(first.map((entry) => ({ entry, state: entry.source === 'left' ? 'DEAD_LETTERED' : 'APPLIED' })));
    expect((await claim()).map(({ source, position: at }) => `${source} ${at}`)).toEqual(['right 3']);
  });

  test('gives out a pending event whatever the time is at the consumer', async () => {
    await receive([newEvent('a')]);
    now = later(-60);
    expect(names(await claim())).toEqual(['a1']);
  });

  test('gives out the open events of a record up to a revision, whatever they wait for', async () => {
    await receive([newEvent('a'), newEvent('a', 2), newEvent('a', 3), newEvent('a', 4), newEvent('b'), newEvent('c')]);
    const [a1, b1] = await claim(2);
    await settle([
      { entry: a1!, state: 'RETRYING', dueAt: later(60) },
      { entry: b1!, state: 'APPLIED' },
    ]);
    await receive([newEvent('a')], 'another durable');
    const upTo = [
      { record: 'user/a', revision: 3 },
      { record: 'user/b', revision: 9 },
    ];
    const taken = await transact(db, (tx) => ledger.claimUpTo(tx, DURABLE, upTo));
    expect(names(taken).toSorted()).toEqual(['a1', 'a2', 'a3']);
    expect(taken[0]?.occurredAt).toBeInstanceOf(Date);
    expect(await settle(taken.map((entry) => ({ entry, state: 'SUPERSEDED' })))).toHaveLength(3);
    expect(names(await claim())).toEqual(['a4', 'c1']);
    expect(await transact(db, (tx) => ledger.claimUpTo(tx, DURABLE, []))).toEqual([]);
  });

  test('puts off the lapse of a claim, but not of one that another worker has taken over', async () => {
    await receive([newEvent('a'), newEvent('b')]);
    const first = await claim();
    await transact(db, (tx) => ledger.renew(tx, first, later(10)));
    now = later(5);
    expect(await claim()).toEqual([]);
    now = later(11);
    const [taken] = await claim(1);
    await transact(db, (tx) => ledger.renew(tx, first, later(30)));
    now = later(13);
    expect(names(await claim())).toEqual(names([taken!]));
  });

  test('gives out a lapsed claim again, and hears nothing more of the first', async () => {
    await receive([newEvent('a'), newEvent('b')]);
    const first = await claim();
    now = later(2);
    const second = await claim();
    expect(names(second)).toEqual(names(first));
    expect(second.map(({ attempts }) => attempts)).toEqual([2, 2]);
    expect(await settle(first.map((entry) => ({ entry, state: 'DEAD_LETTERED', error: 'late' })))).toEqual([]);
    const written = await settle(second.map((entry) => ({ entry, state: 'APPLIED' })));
    expect(written.map(({ entry }) => entry.eventId)).toEqual(second.map(({ eventId }) => eventId));
    expect(await settle(second.map((entry) => ({ entry, state: 'RETRYING' }))), 'settled is final').toEqual([]);
    expect(await statesOf()).toEqual({ a1: 'APPLIED', b1: 'APPLIED' });
  });

  test('takes the word of a worker whose claim has lapsed while nobody else has claimed', async () => {
    await receive([newEvent('a')]);
    const first = await claim();
    now = later(2);
    expect(await settle(first.map((entry) => ({ entry, state: 'APPLIED' })))).toHaveLength(1);
    expect(await claim()).toEqual([]);
  });

  test('counts the records that are behind, dead letters included, and since when', async () => {
    const [old, older] = [new Date('2026-01-02T00:00:00Z'), new Date('2026-01-01T00:00:00Z')];
    expect(await ledger.backlog(db, DURABLE)).toEqual({ records: 0, oldestAt: null, waitingSince: null });
    await receive([newEvent('a', 1, older), newEvent('a', 2), newEvent('b', 1, old), newEvent('c')]);
    await db.execute(sql`UPDATE event_ledger SET received_at = occurred_at + interval '1 minute'`);
    const aMinuteAfter = (at: Date): Date => new Date(at.getTime() + MINUTE);
    const behind = await ledger.backlog(db, DURABLE);
    expect(behind).toEqual({ records: 3, oldestAt: older, waitingSince: aMinuteAfter(older) });
    const [a, b, c] = await claim();
    await applied([a!, c!]);
    await settle([{ entry: b!, state: 'DEAD_LETTERED', error: 'refused', failed: true }]);
    expect(await ledger.backlog(db, DURABLE)).toMatchObject({ records: 2, oldestAt: old });
    expect(await ledger.backlog(db, 'another durable')).toMatchObject({ records: 0, oldestAt: null });
  });

  test('counts what was applied since, and nothing else that was settled', async () => {
    await receive(['a', 'b', 'c'].map((id) => newEvent(id)));
    const [a, b, c] = await claim();
    await settle([
      { entry: a!, state: 'APPLIED' },
      { entry: b!, state: 'SUPERSEDED' },
      { entry: c!, state: 'DEAD_LETTERED' },
    ]);
    expect(await ledger.appliedSince(db, DURABLE, later(-1))).toBe(1);
    expect(await ledger.appliedSince(db, DURABLE, now)).toBe(0);
  });

  test('makes retries due at once when they are expedited, and nothing else', async () => {
    await receive(['a', 'b', 'c'].map((id) => newEvent(id)));
    const [a, b] = await claim(2);
    await settle([
      { entry: a!, state: 'RETRYING', dueAt: later(60) },
      { entry: b!, state: 'DEAD_LETTERED' },
    ]);
    await claim();
    expect(await claim()).toEqual([]);
    await transact(db, (tx) => ledger.expedite(tx, DURABLE, now));
    expect(names(await claim())).toEqual(['a1']);
  });

  test('forgets what was applied or superseded long ago, a batch at a time, and keeps the rest', async () => {
    await db.execute(sql`INSERT INTO event_ledger
        (durable, event_id, source, position, record, revision, event, state, occurred_at, settled_at)
      SELECT ${DURABLE}, gen_random_uuid(), 'user', n, 'user/' || n, 1, '{}',
        CASE n % 2 WHEN 0 THEN 'APPLIED' ELSE 'SUPERSEDED' END, now(), now() - interval '73 hours'
      FROM generate_series(1, 1300) AS n`);
    position = 2_000;
    await receive(['a', 'b', 'c'].map((id) => newEvent(id)));
    const [a, b] = await claim(2);
    await settle([
      { entry: a!, state: 'APPLIED' },
      { entry: b!, state: 'DEAD_LETTERED' },
    ]);
    await db.execute(
      sql`UPDATE event_ledger SET settled_at = now() - interval '73 hours' WHERE state = 'DEAD_LETTERED'`,
    );
    const before = new Date(Date.now() - 72 * 60 * MINUTE);
    const swept = [await ledger.sweepLedger(db, before), await ledger.sweepLedger(db, before)];
    expect(swept).toEqual([1_000, 300]);
    expect(await ledger.sweepLedger(db, before)).toBe(0);
    expect(await statesOf()).toEqual({ a1: 'APPLIED', b1: 'DEAD_LETTERED', c1: 'PENDING' });
  });
});
