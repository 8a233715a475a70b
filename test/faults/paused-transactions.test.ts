import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appendEvents } from '#shared/events/outbox.ts';
import { stampOnce } from '#shared/events/stamper.ts';
import { Idempotency, type Answer } from '#shared/store/idempotency.ts';
import { transact } from '#shared/store/postgres.ts';
import { readState } from '#shared/store/service-state.ts';
import { receiveEvents } from '#sync/commands/receive-events.ts';
import { replicateOnce } from '#sync/commands/replicate.ts';
import { describeOnPostgres } from '../support/database.ts';
import { userEvent } from '../support/events.ts';
import { until } from '../support/poll.ts';
import { openStore, type TestStore } from '../support/store.ts';
import { pausedCall, PIPELINE, SECRET, takingTarget } from './paused-work.ts';

const PROGRAM = fileURLToPath(new URL('stop-in-transaction.ts', import.meta.url));
/** What is promised is 5 s; a machine that is busy with other things may take its time. */
const TAKEN_OVER_WITHIN_MS = 15_000;

/** Every claim is made with a real process that is stopped between two statements of the real code, its locks held. */
describeOnPostgres('a process that is paused in the middle of a transaction', () => {
  let opened: AsyncDisposableStack;
  let store: TestStore;
  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    store = opened.use(await openStore());
  });
  afterEach(() => opened.disposeAsync());

  /** Resolves when the process stands still inside its transaction. */
  async function pauseBefore(statement: string, kind: string): Promise<{ resume(): Promise<unknown> }> {
    const child = fork(PROGRAM, [kind, store.url, statement], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    opened.defer(() => void child.kill('SIGKILL'));
    if (child.stdout !== null) await once(child.stdout, 'data');
    const isInside = async (): Promise<boolean> => {
      const rows = await store.db.execute(
        sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'paused' AND state = 'idle in transaction'`,
      );
      return rows.length === 1;
    };
    await until(isInside, { what: `a transaction that is paused before ${statement}` });
    return {
      resume: async () => {
        const said = once(child, 'message');
        child.kill('SIGCONT');
        return (await said)[0];
      },
    };
  }

  /** Tries until `work` has come to something. */
  async function takenOver<T>(what: string, work: () => Promise<T | undefined>): Promise<T> {
    const startedAt = performance.now();
    const result = await until(work, { what, deadlineMs: TAKEN_OVER_WITHIN_MS });
    console.log(`${what}: taken over after ${Math.round(performance.now() - startedAt)} ms`);
    return result;
  }

  const tell = (subject: string): Promise<void> =>
    transact(store.db, (tx) =>
      appendEvents(tx, [{ type: 'record.changed', subject, version: 1, data: {}, occurredAt: new Date() }]),
    );
  const positions = async (): Promise<number[]> => {
    const rows = await store.db.execute<{ position: string }>(sql`SELECT position FROM outbox ORDER BY seq`);
    return rows.map(({ position }) => Number(position));
  };

  test('as it stamps keeps others from stamping for seconds, and stamps nothing when it goes on', async () => {
    await tell('a');
    await tell('b');
    const paused = await pauseBefore('UPDATE service_state SET value', 'stamper');
    const stamp = async (): Promise<number | undefined> => (await stampOnce(store.db))['stamped'] || undefined;
    expect(await takenOver('the stamper', stamp)).toBe(2);
    expect(await paused.resume()).toBe('lost');
    expect(await positions()).toEqual([1, 2]);
    expect(await readState(store.db, 'stamped')).toBe(2);
  });

  test('as it carries out a command keeps its key from others for seconds, and has had no effect', async () => {
    const paused = await pauseBefore('UPDATE idempotency_keys SET outcome', 'command');
    const idempotency = new Idempotency({ db: store.db, secret: SECRET, afterCommit: () => {} });
    const carryOut = (): Promise<Answer<{ by: string }>> => idempotency.once(pausedCall.call, pausedCall.effect('B'));
    expect(await takenOver('the command', carryOut)).toEqual({ outcome: { data: { by: 'B' } }, replayed: false });
    expect(await paused.resume()).toBe('lost');
    expect(await carryOut()).toEqual({ outcome: { data: { by: 'B' } }, replayed: true });
    expect(await positions()).toHaveLength(1);
  });

  test('as it settles what it took to a target loses its claim in seconds, and settles nothing when it goes on', async () => {
    const { db } = store;
    await receiveEvents(db, PIPELINE, [userEvent({ id: 'a', version: 1, position: 1 })]);
    const paused = await pauseBefore('insert into "outbox"', 'settlement');
    const replicate = async (): Promise<number | undefined> => {
      const replication = { db, pipeline: PIPELINE, target: takingTarget(), intervalMs: 1_000, afterCommit: () => {} };
      return (await replicateOnce(replication))['settled'] || undefined;
    };
    expect(await takenOver('the settlement', replicate)).toBe(1);
    expect(await paused.resume()).toBe('lost');
    const ledger = await db.execute(sql`SELECT state, attempts FROM event_ledger`);
    expect([...ledger]).toEqual([{ state: 'APPLIED', attempts: 2 }]);
    expect(await positions(), 'what was applied is told once').toHaveLength(1);
  });
});
