import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { canonical, ENTITIES, hashOf, type Copy } from '#scripts/verify/records.ts';
import { replicaOf, type Replica } from '#sync/domain/replica.ts';
import type { MergeStore, MergeTransaction } from '#sync/store/targets/merge-target.ts';
import { mergeTarget } from '#sync/store/targets/merge-target.ts';
import { createDatabase, describeOnPostgres } from '../support/database.ts';
import { userEvent } from '../support/events.ts';
import { until } from '../support/poll.ts';
import { createReplicaTables, postgresMergeStore } from '../support/postgres-merge-store.ts';

/** The store, with its transactions as `around` changes them. */
const changed = (
  store: MergeStore,
  around: (tx: MergeTransaction, work: (tx: MergeTransaction) => Promise<unknown>) => Promise<unknown>,
): MergeStore => ({
  bind: store.bind,
  inTransaction: async <T>(work: (tx: MergeTransaction) => Promise<T>) =>
    store.inTransaction(async (tx) => (await around(tx, work)) as T),
  check: () => store.check(),
  [Symbol.asyncDispose]: async () => store[Symbol.asyncDispose](),
});

/** The planted bug: whoever comes second holds a unique violation for "somebody has written it already". */
const swallowing = (store: MergeStore): MergeStore =>
  changed(store, (tx, work) =>
    work({
      ...tx,
      mergeMany: async (statement, rows) =>
        (await tx.mergeMany(statement, rows)).filter(({ reason }) => reason !== 'INSERT_RACE'),
    }),
  );

/** And believes that it has written what it has sent. */
const believing = (store: MergeStore): MergeStore =>
  changed(store, (tx, work) => {
    const sent = new Map<string, number>();
    return work({
      lockRows: async (table, ids) => new Map([...(await tx.lockRows(table, ids)), ...sent]),
      mergeMany: async (statement, rows) => {
        for (const [id, revision] of rows) sent.set(String(id), Number(revision));
        return tx.mergeMany(statement, rows);
      },
    });
  });

/**
 * Two replicas of the service write the same new records at the same moment, one an older version of each. The race is certain, not
 * likely: the first does not commit before the second waits for its rows.
 */
describeOnPostgres('two who merge the same new records at once (the MERGE of Oracle on PostgreSQL)', () => {
  const ids = Array.from({ length: 20 }, () => randomUUID());
  const replicas = (version: number): Replica[] =>
    ids.map((id) => replicaOf('USER', userEvent({ id, version, position: version }).event));
  const newest = replicas(2);
  let opened: AsyncDisposableStack;
  let sql: postgres.Sql;
  let first: MergeStore;
  let second: MergeStore;
  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    const { url } = opened.use(await createDatabase());
    await createReplicaTables(url);
    sql = postgres(url, { max: 1 });
    opened.defer(() => sql.end());
    first = opened.use(postgresMergeStore(url, 'first'));
    second = opened.use(postgresMergeStore(url, 'second'));
  });
  afterEach(() => opened.disposeAsync());

  const secondWaits = async (): Promise<boolean> => {
    const waiting = await sql`SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'second' AND wait_event_type = 'Lock'`;
    return waiting.length === 1;
  };

  /** The older versions are merged, the newer ones meet them uncommitted, and then both go on. */
  async function race(later: MergeStore): Promise<PromiseSettledResult<unknown>> {
    const merged = Promise.withResolvers<void>();
    const holding = changed(first, async (tx, work) => {
      const result = await work(tx);
      merged.resolve();
      await until(secondWaits, { what: 'the second to wait for the first' });
      return result;
    });
    const older = mergeTarget('first', holding).apply('USER', replicas(1));
    // Else a first that fails would be waited for without end.
    await Promise.race([merged.promise, older]);
    const [newer] = await Promise.allSettled([mergeTarget('second', later).apply('USER', newest)]);
    await older;
    return newer;
  }

  /** The checker's rule of convergence: a copy holds the newest revision, with the very content. */
  async function behind(): Promise<string[]> {
    const names = Object.keys(ENTITIES.USER.columns);
    const copyOf = (id: string, revision: unknown, columns: Readonly<Record<string, unknown>>): Copy => ({
      key: id,
      revision: Number(revision),
      columns: Object.fromEntries(
        Object.entries(ENTITIES.USER.columns).map(([name, kind]) => [name, canonical(kind, columns[name])]),
      ),
    });
    const rows = await sql<Record<string, unknown>[]>`SELECT * FROM users`;
    const copies = new Map(rows.map((row) => [row['id'], copyOf(String(row['id']), row['revision'], row)]));
    return newest
      .filter(({ id, revision, columns }) => {
        const copy = copies.get(id);
        if (copy?.revision !== revision) return true;
        return hashOf(copy, names) !== hashOf(copyOf(id, revision, columns), names);
      })
      .map(({ id }) => id);
  }

  test('both come through, and every copy is the newest', async () => {
    expect(await race(second)).toEqual({
      status: 'fulfilled',
      value: ids.toSorted().map((id) => ({ id, targetRevision: 2 })),
    });
    expect(await behind()).toEqual([]);
  });

  test('without the retry the copy that was raced for stays behind, while it is said to be applied', async () => {
    const outcome = await race(swallowing(believing(second)));
    expect(outcome).toMatchObject({
      status: 'fulfilled',
      value: ids.toSorted().map((id) => ({ id, targetRevision: 2 })),
    });
    // Of the others the second finds what the first has committed meanwhile.
    expect(await behind()).toEqual(ids.toSorted().slice(0, 1));
  });

  test('without the retry alone, reading back keeps what was lost from being said to be applied', async () => {
    const outcome = await race(swallowing(second));
    expect(outcome).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/is held at 1$/) } });
    expect(await behind()).toEqual(ids);
  });
});
