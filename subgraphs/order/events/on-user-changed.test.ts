import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Bus } from '#shared/events/bus.ts';
import { openPostgresBus } from '#shared/events/postgres-bus.ts';
import { migrate } from '#shared/store/migrate.ts';
import { openPostgres, type Database } from '#shared/store/postgres.ts';
import { createDatabase, describeOnPostgres } from '#test/support/database.ts';
import { userEvent } from '#test/support/events.ts';
import { until } from '#test/support/poll.ts';
import { quietLog } from '#test/support/store.ts';
import { isSuspended } from '../store/customers.ts';
import { customers, eventLedger } from '../store/tables.ts';
import { followUsers } from './on-user-changed.ts';

const MIGRATIONS = fileURLToPath(new URL('../store/migrations', import.meta.url));

describeOnPostgres('following users', () => {
  let opened: AsyncDisposableStack;
  let db: Database;
  let bus: Bus;
  let position: number;
  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    const [own, busDatabase] = [opened.use(await createDatabase()), opened.use(await createDatabase())];
    await migrate(own.url, MIGRATIONS);
    db = opened.use(openPostgres({ url: own.url, name: 'test', log: quietLog })).db;
    bus = opened.use(await openPostgresBus({ url: busDatabase.url, name: 'test', log: quietLog }));
    opened.use(await followUsers({ bus, db, log: quietLog }));
    position = 0;
  });
  afterEach(() => opened.disposeAsync());

  const tell = (id: string, version: number, data: Record<string, unknown>): Promise<void> =>
    bus.publish([userEvent({ id, version, position: (position += 1), data })]);
  const untilKnown = (userId: string, revision: number): Promise<unknown> =>
    until(async () =>
      (await db.select().from(customers)).find((row) => row.userId === userId && row.revision === revision),
    );

  test('knows who is suspended, and who is no more', async () => {
    await tell('ada', 1, { status: 'ACTIVE' });
    await tell('bob', 1, { status: 'ACTIVE' });
    await tell('ada', 2, { status: 'SUSPENDED' });
    await untilKnown('ada', 2);
    await untilKnown('bob', 1);
    expect([await isSuspended(db, 'ada'), await isSuspended(db, 'bob')]).toEqual([true, false]);
    await tell('ada', 3, { status: 'ACTIVE' });
    await untilKnown('ada', 3);
    expect(await isSuspended(db, 'ada')).toBe(false);
  });

  test('goes by the latest revision, though an older one comes later', async () => {
    await tell('ada', 2, { status: 'SUSPENDED' });
    await tell('ada', 1, { status: 'ACTIVE' });
    await tell('bob', 1, { status: 'ACTIVE' });
    await untilKnown('ada', 2);
    await until(
      async () => (await db.select().from(eventLedger)).filter(({ state }) => state === 'APPLIED').length === 3,
    );
    expect(await isSuspended(db, 'ada')).toBe(true);
  });

  test('keeps nothing of a malformed user, and holds up no other by it', async () => {
    await tell('ada', 1, { status: undefined });
    await tell('bob', 1, { status: 'SUSPENDED' });
    await untilKnown('bob', 1);
    const refused = await until(async () =>
      (await db.select().from(eventLedger)).find(({ state }) => state === 'RETRYING'),
    );
    expect(refused).toMatchObject({
      record: 'user/ada',
      failures: 1,
      lastError: expect.stringContaining('status') as unknown,
    });
    expect(await db.select().from(customers)).toMatchObject([{ userId: 'bob' }]);
  });
});
