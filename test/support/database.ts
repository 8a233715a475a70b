import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { describe, inject } from 'vitest';

/** Is there a PostgreSQL to test with? Global setup has looked for one: it says so loudly when there is none, and throws when REQUIRE names it. */
export const hasPostgres = inject('postgresUrl') !== '';

/** A suite that works on a real PostgreSQL. */
export const describeOnPostgres = hasPostgres ? describe : describe.skip; // -- npm test passes where only Node and npm are; REQUIRE forbids the skip

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
}

/** A database of the test's own, dropped when the test is done with it. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const server = inject('postgresUrl');
  await asSuperuser(server, (sql) => sql`CREATE DATABASE ${sql(name)}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => asSuperuser(server, (sql) => sql`DROP DATABASE IF EXISTS ${sql(name)} WITH (FORCE)`),
  };
}

async function asSuperuser(url: string, work: (sql: postgres.Sql) => PromiseLike<unknown>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end();
  }
}
