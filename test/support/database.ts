import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { describe, inject } from 'vitest';
import { migrate } from '#shared/store/migrate.ts';

/** Is there a PostgreSQL to test with? Global setup has looked for one: it says so loudly when there is none, and throws when REQUIRE names it. */
export const hasPostgres = inject('postgresUrl') !== '';

/** A suite that works on a real PostgreSQL. */
export const describeOnPostgres = hasPostgres ? describe : describe.skip; // -- npm test passes where only Node and npm are; REQUIRE forbids the skip

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
}

/** Whose tables a database has. */
export type Schema = 'user' | 'order' | 'inventory' | 'notification' | 'sync' | 'bus';

/**
 * A database of the test's own, dropped when the test is done with it: an empty one, or one that this schema's migrations have run in.
 */
export async function createDatabase(schema?: Schema): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const server = inject('postgresUrl');
  await asSuperuser(server, async (sql) => {
    const template = schema === undefined ? 'template1' : await templateOf(schema, sql);
    // Copied file by file: quicker than block by block through the log.
    await sql`CREATE DATABASE ${sql(name)} TEMPLATE ${sql(template)} STRATEGY file_copy`;
  });
  return {
    url: urlOf(name),
    [Symbol.asyncDispose]: () => asSuperuser(server, (sql) => sql`DROP DATABASE IF EXISTS ${sql(name)} WITH (FORCE)`),
  };
}

/** Any number that is not the migrations'. */
const TEMPLATE_LOCK = 7_316_543;
const ROOT = new URL('../../', import.meta.url);

/** Migrates once for the whole run what every database of this schema is then a copy of. */
async function templateOf(schema: Schema, sql: postgres.Sql): Promise<string> {
  const template = `template_${schema}`;
  await sql`SELECT pg_advisory_lock(${TEMPLATE_LOCK})`;
  const [made] = await sql`SELECT FROM pg_database WHERE datname = ${template}`;
  if (made === undefined) {
    const making = `making_${template}`;
    await sql`CREATE DATABASE ${sql(making)}`;
    await migrate(urlOf(making), fileURLToPath(migrationsOf(schema)));
    await sql`ALTER DATABASE ${sql(making)} RENAME TO ${sql(template)}`;
  }
  await sql`SELECT pg_advisory_unlock(${TEMPLATE_LOCK})`;
  return template;
}

function migrationsOf(schema: Schema): URL {
  const folder = schema === 'bus' ? 'shared/events/postgres-bus-migrations' : `subgraphs/${schema}/store/migrations`;
  return new URL(folder, ROOT);
}

function urlOf(database: string): string {
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${database}`;
  return url.href;
}

async function asSuperuser(url: string, work: (sql: postgres.Sql) => PromiseLike<unknown>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end();
  }
}
