import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOnPostgres } from '#test/support/database.ts';
import { openStore, type TestStore } from '#test/support/store.ts';
import { transact, type Queryable } from './postgres.ts';

describeOnPostgres('a statement', () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await openStore();
  });
  afterAll(() => store[Symbol.asyncDispose]());

  /** How many statements with this mark a connection keeps prepared. */
  async function prepared(db: Queryable, mark: string): Promise<number> {
    const rows = await db.execute(
      sql`SELECT FROM pg_prepared_statements WHERE statement LIKE ${`%${mark}%`} AND statement NOT LIKE '%pg_prepared%'`,
    );
    return rows.length;
  }
  const ask = async (db: Queryable, mark: string, value: number): Promise<unknown> =>
    (await db.execute<{ value: number }>(sql`SELECT ${value}::int AS value, ${sql.raw(`'${mark}'`)} AS mark`))[0]
      ?.value;

  test('is prepared once, in and out of transactions, whatever its values', async () => {
    const { db } = store.another(1);
    expect(await ask(db, 'outside', 1)).toBe(1);
    await transact(db, async (tx) => {
      expect(await ask(tx, 'outside', 2)).toBe(2);
      await tx.transaction(async (inner) => expect(await ask(inner, 'outside', 3)).toBe(3));
      await tx.transaction((inner) => ask(inner, 'nested', 4));
    });
    expect([await prepared(db, 'outside'), await prepared(db, 'nested')]).toEqual([1, 1]);
  });

  test('of a long list is not: it comes in as many forms as there are lengths', async () => {
    const { db } = store.another(1);
    const list = sql.join(
      Array.from({ length: 40 }, (_, at) => sql`${at}::int`),
      sql`, `,
    );
    expect(await db.execute(sql`SELECT 'long' AS mark WHERE 7 IN (${list})`)).toHaveLength(1);
    expect(await prepared(db, 'long')).toBe(0);
  });

  test('that is sent before the last one is answered is carried out after it', async () => {
    const { db } = store.another(1);
    await db.execute(sql`CREATE TABLE numbers (at serial, n int)`);
    for (const round of [0, 1]) {
      await transact(db, (tx) =>
        Promise.all(
          Array.from({ length: 10 }, (_, n) =>
            tx.execute(sql`INSERT INTO numbers (n) VALUES (${round * 10 + n}::int)`),
          ),
        ),
      );
    }
    const rows = await db.execute<{ n: number }>(sql`SELECT n FROM numbers ORDER BY at`);
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });
});
