import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PositionedEvent } from '#shared/cloud-event.ts';
import type { Bus } from '#shared/events/bus.ts';
import { backlog, eventLedger } from '#shared/events/ledger.ts';
import { openPostgresBus } from '#shared/events/postgres-bus.ts';
import { transact, type Database } from '#shared/store/postgres.ts';
import { observe } from '#sync/commands/observe.ts';
import { receiveEvents } from '#sync/commands/receive-events.ts';
import { observationOf } from '#sync/domain/observation.ts';
import { PIPELINES } from '#sync/domain/pipeline.ts';
import { shownVersions, type RecordSync, type ShownVersions } from '#sync/domain/record-sync.ts';
import { startPipelines } from '#sync/events/pipeline-workers.ts';
import { readProgress } from '#sync/store/pipeline-progress.ts';
import { listUnsynced, recordSyncsOf } from '#sync/store/record-syncs.ts';
import { createDatabase, describeOnPostgres } from '../support/database.ts';
import { replicaApplied, userEvent } from '../support/events.ts';
import { until } from '../support/poll.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { newRandom } from '../support/seeded-random.ts';
import { openStore, quietLog, type TestStore } from '../support/store.ts';

const PIPELINE = PIPELINES.find(({ id }) => id === 'users-to-notification')!;

