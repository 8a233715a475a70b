import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOnPostgres } from '#test/support/database.ts';
import { until } from '#test/support/poll.ts';
import { openStore, type TestStore } from '#test/support/store.ts';
import {
  findKey,
  idempotencyKeys,
  KeyIsHeld,
  storeOutcomes,
  sweepKeys,
  takeKeys,
  type NewKey,
} from './idempotency-keys.ts';
import { transact, type Queryable, type Transaction } from './postgres.ts';

const WAIT_MS = 100;

async function takeKey(tx: Transaction, key: NewKey, waitMs: number): Promise<boolean> {
  return (await takeKeys(tx, [key], waitMs)).every(Boolean);
}

describeOnPostgres('an idempotency key', () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await openStore();
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const newScope = (): NewKey => ({
    caller: 'anonymous',
    field: 'register',
    key: randomUUID(),
    fingerprint: Buffer.from('fingerprint'),
  });
  async function lockTimeout(db: Queryable): Promise<string> {
    const [row] = await db.execute<{ lock_timeout: string }>(sql`SHOW lock_timeout`);
    return row!.lock_timeout;
  }
  /** Runs `meanwhile` while a transaction elsewhere has taken the key. */
  async function whileHeld<T>(scope: NewKey, meanwhile: () => Promise<T>): Promise<T> {
    const [taken, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holder = transact(store.another(1).db, async (tx) => {
      await takeKey(tx, scope, WAIT_MS);
      taken.resolve();
      await done.promise;
    });
    await taken.promise;
    try {
      return await meanwhile();
    } finally {
      done.resolve();
      await holder;
    }
  }

  test('is taken once, and comes with its outcome from then on', async () => {
    const scope = newScope();
    const take = (): Promise<boolean> =>
      transact(store.db, async (tx) => {
        const taken = await takeKey(tx, scope, WAIT_MS);
        if (taken) await storeOutcomes(tx, [{ ...scope, outcome: { data: { id: 1 } } }]);
        return taken;
      });
    expect([await take(), await take()]).toEqual([true, false]);
    expect(await findKey(store.db, scope)).toMatchObject({ outcome: { data: { id: 1 } } });
  });

  test('is told apart from those that were taken before, whatever their order', async () => {
    const keys = Array.from({ length: 20 }, newScope);
    const odd = (at: number): boolean => at % 2 === 1;
    const take = (some: readonly NewKey[]): Promise<boolean[]> =>
      transact(store.db, async (tx) => {
        const taken = await takeKeys(tx, some, WAIT_MS);
        const outcomes = some.filter((_, at) => taken[at]).map((key) => ({ ...key, outcome: { data: key.key } }));
        await storeOutcomes(tx, outcomes);
        return taken;
      });
    expect(await take(keys.filter((_, at) => odd(at)))).toEqual(Array.from({ length: 10 }, () => true));
    expect(await take(keys.toReversed())).toEqual(keys.map((_, at) => odd(at)));
    for (const key of keys) expect(await findKey(store.db, key)).toMatchObject({ outcome: { data: key.key } });
  });

  test('that a running transaction holds is waited for no longer than asked', async () => {
    const scope = newScope();
    await whileHeld(scope, async () => {
      const taking = transact(store.db, (tx) => takeKey(tx, scope, WAIT_MS));
      await expect(taking).rejects.toBeInstanceOf(KeyIsHeld);
    });
    expect(await transact(store.db, (tx) => takeKey(tx, scope, WAIT_MS))).toBe(false);
  });

  test('whose holder rolls back goes to the one that waits', async () => {
    const scope = newScope();
    const [taken, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const abort = new Error('rolled back');
    const holder = transact(store.another(1).db, async (tx) => {
      await takeKey(tx, scope, WAIT_MS);
      taken.resolve();
      await done.promise;
      throw abort;
    });
    await taken.promise;
    const waiting = transact(store.db, (tx) => takeKey(tx, scope, 10_000));
    await until(
      async () =>
        (
          await store.db.execute(
            sql`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
          )
        ).length > 0,
    );
    done.resolve();
    await expect(holder).rejects.toBe(abort);
    expect(await waiting).toBe(true);
  });

  test('limits the waiting of its own statement, and of no other', async () => {
    const { db } = store.another(1);
    const usual = await lockTimeout(db);
    expect(usual).not.toBe(`${WAIT_MS}ms`);
    const scope = newScope();
    const timeouts = async (tx: Transaction): Promise<string[]> => {
      const before = await lockTimeout(tx);
      await takeKey(tx, scope, WAIT_MS);
      return [before, await lockTimeout(tx)];
    };
    expect(await transact(db, timeouts), 'when it is taken').toEqual([usual, usual]);
    expect(await transact(db, timeouts), 'when it was taken before').toEqual([usual, usual]);
    expect(await lockTimeout(db)).toBe(usual);
    const held = newScope();
    await whileHeld(held, async () => {
      await expect(transact(db, (tx) => takeKey(tx, held, WAIT_MS))).rejects.toBeInstanceOf(KeyIsHeld);
      expect(await lockTimeout(db), 'when it could not be taken').toBe(usual);
    });
  });

  test('is forgotten when it is old, a batch at a time, and not before', async () => {
    await using own = await openStore();
    const { db } = own;
    const old = 2_300;
    await db.execute(sql`INSERT INTO idempotency_keys (caller, field, key, fingerprint, created_at)
      SELECT 'anonymous', 'register', n::text, '', now() - CASE WHEN n <= ${old} THEN interval '73 hours' ELSE interval '71 hours' END
      FROM generate_series(1, ${old + 50}) AS n`);
    const before = new Date(Date.now() - 72 * 60 * 60_000);
    const swept = [await sweepKeys(db, before), await sweepKeys(db, before), await sweepKeys(db, before)];
    expect(swept).toEqual([1_000, 1_000, 300]);
    expect(await sweepKeys(db, before)).toBe(0);
    expect(await db.$count(idempotencyKeys)).toBe(50);
  });
});
