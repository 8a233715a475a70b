import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeOnPostgres } from '#test/support/database.ts';
import { until } from '#test/support/poll.ts';
import { openProxy } from '#test/support/postgres-proxy.ts';
import { openStore, quietLog, type TestStore } from '#test/support/store.ts';
import {
  isUnreachable,
  openPostgres,
  sqlQueries,
  sqlState,
  transact,
  violatedUniqueConstraint,
  type Database,
  type Queryable,
  type SqlQuery,
  type Transaction,
} from './postgres.ts';

describeOnPostgres('a transaction', () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await openStore();
    await store.db.execute(sql`CREATE TABLE halves (id uuid, half int, UNIQUE (id, half))`);
    await store.db.execute(sql`CREATE TABLE pair (name text PRIMARY KEY, touched int NOT NULL)`);
    await store.db.execute(sql`CREATE FUNCTION fail(state text) RETURNS void LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'as asked' USING ERRCODE = state; END $$`);
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const insert = (tx: Transaction, id: string, half: number): Promise<unknown> =>
    tx.execute(sql`INSERT INTO halves VALUES (${id}, ${half})`);
  async function halvesOf(id: string): Promise<number> {
    const [row] = await store.db.execute<{ n: number }>(sql`SELECT count(*)::int AS n FROM halves WHERE id = ${id}`);
    return row!.n;
  }

  test.each(['40001', '40P01'])(
    'is run again when the server asks for it with %s, and takes effect once',
    async (state) => {
      const id = randomUUID();
      let runs = 0;
      const answer = await transact(store.db, async (tx) => {
        runs += 1;
        await insert(tx, id, 1);
        if (runs < 3) await tx.execute(sql`SELECT fail(${state})`);
        return `run ${runs}`;
      });
      expect({ answer, halves: await halvesOf(id) }).toEqual({ answer: 'run 3', halves: 1 });
    },
  );

  test('that the server asks for without end is given up with its error', async () => {
    const id = randomUUID();
    let runs = 0;
    const work = async (tx: Transaction): Promise<void> => {
      runs += 1;
      await insert(tx, id, 1);
      await tx.execute(sql`SELECT fail('40001')`);
    };
    const error: unknown = await transact(store.db, work).catch((thrown: unknown) => thrown);
    expect({ state: sqlState(error), runs, halves: await halvesOf(id) }).toEqual({
      state: '40001',
      runs: 5,
      halves: 0,
    });
  });

  test('that fails for another reason is not run again', async () => {
    let runs = 0;
    const id = randomUUID();
    const work = async (tx: Transaction): Promise<void> => {
      runs += 1;
      await insert(tx, id, 1);
      await insert(tx, id, 1);
    };
    const error: unknown = await transact(store.db, work).catch((thrown: unknown) => thrown);
    expect(violatedUniqueConstraint(error)).toBe('halves_id_half_key');
    expect(isUnreachable(error)).toBe(false);
    expect(runs).toBe(1);
  });

  test('that deadlocks with another is run again, and both take effect', async () => {
    await store.db.execute(sql`INSERT INTO pair VALUES ('left', 0), ('right', 0)`);
    const bothHold = Promise.withResolvers<void>();
    let holding = 0;
    let runs = 0;
    const touch = (tx: Transaction, name: string): Promise<unknown> =>
      tx.execute(sql`UPDATE pair SET touched = touched + 1 WHERE name = ${name}`);
    const crossing = (first: string, second: string): Promise<void> =>
      transact(store.db, async (tx) => {
        runs += 1;
        await touch(tx, first);
        holding += 1;
        if (holding === 2) bothHold.resolve();
        await bothHold.promise;
        await touch(tx, second);
      });
    await Promise.all([crossing('left', 'right'), crossing('right', 'left')]);
    expect(runs).toBe(3);
    expect(await store.db.execute(sql`SELECT touched FROM pair`)).toEqual([{ touched: 2 }, { touched: 2 }]);
  });

  describe('whose connection is killed', () => {
    const pidOf = async (tx: Transaction): Promise<number> => {
      const [row] = await tx.execute<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`);
      return row!.pid;
    };
    const kill = (pid: number): Promise<unknown> => store.db.execute(sql`SELECT pg_terminate_backend(${pid})`);
    const answers = (db: Database): Promise<unknown> =>
      until(async () => (await db.execute(sql`SELECT 1 AS one`)).length === 1, { what: 'an answer from the pool' });

    test('in a statement is lost, and the pool works on', async () => {
      const { db } = store.another(1);
      const id = randomUUID();
      const work = async (tx: Transaction): Promise<void> => {
        await insert(tx, id, 1);
        await tx.execute(sql`SELECT pg_terminate_backend(pg_backend_pid())`);
      };
      const error: unknown = await transact(db, work).catch((thrown: unknown) => thrown);
      expect(isUnreachable(error)).toBe(true);
      await answers(db);
      expect(await halvesOf(id)).toBe(0);
    });

    test('in a savepoint is lost, and the pool works on', async () => {
      const { db } = store.another(1);
      const id = randomUUID();
      const work = async (tx: Transaction): Promise<void> => {
        await insert(tx, id, 1);
        await tx.transaction((inner) => inner.execute(sql`SELECT pg_terminate_backend(pg_backend_pid())`));
      };
      await expect(transact(db, work)).rejects.toThrow();
      await answers(db);
      expect(await halvesOf(id)).toBe(0);
    });

    test('by a reset is lost, and the pool works on', async () => {
      await using proxy = await openProxy(store.url);
      await using pool = openPostgres({ url: proxy.url, name: 'test', log: quietLog, connections: 1 });
      const id = randomUUID();
      for (let round = 0; round < 5; round += 1) {
        const sleeping = Promise.withResolvers<number>();
        const running = transact(pool.db, async (tx) => {
          await insert(tx, id, 1);
          sleeping.resolve(await pidOf(tx));
          await tx.execute(sql`SELECT pg_sleep(60)`);
        }).catch((thrown: unknown) => thrown);
        const pid = await sleeping.promise;
        const active = sql`SELECT FROM pg_stat_activity WHERE pid = ${pid} AND state = 'active'`;
        await until(async () => (await store.db.execute(active)).length === 1);
        proxy.reset();
        expect(isUnreachable(await running)).toBe(true);
        // The server does not notice while it sleeps, and would hold its locks.
        await kill(pid);
        // A connection that was spoilt answers only after it has timed out some times.
        await until(async () => (await pool.db.execute(sql`SELECT 1`)).length === 1, { deadlineMs: 4_000 });
      }
      expect(await halvesOf(id)).toBe(0);
    });

    test('between statements fails at once, and says and writes nothing afterwards, not even in the transaction that has its place', async () => {
      const { db } = store.another(1);
      const [id, other] = [randomUUID(), randomUUID()];
      const [goOn, wentOn] = [Promise.withResolvers<void>(), Promise.withResolvers<unknown>()];
      const work = async (tx: Transaction): Promise<void> => {
        await insert(tx, id, 1);
        await kill(await pidOf(tx));
        await goOn.promise;
        // Swallowed, as careless code would: it must not reach the server, nor must the commit that follows.
        wentOn.resolve(await insert(tx, id, 2).catch((error: unknown) => error));
      };
      await expect(transact(db, work)).rejects.toThrow(/CONNECTION_CLOSED|ECONNRESET/);
      await answers(db);
      const abort = new Error('the second transaction rolls back');
      const second = transact(db, async (tx) => {
        await insert(tx, other, 1);
        goOn.resolve();
        expect(await wentOn.promise).toBeInstanceOf(Error);
        // While nothing of its own is under way, a stray commit would go through.
        await store.db.execute(sql`SELECT pg_sleep(0.05)`);
        await insert(tx, other, 2);
        throw abort;
      });
      await expect(second).rejects.toBe(abort);
      expect([await halvesOf(id), await halvesOf(other)]).toEqual([0, 0]);
      await answers(db);
    });

    test('again and again under load is wholly there or not at all, and the pool works on', async () => {
      const { db } = store.another(5);
      const [ids, committed]: [string[], string[]] = [[], []];
      let killed = 0;
      const write = async (): Promise<void> => {
        const id = randomUUID();
        ids.push(id);
        await transact(db, async (tx) => {
          await insert(tx, id, 1);
          await tx.execute(sql`SELECT pg_sleep(random() * 0.005)`);
          await tx.transaction((inner) => insert(inner, id, 2));
        });
        committed.push(id);
      };
      const writer = async (): Promise<void> => {
        while (killed < 40) await write().catch(() => db.execute(sql`SELECT 1`).catch(() => undefined));
      };
      const killer = async (): Promise<void> => {
        while (killed < 40) {
          const rows = await store.db.execute(sql`SELECT pg_terminate_backend(pid), pg_sleep(0.05) FROM (
            SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL LIMIT 2) AS busy`);
          killed += rows.length;
        }
      };
      await Promise.all([killer(), ...Array.from({ length: 12 }, writer)]);
      await answers(db);
      const rows = await store.db.execute<{ id: string; n: number }>(
        sql`SELECT id, count(*)::int AS n FROM halves GROUP BY id`,
      );
      const kept = new Map(rows.map(({ id, n }) => [id, n]));
      expect(
        ids.filter((id) => kept.get(id) === 1),
        'half there',
      ).toEqual([]);
      expect(
        committed.filter((id) => !kept.has(id)),
        'acknowledged and lost',
      ).toEqual([]);
      expect(committed.length, 'some were lost').toBeLessThan(ids.length);
    });
  });
});

describeOnPostgres('a pool', () => {
  test('tells whoever counts of every query, inside and outside transactions, and of no parameter', async () => {
    await using store = await openStore();
    const marker = randomUUID();
    const queries: SqlQuery[] = [];
    const count = (message: unknown): void => {
      if ((message as SqlQuery).query.includes(marker)) queries.push(message as SqlQuery);
    };
    const ask = (db: Queryable): Promise<unknown> =>
      db.execute(sql`SELECT ${'secret'}::text ${sql.raw(`/* ${marker} */`)}`);
    sqlQueries.subscribe(count);
    try {
      await ask(store.db);
      await transact(store.db, async (tx) => {
        await ask(tx);
        await tx.transaction(ask);
      });
    } finally {
      sqlQueries.unsubscribe(count);
    }
    await ask(store.db);
    expect(queries).toEqual(Array.from({ length: 3 }, () => ({ query: `SELECT $1::text /* ${marker} */` })));
  });
});
