import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PositionedEvent } from '#shared/cloud-event.ts';
import type { Bus } from '#shared/events/bus.ts';
import { eventsAfter, outboxStatus } from '#shared/events/outbox.ts';
import { openPostgresBus } from '#shared/events/postgres-bus.ts';
import { relayOnce } from '#shared/events/relay.ts';
import { stampOnce } from '#shared/events/stamper.ts';
import { Lease, type Fence } from '#shared/store/lease.ts';
import { transact, type Database, type Transaction } from '#shared/store/postgres.ts';
import { readState } from '#shared/store/service-state.ts';
import { createDatabase, describeOnPostgres } from '../support/database.ts';
import { faultsOf, NO_FAULTS, type Entry } from '../support/log-checker.ts';
import * as load from '../support/outbox-load.ts';
import { until } from '../support/poll.ts';
import { newRandom } from '../support/seeded-random.ts';
import { openStore, quietLog, type TestStore } from '../support/store.ts';

const SOURCE = 'records';
const RECORDS = Array.from({ length: 40 }, (_, at) => `record-${at + 1}`);

const toEntry = ({ event }: PositionedEvent): Entry => ({
  id: event.id,
  record: event.subject,
  revision: Number(event.revision),
});

describeOnPostgres('the outbox', () => {
  let opened: AsyncDisposableStack;
  let store: TestStore;
  let db: Database;
  let bus: Bus;
  /** Several relay under the same here: their cursor alone keeps them right. */
  let fence: Fence;
  /** What a subscriber of the bus was given, in its order. */
  let heard: PositionedEvent[];
  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    store = opened.use(await openStore());
    db = store.db;
    fence = (await new Lease({ db, name: 'relay' }).during((tenure) => Promise.resolve(tenure)))!;
    await load.prepareOutboxLoad(db, [...RECORDS, 'early', 'hot', 'cold']);
    const { url } = opened.use(await createDatabase());
    bus = opened.use(await openPostgresBus({ url, name: 'test', log: quietLog }));
    heard = [];
    const onBatch = (events: readonly PositionedEvent[]): Promise<void> => Promise.resolve(void heard.push(...events));
    opened.use(await bus.subscribe({ durable: 'listener', subjects: ['record.*'], onBatch }));
  });
  afterEach(() => opened.disposeAsync());

  const relay = (to: Bus = bus): ReturnType<typeof relayOnce> => relayOnce({ db, bus: to, source: SOURCE, fence });
  /** The outbox in the order of its positions, from which everybody reads. */
  async function stampedEntries(): Promise<Entry[]> {
    const events = await eventsAfter(db, { source: SOURCE, after: 0, limit: 100_000 });
    expect(events.map(({ position }) => position)).toEqual(events.map((_, at) => at + 1));
    return events.map(toEntry);
  }
  async function stampAll(): Promise<void> {
    while ((await stampOnce(db))['stamped'] !== 0);
  }
  async function relayAll(): Promise<void> {
    while ((await relay())['relayed'] !== 0);
  }
  /** A command on a connection of its own that does its steps when it is told to. */
  function openCommand(key: string): {
    step(work: (tx: Transaction) => Promise<void>): Promise<void>;
    commit(): Promise<void>;
  } {
    const steps: { work: (tx: Transaction) => Promise<void>; done: PromiseWithResolvers<void> }[] = [];
    let [next, ended] = [Promise.withResolvers<void>(), false];
    const running = transact(store.another(1).db, async (tx) => {
      await tx.execute(sql`SET LOCAL idle_in_transaction_session_timeout = 0`);
      for (;;) {
        const step = steps.shift();
        if (step !== undefined) await step.work(tx).then(step.done.resolve, step.done.reject);
        else if (ended) return;
        else await next.promise;
      }
    });
    const notify = (): void => {
      next.resolve();
      next = Promise.withResolvers<void>();
    };
    const step = (work: (tx: Transaction) => Promise<void>): Promise<void> => {
      const done = Promise.withResolvers<void>();
      steps.push({ work, done });
      notify();
      return done.promise;
    };
    const begun = step((tx) => load.beginCommand(tx, key));
    return {
      step: async (work) => {
        await begun;
        await step(work);
      },
      commit: async () => {
        await begun;
        ended = true;
        notify();
        await running;
      },
    };
  }

  test('gives a position to an event that commits behind a later number, and a reader behind the last number loses it', async () => {
    const wrong = load.seqReader(db);
    const late = openCommand('late');
    await late.step((tx) => load.changeRecords(tx, ['early']));
    await transact(db, (tx) => load.changeRecords(tx, ['hot']));
    await stampAll();
    await wrong.readOnce();
    await late.commit();
    await stampAll();
    await wrong.readOnce();
    const committed = await load.committedEntries(db);
    expect(committed).toHaveLength(2);
    expect(faultsOf(committed, await stampedEntries())).toEqual(NO_FAULTS);
    const lost = committed.filter(({ record }) => record === 'early').map(({ id }) => id);
    expect(faultsOf(committed, wrong.delivered)).toEqual({ ...NO_FAULTS, lost });
  });

  test('keeps the order of a record whose later change began first, and a reader by transaction id breaks it', async () => {
    const wrong = load.xidReader(db);
    const first = openCommand('begins first');
    await first.step(async () => {});
    await transact(db, async (tx) => {
      await load.beginCommand(tx, 'begins second');
      await load.changeRecords(tx, ['hot']);
    });
    await stampAll();
    await wrong.readOnce();
    await first.step((tx) => load.changeRecords(tx, ['hot']));
    await first.commit();
    await stampAll();
    // Any transaction in any database of the server keeps this reader waiting.
    await until(async () => {
      await wrong.readOnce();
      return wrong.delivered.length === 2;
    });
    const committed = await load.committedEntries(db);
    expect(faultsOf(committed, await stampedEntries())).toEqual(NO_FAULTS);
    const disordered = committed.filter(({ revision }) => revision === 1).map(({ id }) => id);
    expect(faultsOf(committed, wrong.delivered)).toEqual({ ...NO_FAULTS, disordered });
  });

  test('relays every event of a random load once and in order, which two wrong readers of the same load do not', async () => {
    const random = newRandom('outbox load');
    const wrong = { seq: load.seqReader(db), xid: load.xidReader(db) };
    // It spans the whole load, so that the wrong readers go wrong however the rest falls out.
    const straddler = openCommand('straddler');
    await straddler.step((tx) => load.changeRecords(tx, ['early']));
    let writing = true;
    const during = async (work: () => Promise<unknown>): Promise<void> => {
      while (writing) await work();
    };
    const pools = [store.another(2).db, store.another(2).db, store.another(2).db];
    const others = [
      ...pools.map((pool) => during(() => stampOnce(pool))),
      during(() => relay()),
      during(() => relay()),
      during(wrong.seq.readOnce),
      during(wrong.xid.readOnce),
    ];
    const writers = store.another(16).db;
    const { committed: transactions, rolledBack } = await load
      .runOutboxLoad(writers, { records: [...RECORDS, 'hot'], random, writers: 16, each: 25 })
      .finally(() => (writing = false));
    await Promise.all(others);
    await transact(db, (tx) => load.changeRecords(tx, ['hot']));
    await wrong.seq.readOnce();
    await straddler.step((tx) => load.changeRecords(tx, ['hot']));
    await straddler.commit();
    await stampAll();
    await relayAll();
    const committed = await load.committedEntries(db);
    await until(() => heard.length >= committed.length);
    await until(async () => {
      await Promise.all([wrong.seq.readOnce(), wrong.xid.readOnce()]);
      return wrong.xid.delivered.length === committed.length;
    });
    console.log(`outbox load: ${transactions} committed, ${rolledBack} rolled back, ${committed.length} events`);

    expect(rolledBack).toBeGreaterThan(0);
    expect(committed.length).toBeGreaterThan(transactions);
    expect(faultsOf(committed, await stampedEntries())).toEqual(NO_FAULTS);
    expect(faultsOf(committed, heard.map(toEntry))).toEqual(NO_FAULTS);
    expect(heard.map(({ position }) => position)).toEqual(committed.map((_, at) => at + 1));
    expect(faultsOf(committed, wrong.seq.delivered).lost).not.toEqual([]);
    expect(faultsOf(committed, wrong.xid.delivered).disordered).not.toEqual([]);
  });

  test('counts what is beyond a position, with what is not yet stamped', async () => {
    const before = Date.now();
    for (const id of ['early', 'hot', 'cold']) await transact(db, (tx) => load.changeRecords(tx, [id]));
    expect(await outboxStatus(db, 0)).toMatchObject({ position: 0, relayed: 0, beyond: 3 });
    await stampAll();
    const status = await outboxStatus(db, 2);
    expect(status).toMatchObject({ position: 3, relayed: 0, beyond: 1 });
    expect(status.oldestBeyondAt!.getTime()).toBeGreaterThanOrEqual(before);
    await relayAll();
    expect(await outboxStatus(db, 3)).toEqual({ position: 3, relayed: 3, beyond: 0, oldestBeyondAt: null });
  });

  test('is harmed by no relay that was paused before it published, and then publishes again', async () => {
    const change = (): Promise<void> => transact(db, (tx) => load.changeRecords(tx, ['early', 'hot']));
    const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const pausing: Bus = {
      ...bus,
      publish: async (batch) => {
        reached.resolve();
        await released.promise;
        await bus.publish(batch);
      },
    };
    await change();
    await stampAll();
    const paused = relay(pausing);
    await reached.promise;
    await change();
    await stampAll();
    await relayAll();
    await until(() => heard.length >= 4);
    released.resolve();
    expect(await paused).toEqual({ relayed: 0 });
    expect(await readState(db, 'relayed')).toBe(4);
    await change();
    await stampAll();
    await relayAll();
    await until(() => heard.length >= 6);
    expect(heard.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('is not moved on by a relay whose lease was taken over meanwhile, though nobody has relayed since', async () => {
    await transact(db, (tx) => load.changeRecords(tx, ['early']));
    await stampAll();
    const [former, { name }] = [fence, fence];
    await db.execute(sql`UPDATE leases SET expires_at = clock_timestamp()`);
    fence = (await new Lease({ db, name }).during((tenure) => Promise.resolve(tenure)))!;
    expect(fence.token).toBeGreaterThan(former.token);
    expect(await relayOnce({ db, bus, source: SOURCE, fence: former })).toEqual({ relayed: 0 });
    expect(await readState(db, 'relayed')).toBe(0);
    await relayAll();
    expect(await readState(db, 'relayed')).toBe(1);
    await until(() => heard.length >= 1);
    expect(heard.map(({ position }) => position)).toEqual([1]);
  });

  test('is relayed again when the bus took a batch and its answer was lost', async () => {
    await transact(db, (tx) => load.changeRecords(tx, ['early', 'hot']));
    await stampAll();
    const lost = new Error('the answer was lost');
    const losing: Bus = {
      ...bus,
      publish: async (batch) => {
        await bus.publish(batch);
        throw lost;
      },
    };
    await expect(relay(losing)).rejects.toBe(lost);
    expect(await readState(db, 'relayed')).toBe(0);
    await transact(db, (tx) => load.changeRecords(tx, ['cold']));
    await stampAll();
    await relayAll();
    await until(() => heard.length >= 3);
    expect(heard.map(({ position }) => position)).toEqual([1, 2, 3]);
  });

  test('stamps and relays a backlog of more than a batch', async () => {
    await db.execute(sql`INSERT INTO outbox (event_id, type, subject, revision, data, occurred_at)
      SELECT gen_random_uuid(), 'record.changed', 'record-' || n % 40, n, '{}', now() FROM generate_series(1, 4500) AS n`);
    expect(await stampOnce(db)).toEqual({ stamped: 2_000 });
    await stampAll();
    await relayAll();
    await until(() => heard.length >= 4_500);
    expect(faultsOf(await load.committedEntries(db), heard.map(toEntry))).toEqual(NO_FAULTS);
  });
});
