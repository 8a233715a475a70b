import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeOnPostgres } from '#test/support/database.ts';
import { until } from '#test/support/poll.ts';
import { openProxy } from '#test/support/postgres-proxy.ts';
import { openStore, quietLog, type TestStore } from '#test/support/store.ts';
import { openPostgres, sqlState, transact, type Postgres } from './postgres.ts';

type Proxy = Awaited<ReturnType<typeof openProxy>>;

describeOnPostgres('a connection whose earlier life ended in a statement', () => {
  let opened: AsyncDisposableStack;
  let store: TestStore;
  let proxy: Proxy;
  let pool: Postgres;
  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    store = opened.use(await openStore());
    await store.db.execute(sql`CREATE TABLE notes (note text)`);
    proxy = opened.use(await openProxy(store.url));
    pool = opened.use(openPostgres({ url: proxy.url, name: 'test', log: quietLog, connections: 1 }));
  });
  afterEach(() => opened.disposeAsync());

  const failure = (work: PromiseLike<unknown>): Promise<unknown> =>
    Promise.resolve(work).then(
      () => undefined,
      (error: unknown) => error,
    );

  /** Leaves the pool's one connection with an error to tell that was meant for nobody. */
  async function spoil(code: string): Promise<void> {
    // A statement that is under way for as long as it takes to break its connection: nobody waits for its end.
    const broken = failure(pool.db.execute(sql`SELECT pg_sleep(60)`));
    const asleep = sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`;
    await until(async () => (await store.db.execute(asleep)).length === 1);
    proxy.refuse(code);
    proxy.reset();
    await broken;
    const waiting = failure(pool.db.execute(sql`SELECT 1`));
    // It connects again and again, and keeps the error to itself, until it cannot connect at all.
    await until(() => proxy.refused >= 2);
    proxy.refuse(undefined);
    expect(await waiting).toBeInstanceOf(Error);
    proxy.admit();
  }

  const notes = async (): Promise<unknown[]> => [...(await store.db.execute(sql`SELECT note FROM notes`))];

  test.each(['57P03', '53300', '57P01'])('reads, though the server had said %s to it', async (code) => {
    await spoil(code);
    expect([...(await pool.db.execute(sql`SELECT 1 AS one`))]).toEqual([{ one: 1 }]);
    expect(await pool.db.select({ one: sql`1` }).from(sql`notes`)).toEqual([]);
  });

  test.each(['57P03', '57P01'])('carries out a transaction once, though the server had said %s to it', async (code) => {
    await spoil(code);
    await transact(pool.db, (tx) => tx.execute(sql`INSERT INTO notes VALUES ('written')`));
    expect(await notes()).toEqual([{ note: 'written' }]);
  });

  test('writes once when the server had said that it was starting', async () => {
    await spoil('57P03');
    await pool.db.execute(sql`INSERT INTO notes VALUES ('written')`);
    expect(await notes()).toEqual([{ note: 'written' }]);
  });

  test('does not write again what the server may have carried out', async () => {
    await spoil('57P01');
    const error = await failure(pool.db.execute(sql`INSERT INTO notes VALUES ('written')`));
    expect([sqlState(error), await notes()]).toEqual(['57P01', []]);
  });
});
