import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { createDatabase, describeOnPostgres } from '#test/support/database.ts';
import { until } from '#test/support/poll.ts';
import { openStore, quietLog } from '#test/support/store.ts';
import { readState } from '../store/service-state.ts';
import { eventAt } from '../testing/bus-listener.ts';
import { openPostgresBus } from './postgres-bus.ts';
import { startPublishing } from './publishing.ts';

describeOnPostgres('an outbox', () => {
  test('what is forgotten is never more than what is said to be, however many sweep', async () => {
    await using opened = new AsyncDisposableStack();
    const store = opened.use(await openStore());
    const { url } = opened.use(await createDatabase());
    const [old, young] = [6_500, 20];
    await store.db.execute(sql`INSERT INTO outbox (position, event_id, type, subject, revision, data, occurred_at)
    SELECT n, gen_random_uuid(), 'user.created', n, 1, '{}',
      now() - CASE WHEN n <= ${old} THEN interval '73 hours' ELSE interval '0' END
    FROM generate_series(1, ${old + young}) AS n`);
    await store.db.execute(
      sql`INSERT INTO service_state VALUES ('stamped', ${old + young}), ('relayed', ${old + young})`,
    );
    const bus = opened.use(await openPostgresBus({ url, name: 'test', log: quietLog }));
    // What was relayed is on the bus, which says how far it goes.
    await bus.publish([eventAt('user', old + young)]);
    for (let replica = 0; replica < 4; replica += 1) {
      const postgres = store.another(4);
      opened.use(await startPublishing({ source: 'user', postgres, bus, log: quietLog }));
    }
    await until(async () => {
      const [row] = await store.db.execute<{ oldest: string; pruned: string }>(sql`
      SELECT (SELECT min(position) FROM outbox) AS oldest,
        coalesce((SELECT value FROM service_state WHERE name = 'pruned'), 0) AS pruned`);
      expect.soft(Number(row!.pruned)).toBeGreaterThanOrEqual(Number(row!.oldest) - 1);
      return Number(row!.oldest) === old + 1;
    });
    await until(async () => (await readState(store.db, 'pruned')) === old, { deadlineMs: 5_000 });
  });
});
