import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PositionedEvent } from '#shared/cloud-event.ts';
import type { Caller } from '#shared/command.ts';
import { listDeadLetters } from '#shared/events/dead-letters.ts';
import { backlog, expedite } from '#shared/events/ledger.ts';
import { Idempotency } from '#shared/store/idempotency.ts';
import { transact, type Database } from '#shared/store/postgres.ts';
import { discard } from '#sync/commands/discard.ts';
import { receiveEvents } from '#sync/commands/receive-events.ts';
import { redeliver } from '#sync/commands/redeliver.ts';
import { replicateOnce } from '#sync/commands/replicate.ts';
import { PIPELINES, statusOf, type PipelineProgress } from '#sync/domain/pipeline.ts';
import { asSeenFrom, shownVersions, type RecordSync, type ShownVersions } from '#sync/domain/record-sync.ts';
import { replicaOf } from '#sync/domain/replica.ts';
import { lackingDiscarded } from '#sync/store/dead-letter-records.ts';
import { readProgress } from '#sync/store/pipeline-progress.ts';
import { listUnsynced, recordSyncsOf } from '#sync/store/record-syncs.ts';
import { openSqliteTarget } from '#sync/store/targets/sqlite-target.ts';
import { describeOnPostgres } from '../support/database.ts';
import { userEvent } from '../support/events.ts';
import { FaultyTarget } from '../support/faulty-target.ts';
import { openStore, type TestStore } from '../support/store.ts';

const PIPELINE = PIPELINES.find(({ id }) => id === 'users-to-oracle')!;
const MINUTE = 60_000;

