import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { eventually } from '../retry.ts';

/** Any number, the same in every replica of every service. */
const MIGRATION_LOCK = 7_316_542;
/** A first start on a slow machine still finds its database within this. */
const DATABASE_STARTS_WITHIN_MS = 30_000;
/** A migration never waits for its own process: one that was paused must not keep the others from starting. */
const IDLE_MS = 4_000;

/**
 * Brings a database up to the migrations in `folder`. Replicas that start together wait for each other (an advisory lock),
 * and a database that is still starting is waited for.
 */
export async function migrate(url: string, folder: string): Promise<void> {
  await eventually(() => migrateNow(url, folder), { firstMs: 100, longestMs: 1_000, forMs: DATABASE_STARTS_WITHIN_MS });
}

async function migrateNow(url: string, migrationsFolder: string): Promise<void> {
  const client = postgres(url, {
    max: 1,
    connect_timeout: 5,
    fetch_types: false,
    onnotice: () => {},
    connection: {
      application_name: 'migrate',
      idle_session_timeout: IDLE_MS,
      idle_in_transaction_session_timeout: IDLE_MS,
    },
  });
  try {
    await client`SELECT pg_advisory_lock(${MIGRATION_LOCK})`;
    await applyMigrations(drizzle(client), { migrationsFolder });
  } finally {
    await client.end({ timeout: 1 });
  }
}
