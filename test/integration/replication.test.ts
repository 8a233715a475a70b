import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PositionedEvent } from '#shared/cloud-event.ts';
import { expedite } from '#shared/events/ledger.ts';
import { openPostgresBus } from '#shared/events/postgres-bus.ts';
import { transact, type Database } from '#shared/store/postgres.ts';
import { receiveEvents } from '#sync/commands/receive-events.ts';
import { replicateOnce } from '#sync/commands/replicate.ts';
import { PIPELINES } from '#sync/domain/pipeline.ts';
import { asSeenFrom, shownVersions, type RecordSync, type ShownVersions } from '#sync/domain/record-sync.ts';
import { startPipelines } from '#sync/events/pipeline-workers.ts';
import { readProgress } from '#sync/store/pipeline-progress.ts';
import { recordSyncsOf } from '#sync/store/record-syncs.ts';
import { openSqliteTarget } from '#sync/store/targets/sqlite-target.ts';
import { createDatabase, describeOnPostgres } from '../support/database.ts';
import { userEvent } from '../support/events.ts';
import { FaultyTarget } from '../support/faulty-target.ts';
import { until } from '../support/poll.ts';
import { newRandom } from '../support/seeded-random.ts';
import { openStore, quietLog, type TestStore } from '../support/store.ts';

const PIPELINE = PIPELINES.find(({ id }) => id === 'users-to-oracle')!;
const MINUTE = 60_000;

