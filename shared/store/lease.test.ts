import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeOnPostgres } from '#test/support/database.ts';
import { until } from '#test/support/poll.ts';
import { openStore, type TestStore } from '#test/support/store.ts';
import { fenced, Lease, type Fence } from './lease.ts';
import { advanceState, readState } from './service-state.ts';

describeOnPostgres('a lease', () => {
  let store: TestStore;
  beforeEach(async () => {
    store = await openStore();
  });
  afterEach(() => store[Symbol.asyncDispose]());

  const newLease = (): Lease => new Lease({ db: store.db, name: 'work' });
  const tenure = (fence: Fence): Promise<Fence> => Promise.resolve(fence);
  const lapse = (): Promise<unknown> => store.db.execute(sql`UPDATE leases SET expires_at = clock_timestamp()`);
  /** However slow the machine is today. */
  const last = (): Promise<unknown> =>
    store.db.execute(sql`UPDATE leases SET expires_at = clock_timestamp() + interval '1 hour'`);
  const move = (fence: Fence, step: { from: number; to: number }): Promise<boolean | undefined> =>
    fenced(store.db, fence, (tx) => advanceState(tx, 'relayed', step));

  test('is held by one of many who want it at once, and kept by that one', async () => {
    const many = Array.from({ length: 20 }, newLease);
    const first = await Promise.all(many.map((lease) => lease.during(tenure)));
    expect(first.filter((fence) => fence !== undefined)).toEqual([{ name: 'work', token: 1 }]);
    await last();
    expect(await Promise.all(many.map((lease) => lease.during(tenure)))).toEqual(first);
  });

  test('is taken over when it has lapsed, with a higher token, and not taken back meanwhile', async () => {
    const [one, other] = [newLease(), newLease()];
    expect(await one.during(tenure)).toMatchObject({ token: 1 });
    await last();
    expect(await other.during(tenure)).toBeUndefined();
    await lapse();
    expect(await other.during(tenure)).toMatchObject({ token: 2 });
    await until(async () => (await one.during(tenure)) === undefined);
  });

  test('that was taken over lets its former holder write nothing, though no other has written yet', async () => {
    const [one, other] = [newLease(), newLease()];
    const [paused, resumed] = [Promise.withResolvers<Fence>(), Promise.withResolvers<void>()];
    const late = one.during(async (fence) => {
      paused.resolve(fence);
      await resumed.promise;
      return move(fence, { from: 0, to: 7 });
    });
    const { token } = await paused.promise;
    // Its holder renews it as long as it works, unless somebody else was there first.
    await until(async () => {
      await lapse();
      return other.during(tenure);
    });
    resumed.resolve();
    expect(await late).toBeUndefined();
    expect(await readState(store.db, 'relayed')).toBe(0);
    const now = await other.during(tenure);
    expect(now!.token).toBeGreaterThan(token);
    expect(await move(now!, { from: 0, to: 5 })).toBe(true);
    expect(await readState(store.db, 'relayed')).toBe(5);
  });

  test('is not taken over in the middle of what its holder writes', async () => {
    const [one, other] = [newLease(), newLease()];
    const [inside, finish] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const fence = await one.during(tenure);
    await lapse();
    const writing = fenced(store.db, fence!, async (tx) => {
      inside.resolve();
      await finish.promise;
      return advanceState(tx, 'relayed', { from: 0, to: 3 });
    });
    await inside.promise;
    const seen: number[] = [];
    const taking = other.during(async () => void seen.push(await readState(store.db, 'relayed')));
    await until(async () => (await waiting()) > 0);
    expect(seen).toEqual([]);
    finish.resolve();
    expect(await writing).toBe(true);
    await taking;
    expect(seen).toEqual([3]);
  });

  test('is renewed while its holder works, and outlives its term', async () => {
    const [one, other] = [newLease(), newLease()];
    const done = Promise.withResolvers<void>();
    const expiry = async (): Promise<number> => {
      const [row] = await store.db.execute<{ at: number }>(
        sql`SELECT extract(epoch FROM expires_at)::float8 AS at FROM leases`,
      );
      return row?.at ?? 0;
    };
    const working = one.during(() => done.promise);
    await until(async () => (await expiry()) > 0);
    const first = await expiry();
    // By then the first term is over.
    await until(async () => (await expiry()) > first + 3);
    expect(await other.during(tenure)).toBeUndefined();
    done.resolve();
    await working;
  });

  test('that is given back is taken at once, also by who gave it back, each time with a higher token', async () => {
    const [one, other] = [newLease(), newLease()];
    expect(await one.during(tenure)).toMatchObject({ token: 1 });
    await last();
    await other.release();
    expect(await other.during(tenure), 'it was not theirs to give').toBeUndefined();
    await one.release();
    expect(await other.during(tenure)).toMatchObject({ token: 2 });
    await last();
    await other.release();
    expect(await other.during(tenure)).toMatchObject({ token: 3 });
  });

  test('of one name says nothing of another', async () => {
    expect(await newLease().during(tenure)).toMatchObject({ token: 1 });
    expect(await new Lease({ db: store.db, name: 'other work' }).during(tenure)).toMatchObject({ token: 1 });
  });

  /** Statements that wait for a lock. */
  async function waiting(): Promise<number> {
    const [row] = await store.db.execute<{ n: number }>(
      sql`SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
    );
    return row?.n ?? 0;
  }
});