/** The tests play both sides: the user service, and the notification service that tells what it has applied. */
describeOnPostgres('a pipeline that is observed', () => {
  let opened: AsyncDisposableStack;
  let store: TestStore;
  let db: Database;
  let bus: Bus;
  let positions: Record<'user' | 'notification', number>;
  const { log, lines } = recordedLog();
  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    store = opened.use(await openStore());
    db = store.db;
    const { url } = opened.use(await createDatabase());
    bus = opened.use(await openPostgresBus({ url, name: 'test', log: quietLog }));
    positions = { user: 0, notification: 0 };
  });
  afterEach(() => opened.disposeAsync());

  const follow = async (): Promise<void> => {
    const observing = { db, bus, log, pipelines: [PIPELINE], targets: {}, intervalMs: 1_000, afterCommit: () => {} };
    opened.use(await startPipelines(observing));
  };
  const changed = (id: string, version: number, epoch = 0): PositionedEvent =>
    userEvent({ id, version, epoch, position: (positions.user += 1) });
  const applied = (
    recordId: string,
    version: number,
    more: Partial<Parameters<typeof replicaApplied>[0]> = {},
  ): PositionedEvent => replicaApplied({ recordId, version, position: (positions.notification += 1), ...more });
  /** Resolves when everything published so far has been taken note of. */
  const heard = (): Promise<unknown> =>
    until(async () => {
      const { user = 0, notification = 0 } = await bus.position(PIPELINE.id);
      return user === positions.user && notification === positions.notification;
    });
  async function tell(...events: PositionedEvent[]): Promise<void> {
    await bus.publish(events);
    await heard();
  }
  async function syncOf(id: string): Promise<(RecordSync & ShownVersions) | undefined> {
    const [record] = await recordSyncsOf(db, 'USER', [id]);
    return record && { ...record, ...shownVersions(record) };
  }
  async function states(): Promise<Record<string, string>> {
    const rows = await db.select().from(eventLedger).orderBy(eventLedger.position);
    return Object.fromEntries(rows.map(({ event, state }) => [`${event.subject}${event.revision}`, state]));
  }
  /** What sync tells of copies, oldest first. */
  async function told(): Promise<string[]> {
    const rows = await db.execute<{ text: string }>(
      sql`SELECT type || ' ' || subject || (data ->> 'targetVersion') AS text FROM outbox ORDER BY seq`,
    );
    return rows.map(({ text }) => text);
  }
  /** The progress against the ledger, and both against what was received. */
  async function expectAccounts(expected: { applied: number; superseded: number; open: number }): Promise<void> {
    const counted = Object.values(await states());
    const of = (state: string): number => counted.filter((one) => one === state).length;
    expect({ applied: of('APPLIED'), superseded: of('SUPERSEDED'), open: of('PENDING') }).toEqual(expected);
    expect(counted).toHaveLength(expected.applied + expected.superseded + expected.open);
    const { applied: done, superseded, deadLettered } = await readProgress(db, PIPELINE.id);
    expect({ done, superseded, deadLettered }).toEqual({
      done: expected.applied,
      superseded: expected.superseded,
      deadLettered: 0,
    });
  }

  test('waits for each version until the target tells that it holds it', async () => {
    await follow();
    await tell(changed('ada', 1), changed('bob', 1));
    expect(await syncOf('ada')).toMatchObject({
      target: 'notification',
      state: 'PENDING',
      sourceVersion: 1,
      targetVersion: null,
    });
    await tell(applied('ada', 1, { correlationId: 'the request' }));
    expect(await syncOf('ada')).toMatchObject({ state: 'APPLIED', sourceVersion: 1, targetVersion: 1, attempts: 0 });
    expect(await states()).toEqual({ ada1: 'APPLIED', bob1: 'PENDING' });
    await tell(changed('ada', 2));
    expect(await syncOf('ada')).toMatchObject({ state: 'PENDING', sourceVersion: 2, targetVersion: 1 });
    await tell(applied('ada', 2), applied('bob', 1));
    expect(await syncOf('ada')).toMatchObject({ state: 'APPLIED', sourceVersion: 2, targetVersion: 2 });
    expect(await told()).toEqual(['replica.applied ada1', 'replica.applied ada2', 'replica.applied bob1']);
    const [first] = await db.execute(sql`SELECT owner_id, correlation_id FROM outbox ORDER BY seq`);
    expect(first).toEqual({ owner_id: 'ada', correlation_id: 'the request' });
    await expectAccounts({ applied: 3, superseded: 0, open: 0 });
  });

  test('keeps what it observes before it has heard of the change, and settles that when it comes', async () => {
    await follow();
    await tell(applied('ada', 1));
    expect(await syncOf('ada')).toMatchObject({ state: 'APPLIED', ownerId: 'ada', sourceVersion: 1, targetVersion: 1 });
    expect(await told()).toEqual(['replica.applied ada1']);
    await expectAccounts({ applied: 0, superseded: 0, open: 0 });
    await tell(changed('ada', 1));
    expect(await syncOf('ada')).toMatchObject({ state: 'APPLIED', sourceVersion: 1, targetVersion: 1 });
    await tell(applied('ada', 3), changed('ada', 2));
    expect(await syncOf('ada')).toMatchObject({ state: 'APPLIED', sourceVersion: 3, targetVersion: 3 });
    expect(await states()).toEqual({ ada1: 'APPLIED', ada2: 'SUPERSEDED' });
    await tell(changed('ada', 3), changed('ada', 4));
    expect(await syncOf('ada')).toMatchObject({ state: 'PENDING', sourceVersion: 4, targetVersion: 3 });
    expect(await states()).toMatchObject({ ada3: 'APPLIED', ada4: 'PENDING' });
    expect(await told(), 'each once').toEqual(['replica.applied ada1', 'replica.applied ada3']);
    await expectAccounts({ applied: 2, superseded: 1, open: 1 });
  });

  test('counts and tells every version that was applied, also when it hears of several at once', async () => {
    const events = [1, 2, 3].flatMap((version) => [changed('ada', version), changed('bob', version)]);
    await follow();
    await tell(...events);
    await tell(...[1, 2, 3].flatMap((version) => [applied('ada', version), applied('bob', version)]));
    await expectAccounts({ applied: 6, superseded: 0, open: 0 });
    const tellings = await told();
    for (const name of ['ada', 'bob'])
      expect(tellings.filter((one) => one.includes(name))).toEqual([1, 2, 3].map((n) => `replica.applied ${name}${n}`));
  });

  test('counts what was passed over for a newer version as superseded', async () => {
    await follow();
    await tell(changed('ada', 1), changed('ada', 2), changed('ada', 3), changed('ada', 4));
    await tell(applied('ada', 3));
    expect(await syncOf('ada')).toMatchObject({ state: 'PENDING', sourceVersion: 4, targetVersion: 3 });
    expect(await states()).toEqual({ ada1: 'SUPERSEDED', ada2: 'SUPERSEDED', ada3: 'APPLIED', ada4: 'PENDING' });
    expect(await told()).toEqual(['replica.applied ada3']);
    await expectAccounts({ applied: 1, superseded: 2, open: 1 });
  });

  test('never goes back, and changes nothing by what it hears late or again', async () => {
    await follow();
    const [first, second] = [changed('ada', 1), changed('ada', 2)];
    await tell(first, second);
    await tell(applied('ada', 2));
    await tell(applied('ada', 1), applied('ada', 2), applied('ada', 2));
    await bus.rewind(PIPELINE.id, { user: 0, notification: 0 });
    await heard();
    await tell(changed('bob', 1), applied('bob', 1));
    expect(await syncOf('ada')).toMatchObject({ state: 'APPLIED', sourceVersion: 2, targetVersion: 2 });
    expect(await states()).toEqual({ ada1: 'SUPERSEDED', ada2: 'APPLIED', bob1: 'APPLIED' });
    expect(await told()).toEqual(['replica.applied ada2', 'replica.applied bob1']);
    await expectAccounts({ applied: 2, superseded: 1, open: 0 });
  });

  test('shows what the target has not told of, and nobody tries it', async () => {
    await follow();
    await tell(changed('ada', 1), changed('bob', 1), applied('ada', 1));
    await tell(changed('ada', 2), applied('ada', 2));
    const behind = await backlog(db, PIPELINE.id);
    expect(behind).toMatchObject({ records: 1, oldestAt: expect.any(Date) as unknown });
    const unsynced = await listUnsynced(db, 'USER', { limit: 10, after: undefined });
    expect(unsynced.map(({ record }) => record)).toMatchObject([
      { recordId: 'bob', target: 'notification', state: 'PENDING', attempts: 0, targetRevision: null },
    ]);
    const open = (await db.select().from(eventLedger)).filter(({ settledAt }) => settledAt === null);
    expect(open).toMatchObject([{ record: 'user/bob', state: 'PENDING', attempts: 0 }]);
    await tell(applied('bob', 1));
    expect(await backlog(db, PIPELINE.id)).toEqual({ records: 0, oldestAt: null, waitingSince: null });
    expect(await listUnsynced(db, 'USER', { limit: 10, after: undefined })).toEqual([]);
  });

  test('listens to nobody but its source and its target', async () => {
    await follow();
    await tell(changed('ada', 1));
    const { event } = applied('ada', 1);
    positions.notification -= 1;
    await bus.publish([{ position: 1, event: { ...event, source: 'sync' } }]);
    const { event: false_ } = changed('eve', 1);
    positions.user -= 1;
    await bus.publish([{ position: 1, event: { ...false_, source: 'order' } }]);
    await tell(applied('ada', 1, { data: { entity: 'ORDER' } }), applied('ada', 1, { data: { target: 'oracle' } }));
    await until(async () => {
      const { sync, order } = await bus.position(PIPELINE.id);
      return sync === 1 && order === 1;
    });
    expect(await states()).toEqual({ ada1: 'PENDING' });
    expect(await told()).toEqual([]);
  });

  test('holds up nothing by an observation that it cannot understand, and says so in the log', async () => {
    await follow();
    await tell(changed('ada', 1), changed('bob', 1));
    const unclear = applied('ada', 1, { data: { targetRevision: 'one' } });
    await tell(unclear, applied('bob', 1));
    expect(await states()).toEqual({ ada1: 'PENDING', bob1: 'APPLIED' });
    expect(lines.filter(({ level }) => level === 50)).toMatchObject([
      { msg: 'observation not understood', pipeline: PIPELINE.id, event: unclear.event.id },
    ]);
  });

  test('takes a restored record of a new epoch as newer, though its version is lower', async () => {
    await follow();
    await tell(changed('ada', 7), applied('ada', 7));
    await tell(changed('ada', 2, 1));
    expect(await syncOf('ada')).toMatchObject({ state: 'PENDING', sourceVersion: 2, targetVersion: 7 });
    await tell(applied('ada', 2, { epoch: 1 }));
    expect(await syncOf('ada')).toMatchObject({ state: 'APPLIED', sourceVersion: 2, targetVersion: 2 });
  });

  test.each(['the observation', 'the change'])(
    'misses neither of a change and its observation that come at the same moment, though %s is quicker',
    async (quicker) => {
      await receiveEvents(db, PIPELINE, [changed('ada', 1)]);
      const [change, observation] = [changed('ada', 2), observationOf(PIPELINE, applied('ada', 2).event)!];
      const [locked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const locking = transact(store.another(1).db, async (tx) => {
        await tx.execute(sql`SELECT FROM record_syncs WHERE record_id = 'ada' FOR UPDATE`);
        locked.resolve();
        await released.promise;
      });
      await locked.promise;
      const both = [
        () => observe(store.another(1).db, PIPELINE, [observation]),
        () => receiveEvents(store.another(1).db, PIPELINE, [change]),
      ];
      const running: Promise<void>[] = [];
      // Each has done all that it does before it comes to the record, and queues there.
      for (const start of quicker === 'the observation' ? both : both.toReversed()) {
        running.push(start());
        await until(async () => (await waitingForLocks()) === running.length);
      }
      released.resolve();
      await Promise.all([locking, ...running]);
      expect(await syncOf('ada')).toMatchObject({ state: 'APPLIED', sourceVersion: 2, targetVersion: 2 });
      await expectAccounts({ applied: 1, superseded: 1, open: 0 });
    },
  );

  async function waitingForLocks(): Promise<number> {
    const [row] = await db.execute<{ n: number }>(
      sql`SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return row?.n ?? 0;
  }

  test('settles every event once, in whatever order and however often events and observations come', async () => {
    const random = newRandom('observed pipeline');
    const shuffled = <T>(all: readonly T[]): T[] =>
      all
        .map((one) => ({ one, at: random() }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ one }) => one);
    const ids = Array.from({ length: 10 }, (_, at) => `user-${at}`);
    const versions = [1, 2, 3, 4, 5, 6];
    const events = ids.flatMap((id) => versions.map((version) => changed(id, version)));
    // Some versions are passed over by the target; the last is not.
    const taken = ids.flatMap((id) =>
      versions.filter((version) => version === 6 || random() < 0.6).map((version) => applied(id, version)),
    );
    const take = async (pool: Database, { position, event }: PositionedEvent): Promise<void> =>
      event.source === 'user'
        ? receiveEvents(pool, PIPELINE, [{ position, event }])
        : observe(pool, PIPELINE, [observationOf(PIPELINE, event)!]);
    const coming = shuffled([...events, ...taken, ...events.slice(0, 20), ...taken.slice(0, 20)]);
    const workers = [1, 2, 3, 4].map(async () => {
      const pool = store.another(2).db;
      for (let next = coming.pop(); next !== undefined; next = coming.pop()) await take(pool, next);
    });
    await Promise.all(workers);
    for (const id of ids)
      expect(await syncOf(id)).toMatchObject({ state: 'APPLIED', sourceVersion: 6, targetVersion: 6 });
    expect(await backlog(db, PIPELINE.id)).toMatchObject({ records: 0 });
    const { applied: done, superseded } = await readProgress(db, PIPELINE.id);
    expect(done + superseded).toBe(events.length);
    await expectAccounts({ applied: done, superseded, open: 0 });
    expect(done).toBeGreaterThanOrEqual(ids.length);
    const last = new Map<string, number>();
    for (const [, id = '', version] of (await told()).map((one) => /(user-\d)(\d)$/.exec(one)!)) {
      expect(Number(version), id).toBeGreaterThan(last.get(id) ?? 0);
      last.set(id, Number(version));
    }
  });
});
