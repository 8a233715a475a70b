import { copyFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import postgres from 'postgres';

/** Where something is planted: a service's database, or the file of the system of record. */
export type PlantedPlace = 'user' | 'order' | 'inventory' | 'notification' | 'sync' | 'bus' | 'oracle';

export interface Plant {
  readonly in: PlantedPlace;
  readonly sql: string;
}

interface Places {
  readonly databaseUrls: Readonly<Record<Exclude<PlantedPlace, 'oracle'>, string>>;
  readonly oracleFile: string;
}

/** What else keeps such rows from being there; the checker must not depend on it. */
const GUARDS: readonly Plant[] = [
  { in: 'inventory', sql: 'ALTER TABLE products DROP CONSTRAINT products_never_oversold' },
  { in: 'inventory', sql: 'DROP INDEX inventory_operations_step' },
  { in: 'user', sql: 'DROP INDEX users_email' },
];

/** The stores of a stopped system, into which breaches are planted and taken out again. */
export class PlantedRows {
  readonly #places: Places;
  readonly #touched = new Set<PlantedPlace>();

  private constructor(places: Places) {
    this.#places = places;
  }

  /** Keeps everything as it is now, and takes away the constraints that would refuse a breach. */
  static async open(places: Places): Promise<PlantedRows> {
    const rows = new PlantedRows(places);
    await copyFile(places.oracleFile, `${places.oracleFile}.kept`);
    for (const url of Object.values(places.databaseUrls)) {
      await inDatabase(url, async (sql) => {
        await sql`CREATE SCHEMA kept`;
        for (const table of await tablesOf(sql)) await sql`CREATE TABLE kept.${sql(table)} AS TABLE ${sql(table)}`;
      });
    }
    for (const guard of GUARDS) await rows.plant([guard]);
    return rows;
  }

  async plant(plants: readonly Plant[]): Promise<void> {
    for (const { in: place, sql: text } of plants) {
      this.#touched.add(place);
      if (place === 'oracle') {
        using file = new DatabaseSync(this.#places.oracleFile);
        file.exec(text);
      } else await inDatabase(this.#places.databaseUrls[place], (sql) => sql.unsafe(text));
    }
  }

  /** Puts everything back as it was. */
  async restore(): Promise<void> {
    for (const place of this.#touched) {
      if (place === 'oracle') await copyFile(`${this.#places.oracleFile}.kept`, this.#places.oracleFile);
      else await inDatabase(this.#places.databaseUrls[place], restoreTables);
    }
    this.#touched.clear();
  }

  /** One text for all rows that there are, which no write leaves as it was. */
  async checksums(): Promise<string[]> {
    const sums = Object.values(this.#places.databaseUrls).map((url) =>
      inDatabase(url, async (sql) => {
        const tables = (await tablesOf(sql)).toSorted();
        const all = tables.map(
          async (table) =>
            await sql`SELECT ${table} AS name, md5(string_agg(xmin::text || t::text, '' ORDER BY ctid)) AS sum FROM ${sql(table)} AS t`,
        );
        return JSON.stringify(await Promise.all(all));
      }),
    );
    return Promise.all(sums);
  }
}

async function restoreTables(sql: postgres.Sql): Promise<void> {
  await sql.begin(async (tx) => {
    // Tables refer to each other, and each is emptied by itself.
    await tx`SET LOCAL session_replication_role = replica`;
    for (const table of await tablesOf(tx)) {
      await tx`DELETE FROM ${tx(table)}`;
      await tx`INSERT INTO ${tx(table)} SELECT * FROM kept.${tx(table)}`;
    }
  });
}

async function tablesOf(sql: postgres.ISql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`;
  return rows.map(({ name }) => name);
}

async function inDatabase<T>(url: string, work: (sql: postgres.Sql) => PromiseLike<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
