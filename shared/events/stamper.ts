import { sql } from 'drizzle-orm';
import { transact, type Database } from '../store/postgres.ts';
import { lockState } from '../store/service-state.ts';
import type { Counts } from '../worker.ts';

/** NOTIFY channel on which the stamper tells feeds and relays, in this and other processes, that there are new positions. */
export const STAMPED = 'outbox_stamped';

/** One statement's worth: a backlog is worked off in steps that each hold the cursor's lock for some milliseconds. */
const STAMP_BATCH = 2_000;

/**
 * Gives committed, unstamped outbox rows the next positions, in `seq` order. Sequences commit out of order, so `seq > last` would lose
 * rows; here a row is found by having no position, however late it commits. A record's rows keep their order because a later
 * one can draw its `seq` only after the earlier one's transaction has committed. Any number of replicas may stamp: the locked
 * cursor row lets one at a time.
 */
export async function stampOnce(db: Database): Promise<Counts> {
  const stamped = await transact(db, async (tx) => {
    const last = await lockState(tx, 'stamped');
    const rows = await tx.execute(sql`
      WITH next AS (
        SELECT seq, row_number() OVER (ORDER BY seq) AS step
        FROM (SELECT seq FROM outbox WHERE position IS NULL ORDER BY seq LIMIT ${STAMP_BATCH}) AS unstamped
      )
      UPDATE outbox SET position = ${last}::bigint + next.step FROM next WHERE outbox.seq = next.seq`);
    if (rows.count > 0) {
      await tx.execute(sql`UPDATE service_state SET value = ${last + rows.count} WHERE name = 'stamped'`);
      await tx.execute(sql`SELECT pg_notify(${STAMPED}, '')`);
    }
    return rows.count;
  });
  return { stamped };
}