describeOnPostgres('what a target refuses for the last time', () => {
  let opened: AsyncDisposableStack;
  let store: TestStore;
  let db: Database;
  let target: FaultyTarget;
  let idempotency: Idempotency;
  let position: number;
  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-test-dead-letters-'));
    opened.defer(() => rm(folder, { recursive: true, force: true }));
    store = opened.use(await openStore());
    db = store.db;
    idempotency = new Idempotency({ db, secret: 'a secret of the tests', afterCommit: () => {} });
    target = opened.use(new FaultyTarget(openSqliteTarget('oracle', join(folder, 'oracle.sqlite'))));
    position = 0;
  });
  afterEach(() => opened.disposeAsync());

  const newEvent = (id: string, version = 1): PositionedEvent => userEvent({ id, version, position: (position += 1) });
  const receive = (...events: PositionedEvent[]): Promise<void> => receiveEvents(db, PIPELINE, events);
  async function replicateAll(): Promise<void> {
    const options = { db, pipeline: PIPELINE, target, intervalMs: MINUTE, afterCommit: () => {} };
    while ((await replicateOnce(options))['settled']! > 0);
  }
  /** Tries everything that is due or waits for its next attempt, until nothing does. */
  async function tryToTheEnd(): Promise<void> {
    for (let attempt = 0; attempt < 8; attempt += 1) {
      await transact(db, (tx) => expedite(tx, PIPELINE.id, new Date()));
      await replicateAll();
    }
  }
  async function giveUp(id: string, ...events: PositionedEvent[]): Promise<string> {
    target.refused.add(id);
    await receive(...events);
    await tryToTheEnd();
    const [dead] = await listDeadLetters(db, PIPELINE.id, { limit: 1, after: undefined });
    expect(dead?.event.subject).toBe(id);
    return dead!.eventId;
  }
  const admin = (): Caller => ({
    viewer: { kind: 'user', id: 'grace', role: 'ADMIN', expiresAt: new Date(Date.now() + MINUTE) },
    idempotencyKey: randomUUID(),
    correlationId: 'the request',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  });
  const redelivered = (eventId: string): ReturnType<typeof redeliver> =>
    redeliver({ db, idempotency }, { pipeline: PIPELINE.id, eventId }, admin());
  const discarded = (eventId: string): ReturnType<typeof discard> =>
    discard({ db, idempotency }, { pipeline: PIPELINE.id, eventId, reason: 'moved away' }, admin());
  async function syncOf(id: string): Promise<RecordSync & ShownVersions> {
    const [record] = await recordSyncsOf(db, 'USER', [id]);
    return { ...record!, ...shownVersions(record!) };
  }
  /** The progress, after it was compared with the ledger: the counts are those of its rows, and add up to what was received. */
  async function progress(): Promise<PipelineProgress> {
    const rows = await db.execute<{ state: string; n: number }>(
      sql`SELECT state, count(*)::int AS n FROM event_ledger WHERE durable = ${PIPELINE.id} GROUP BY state`,
    );
    const ledger = new Map(rows.map(({ state, n }) => [state, n]));
    const of = (...states: string[]): number => states.reduce((sum, state) => sum + (ledger.get(state) ?? 0), 0);
    const noted = await readProgress(db, PIPELINE.id);
    expect(noted).toMatchObject({
      applied: of('APPLIED'),
      superseded: of('SUPERSEDED'),
      deadLettered: of('DEAD_LETTERED'),
      discarded: of('DISCARDED'),
    });
    const settled = noted.applied + noted.superseded + noted.deadLettered + noted.discarded;
    expect(settled + of('PENDING', 'IN_FLIGHT', 'RETRYING')).toBe(position);
    return noted;
  }
  const status = async (): Promise<string> => {
    const later = new Date(Date.now() + 60 * MINUTE);
    return statusOf(PIPELINE, await progress(), { sourceAnswers: true, waitingSince: null, now: later });
  };
  const unsynced = async (): Promise<string[]> =>
    (await listUnsynced(db, 'USER', { limit: 10, after: undefined })).map(({ record }) => record.recordId);
  async function told(): Promise<{ type: string; correlation: string | null; version: string; state: string }[]> {
    return db.execute(
      sql`SELECT type, correlation_id AS correlation, data ->> 'sourceVersion' AS version, data ->> 'state' AS state
        FROM outbox ORDER BY seq`,
    );
  }

  test('goes to the target when it is redelivered and taken, and what waits behind it follows in order', async () => {
    const dead = await giveUp('bad', newEvent('bad'), newEvent('bad', 2), newEvent('bad', 3));
    target.refused.clear();
    expect((await redelivered(dead)).outcome.data).toEqual({ pipeline: PIPELINE.id, redelivered: 1 });
    expect(await syncOf('bad')).toMatchObject({ state: 'PENDING', sourceVersion: 3, targetVersion: null });
    await replicateAll();
    expect(target.held.get('bad')).toEqual([1, 2, 3]);
    expect(await syncOf('bad')).toMatchObject({ state: 'APPLIED', targetVersion: 3, lastError: null });
    expect(await progress()).toMatchObject({ applied: 3, deadLettered: 0, lastError: null });
    expect(await unsynced()).toEqual([]);
  });

  test('has all its tries again when it is redelivered, and rests again after them', async () => {
    const dead = await giveUp('bad', newEvent('bad'));
    await redelivered(dead);
    await replicateAll();
    expect(await syncOf('bad')).toMatchObject({ state: 'RETRYING', attempts: 9 });
    await tryToTheEnd();
    expect(await syncOf('bad')).toMatchObject({ state: 'DEAD_LETTERED', attempts: 16 });
    expect((await redelivered(dead)).outcome.data).toMatchObject({ redelivered: 1 });
    await progress();
  });

  test('is superseded when it is redelivered and the target has something newer by then', async () => {
    const dead = await giveUp('bad', newEvent('bad'));
    target.refused.clear();
    const { event } = userEvent({ id: 'bad', version: 5, position: 0 });
    await target.apply('USER', [replicaOf('USER', event)]);
    await redelivered(dead);
    await replicateAll();
    expect(target.held.get('bad')).toEqual([5, 5]);
    expect(await syncOf('bad')).toMatchObject({ state: 'SUPERSEDED', sourceVersion: 1, targetVersion: 5 });
    expect(await progress()).toMatchObject({ applied: 0, superseded: 1, deadLettered: 0 });
  });

  test('leaves its record behind when it is discarded, which is shown, and the next change heals it', async () => {
    const dead = await giveUp('bad', newEvent('bad'));
    await discarded(dead);
    target.refused.clear();
    await tryToTheEnd();
    expect(target.held.has('bad')).toBe(false);
    expect(await syncOf('bad')).toMatchObject({ state: 'DISCARDED', sourceVersion: 1, targetVersion: null });
    expect(asSeenFrom(1, await syncOf('bad')).state).toBe('DISCARDED');
    expect(await unsynced()).toEqual(['bad']);
    expect(await backlog(db, PIPELINE.id)).toMatchObject({ records: 0 });
    expect(await lackingDiscarded(db, PIPELINE)).toEqual({ records: 1, oldestAt: expect.any(Date) });
    await receive(newEvent('bad', 2));
    expect(await syncOf('bad')).toMatchObject({ state: 'PENDING', sourceVersion: 2, targetVersion: null });
    const waitedFor = await lackingDiscarded(db, PIPELINE);
    expect(waitedFor, 'as old as what was discarded').toEqual({ records: 0, oldestAt: expect.any(Date) });
    await replicateAll();
    expect(await syncOf('bad')).toMatchObject({ state: 'APPLIED', sourceVersion: 2, targetVersion: 2 });
    expect(await lackingDiscarded(db, PIPELINE)).toEqual({ records: 0, oldestAt: null });
    expect(await unsynced()).toEqual([]);
    expect(await progress()).toMatchObject({ applied: 1, deadLettered: 0, discarded: 1 });
  });

  test('lets what waits behind it go on when it is discarded', async () => {
    const dead = await giveUp('bad', newEvent('bad'), newEvent('bad', 2));
    target.refused.clear();
    await discarded(dead);
    expect(await syncOf('bad')).toMatchObject({ state: 'PENDING', sourceVersion: 2, targetVersion: null });
    expect((await told()).at(-1)).toEqual({
      type: 'replica.discarded',
      correlation: 'the request',
      version: '1',
      state: 'DISCARDED',
    });
    await replicateAll();
    expect(target.held.get('bad')).toEqual([2]);
    expect(await syncOf('bad')).toMatchObject({ state: 'APPLIED', targetVersion: 2 });
  });

  test('stays discarded though something older comes later and is taken', async () => {
    const [first, second] = [newEvent('bad'), newEvent('bad', 2)];
    await discarded(await giveUp('bad', second));
    target.refused.clear();
    await receive(first);
    expect(await syncOf('bad')).toMatchObject({ state: 'DISCARDED', sourceVersion: 2 });
    await replicateAll();
    expect(await syncOf('bad')).toMatchObject({ state: 'DISCARDED', sourceVersion: 2, targetVersion: 1 });
    expect(await lackingDiscarded(db, PIPELINE)).toMatchObject({ records: 1 });
    await progress();
  });

  test('shows its error while it rests, though others succeed, and degrades the pipeline without failing it', async () => {
    const dead = await giveUp('bad', newEvent('bad'));
    expect(await status()).toBe('DEGRADED');
    await receive(newEvent('good'));
    await replicateAll();
    expect(await progress()).toMatchObject({ lastError: 'will not take it', failingSince: null });
    expect(await status()).toBe('DEGRADED');
    await discarded(dead);
    expect(await progress()).toMatchObject({ lastError: null });
    expect(await status()).toBe('RUNNING');
  });

  test('shows an error while another dead letter rests', async () => {
    const first = await giveUp('bad', newEvent('bad'));
    target.refused.add('worse');
    await receive(newEvent('worse'));
    await tryToTheEnd();
    await discarded(first);
    expect(await progress()).toMatchObject({ deadLettered: 1, lastError: 'will not take it' });
    target.refused.clear();
    expect((await redeliver({ db, idempotency }, { pipeline: PIPELINE.id, all: true }, admin())).outcome.data).toEqual({
      pipeline: PIPELINE.id,
      redelivered: 1,
    });
    expect(await progress()).toMatchObject({ deadLettered: 0, lastError: null });
    await replicateAll();
    expect(await status()).toBe('RUNNING');
  });

  test('keeps the error of a target that is away when the last dead letter is discarded', async () => {
    const dead = await giveUp('bad', newEvent('bad'));
    target.down = true;
    await receive(newEvent('good'));
    await replicateAll();
    await discarded(dead);
    expect(await progress()).toMatchObject({ deadLettered: 0, lastError: 'connection refused' });
    expect(await status()).toBe('FAILED');
  });
});
