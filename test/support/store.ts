import { openLog, type Log } from '#shared/log.ts';
import { openPostgres, type Database, type Postgres } from '#shared/store/postgres.ts';
import { createDatabase } from './database.ts';

/** A log that speaks when LOG_LEVEL asks for it. */
export const quietLog: Log = openLog({ service: 'test', level: process.env['LOG_LEVEL'] ?? 'fatal' });

/** A migrated database of the test's own. */
export interface TestStore extends AsyncDisposable {
  readonly url: string;
  readonly postgres: Postgres;
  readonly db: Database;
  /** Another pool on the same database, as another process would have. */
  another(connections?: number): Postgres;
}

/** Sync has every table that shared stores know: keys, outbox, state and ledger. */
export async function openStore(service: 'sync' | 'notification' = 'sync'): Promise<TestStore> {
  await using opened = new AsyncDisposableStack();
  const { url } = opened.use(await createDatabase(service));
  const another = (connections = 10): Postgres =>
    running.use(openPostgres({ url, name: 'test', log: quietLog, connections }));
  const running = opened.move();
  const postgres = another();
  return { url, postgres, db: postgres.db, another, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