describeOnPostgres('replication', () => {
  let opened: AsyncDisposableStack;
  let store: TestStore;
  let db: Database;
  let target: FaultyTarget;
  let file: string;
  let position: number;
  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-test-replication-'));
    opened.defer(() => rm(folder, { recursive: true, force: true }));
    file = join(folder, 'oracle.sqlite');
    store = opened.use(await openStore());
    db = store.db;
    target = opened.use(new FaultyTarget(openSqliteTarget('oracle', file)));
    position = 0;
  });
  afterEach(() => opened.disposeAsync());

  const newEvent = (id: string, version = 1, epoch = 0): PositionedEvent =>
    userEvent({ id, version, epoch, position: (position += 1) });
  const receive = (...events: PositionedEvent[]): Promise<void> => receiveEvents(db, PIPELINE, events);
  const replicate = async (from: Database = db): Promise<number> => {
    const options = { db: from, pipeline: PIPELINE, target, intervalMs: MINUTE, afterCommit: () => {} };
    return (await replicateOnce(options))['settled']!;
  };
  async function replicateAll(): Promise<void> {
    while ((await replicate()) > 0);
  }
  const makeDue = (): Promise<void> => transact(db, (tx) => expedite(tx, PIPELINE.id, new Date()));
  async function syncOf(id: string): Promise<RecordSync & ShownVersions> {
    const [record] = await recordSyncsOf(db, 'USER', [id]);
    return { ...record!, ...shownVersions(record!) };
  }
  function replicaRevisions(): Record<string, number> {
    using reader = new DatabaseSync(file, { readOnly: true });
    const rows = reader.prepare('SELECT id, revision FROM users ORDER BY id').all();
    return Object.fromEntries(rows.map((row) => [row['id'], Number(row['revision'])]));
  }
  /** What the ledger says against what the progress says, and both against what was received. */
  async function expectAccounts(received: number): Promise<void> {
    const rows = await db.execute<{ state: string; n: number }>(
      sql`SELECT state, count(*)::int AS n FROM event_ledger WHERE durable = ${PIPELINE.id} GROUP BY state`,
    );
    const ledger = new Map(rows.map(({ state, n }) => [state, n]));
    const of = (state: string): number => ledger.get(state) ?? 0;
    const { applied, superseded, deadLettered } = await readProgress(db, PIPELINE.id);
    expect({ applied, superseded, deadLettered }).toEqual({
      applied: of('APPLIED'),
      superseded: of('SUPERSEDED'),
      deadLettered: of('DEAD_LETTERED'),
    });
    const open = of('PENDING') + of('IN_FLIGHT') + of('RETRYING');
    expect(applied + superseded + deadLettered + open).toBe(received);
  }
  /** What is told of records, oldest first. */
  async function told(): Promise<string[]> {
    const rows = await db.execute<{ type: string; subject: string }>(
      sql`SELECT type, subject FROM outbox ORDER BY seq`,
    );
    return rows.map(({ type, subject }) => `${type} ${subject}`);
  }

  test('takes each version of a record to the target, one after the other', async () => {
    await receive(newEvent('a'), newEvent('a', 2), newEvent('b'));
    expect(await syncOf('a')).toMatchObject({ state: 'PENDING', sourceVersion: 2, targetVersion: null });
    expect(await replicate()).toBe(2);
    expect(await syncOf('a')).toMatchObject({ state: 'PENDING', sourceVersion: 2, targetVersion: 1 });
    expect(await syncOf('b')).toMatchObject({ state: 'APPLIED', targetVersion: 1 });
    await replicateAll();
    expect(await syncOf('a')).toMatchObject({ state: 'APPLIED', targetVersion: 2, attempts: 1, lastError: null });
    expect(replicaRevisions()).toEqual({ a: 2, b: 1 });
    expect(target.held.get('a')).toEqual([1, 2]);
    expect(await told()).toEqual(['replica.applied a', 'replica.applied b', 'replica.applied a']);
    await expectAccounts(3);
  });

  test('waits longer and longer for a target that cannot be reached, and never gives up', async () => {
    target.down = true;
    await receive(newEvent('a'), newEvent('b'));
    const ceilings = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, MINUTE, MINUTE, MINUTE];
    for (const [at, ceiling] of ceilings.entries()) {
      const before = Date.now();
      expect(await replicate()).toBe(2);
      const after = Date.now();
      const { state, attempts, nextAttemptAt, lastError } = await syncOf('a');
      expect({ state, attempts, lastError }).toEqual({
        state: 'RETRYING',
        attempts: at + 1,
        lastError: 'connection refused',
      });
      expect(nextAttemptAt!.getTime() - before, `wait ${at + 1}`).toBeGreaterThanOrEqual(ceiling / 2);
      expect(nextAttemptAt!.getTime() - after, `wait ${at + 1}`).toBeLessThanOrEqual(ceiling);
      expect(await replicate(), 'before it is due').toBe(0);
      await makeDue();
    }
    const failing = await readProgress(db, PIPELINE.id);
    expect(failing).toMatchObject({ deadLettered: 0, lastError: 'connection refused', lastSyncedAt: null });
    expect(failing.failingSince).not.toBeNull();
    expect((await told()).toSorted(), 'a retry is told once').toEqual(['replica.retrying a', 'replica.retrying b']);
    target.down = false;
    await replicateAll();
    expect(replicaRevisions()).toEqual({ a: 1, b: 1 });
    expect(await readProgress(db, PIPELINE.id)).toMatchObject({ applied: 2, lastError: null, failingSince: null });
    await expectAccounts(2);
  });

  test('catches up by itself when the target is back', async () => {
    const { url } = opened.use(await createDatabase());
    const bus = opened.use(await openPostgresBus({ url, name: 'test', log: quietLog }));
    target.down = true;
    await using pipelines = await startPipelines({
      db: store.another().db,
      bus,
      log: quietLog,
      pipelines: [PIPELINE],
      targets: { oracle: target },
      intervalMs: 200,
      afterCommit: () => {},
    });
    const ids = Array.from({ length: 30 }, () => randomUUID());
    await bus.publish(ids.map((id) => newEvent(id)));
    await until(() => target.calls >= 3, { what: 'three attempts' });
    await bus.publish(ids.map((id) => newEvent(id, 2)));
    await until(async () => (await syncOf(ids[0]!)).sourceVersion === 2);
    expect(replicaRevisions()).toEqual({});
    target.down = false;
    await until(async () => (await readProgress(db, PIPELINE.id)).applied === 60, { what: 'everything applied' });
    expect(replicaRevisions()).toEqual(Object.fromEntries(ids.toSorted().map((id) => [id, 2])));
    expect((await bus.position(PIPELINE.id))['user']).toBe(60);
    await expectAccounts(60);
    await pipelines[Symbol.asyncDispose]();
  });

  test('gives up a record that the target refuses after its tries, while others go on', async () => {
    target.refused.add('bad');
    await receive(newEvent('bad'), newEvent('good'));
    for (let attempt = 1; attempt < 8; attempt += 1) {
      expect(await replicate()).toBe(attempt === 1 ? 2 : 1);
      expect(await syncOf('bad')).toMatchObject({
        state: 'RETRYING',
        attempts: attempt,
        lastError: 'will not take it',
      });
      await receive(newEvent('good', attempt + 1));
      expect(await replicate(), 'the others, while it waits').toBe(1);
      await makeDue();
    }
    expect(await replicate()).toBe(1);
    expect(await syncOf('bad')).toMatchObject({ state: 'DEAD_LETTERED', attempts: 8, nextAttemptAt: null });
    await receive(newEvent('bad', 2), newEvent('good', 9));
    await makeDue();
    await replicateAll();
    expect(await syncOf('bad')).toMatchObject({ state: 'DEAD_LETTERED', sourceVersion: 2, targetVersion: null });
    expect(replicaRevisions()).toEqual({ good: 9 });
    expect(await readProgress(db, PIPELINE.id)).toMatchObject({ applied: 9, deadLettered: 1 });
    expect((await told()).filter((one) => one.endsWith(' bad'))).toEqual([
      'replica.retrying bad',
      'replica.dead-lettered bad',
    ]);
    await expectAccounts(11);
  });

  test('counts an unreachable target against no record', async () => {
    target.down = true;
    await receive(newEvent('a'));
    for (let attempt = 0; attempt < 20; attempt += 1) {
      await replicate();
      await makeDue();
    }
    target.down = false;
    target.refused.add('a');
    await replicate();
    expect(await syncOf('a')).toMatchObject({ state: 'RETRYING', attempts: 21 });
    target.refused.clear();
    await makeDue();
    await replicate();
    expect(await syncOf('a')).toMatchObject({ state: 'APPLIED', targetVersion: 1 });
  });

  test('applies once and counts once when the answer of the target was lost', async () => {
    target.mute = true;
    await receive(newEvent('a'));
    await replicate();
    expect(await syncOf('a')).toMatchObject({ state: 'RETRYING', targetVersion: null });
    expect(replicaRevisions()).toEqual({ a: 1 });
    target.mute = false;
    await makeDue();
    await replicateAll();
    expect(await syncOf('a')).toMatchObject({ state: 'APPLIED', targetVersion: 1 });
    expect(await readProgress(db, PIPELINE.id)).toMatchObject({ applied: 1, superseded: 0 });
    await expectAccounts(1);
  });

  test('applies once and counts once when a worker is killed between applying and settling', async () => {
    await receive(newEvent('a'));
    const killed = store.another(2);
    target.beforeAnswer = () => killed[Symbol.asyncDispose]();
    await expect(replicate(killed.db)).rejects.toThrow();
    target.beforeAnswer = () => Promise.resolve();
    expect(await syncOf('a')).toMatchObject({ state: 'IN_FLIGHT', targetVersion: null });
    expect(await replicate(), 'while its claim holds').toBe(0);
    await lapseClaims();
    await replicateAll();
    expect(await syncOf('a')).toMatchObject({ state: 'APPLIED', targetVersion: 1, attempts: 2 });
    expect(target.held.get('a')).toEqual([1, 1]);
    expect(await told()).toEqual(['replica.applied a']);
    expect(await readProgress(db, PIPELINE.id)).toMatchObject({ applied: 1, superseded: 0 });
    await expectAccounts(1);
  });

  test('writes nothing for a worker that slept while another did its work', async () => {
    await receive(newEvent('a'));
    const [applied, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    target.beforeAnswer = async () => {
      applied.resolve();
      await released.promise;
    };
    const sleeping = replicate();
    await applied.promise;
    target.beforeAnswer = () => Promise.resolve();
    await lapseClaims();
    expect(await replicate()).toBe(1);
    await receive(newEvent('a', 2));
    await replicateAll();
    target.mute = true;
    released.resolve();
    expect(await sleeping).toBe(0);
    expect(await syncOf('a')).toMatchObject({ state: 'APPLIED', targetVersion: 2, lastError: null });
    expect(await readProgress(db, PIPELINE.id)).toMatchObject({ applied: 2, lastError: null, failingSince: null });
    await expectAccounts(2);
  });

  /** Leaves out what another holds a lock on: two that lock the same rows in different orders would end in a deadlock. */
  const lapseClaims = (): Promise<unknown> =>
    db.execute(sql`
      UPDATE event_ledger SET due_at = now() - interval '1 second'
      WHERE event_id IN (SELECT event_id FROM event_ledger WHERE state = 'IN_FLIGHT' FOR UPDATE SKIP LOCKED)`);

  test('supersedes what comes late, and takes what comes twice once', async () => {
    const [first, second, third] = [newEvent('a'), newEvent('a', 2), newEvent('a', 3)];
    await receive(third);
    await replicateAll();
    await receive(first, second, third);
    await receive(second);
    expect(await syncOf('a')).toMatchObject({ state: 'APPLIED', sourceVersion: 3, targetVersion: 3 });
    await replicateAll();
    expect(replicaRevisions()).toEqual({ a: 3 });
    expect(await syncOf('a')).toMatchObject({ state: 'APPLIED', sourceVersion: 3, targetVersion: 3 });
    expect(await readProgress(db, PIPELINE.id)).toMatchObject({ applied: 1, superseded: 2 });
    await expectAccounts(3);
  });

  test('takes a restored record of a new epoch though its version is lower', async () => {
    await receive(newEvent('a', 7));
    await replicateAll();
    await receive(newEvent('a', 2, 1));
    expect(await syncOf('a')).toMatchObject({ state: 'PENDING', sourceVersion: 2, targetVersion: 7 });
    expect(asSeenFrom(2, await syncOf('a')), 'to who reads the restored source').toMatchObject({ state: 'PENDING' });
    await replicateAll();
    expect(asSeenFrom(2, await syncOf('a'))).toMatchObject({ state: 'APPLIED' });
    expect(await syncOf('a')).toMatchObject({ state: 'APPLIED', sourceVersion: 2, targetVersion: 2 });
    expect(target.held.get('a')).toEqual([7, 2 ** 32 + 2]);
  });

  test('never takes a record backwards, and loses nothing, whatever goes wrong and however many work', async () => {
    const random = newRandom('replication');
    const ids = Array.from({ length: 12 }, (_, at) => `record-${at}`);
    const events = ids.flatMap((id) => Array.from({ length: 8 }, (_, at) => newEvent(id, at + 1)));
    const shuffled = [...events, ...events].toSorted(() => random() - 0.5);
    let receiving = true;
    const receiver = async (): Promise<void> => {
      while (shuffled.length > 0) await receive(...shuffled.splice(0, 1 + Math.floor(random() * 9)));
      receiving = false;
    };
    const worker = async (): Promise<void> => {
      const pool = store.another(2).db;
      const open = async (): Promise<boolean> => {
        const [row] = await db.execute(sql`SELECT FROM event_ledger WHERE settled_at IS NULL LIMIT 1`);
        return row !== undefined;
      };
      while (receiving || (await open())) {
        target.down = receiving && random() < 0.2;
        target.mute = receiving && random() < 0.2;
        await replicate(pool);
        if (random() < 0.3) await lapseClaims();
        await makeDue();
      }
    };
    await Promise.all([receiver(), worker(), worker(), worker()]);
    expect(replicaRevisions()).toEqual(Object.fromEntries(ids.toSorted().map((id) => [id, 8])));
    for (const [id, revisions] of target.held) expect(revisions, id).toEqual(revisions.toSorted((a, b) => a - b));
    for (const id of ids)
      expect(await syncOf(id)).toMatchObject({ state: 'APPLIED', sourceVersion: 8, targetVersion: 8 });
    expect((await readProgress(db, PIPELINE.id)).deadLettered).toBe(0);
    await expectAccounts(events.length);
  });
});
