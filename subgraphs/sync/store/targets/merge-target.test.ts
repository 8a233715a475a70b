import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { REPLICA_TABLES, type Column } from '#sync/domain/replica.ts';
import { createDatabase, describeOnPostgres } from '#test/support/database.ts';
import { createReplicaTables, postgresMergeStore } from '#test/support/postgres-merge-store.ts';
import { describeTargetContract, type TargetStorage } from '#test/support/target-contract.ts';
import { mergeStatement } from './merge-statement.ts';
import { mergeTarget } from './merge-target.ts';

async function newStorage(): Promise<TargetStorage> {
  await using opened = new AsyncDisposableStack();
  const { url } = opened.use(await createDatabase());
  await createReplicaTables(url);
  const sql = postgres(url, { max: 1 });
  opened.defer(() => sql.end());
  const running = opened.move();
  return {
    open: () => Promise.resolve(mergeTarget('oracle', postgresMergeStore(url))),
    read: async (id) => {
      const [row] = await sql<Record<string, Column>[]>`SELECT * FROM users WHERE id = ${id}`;
      return row && { ...row, revision: Number(row['revision']), version: Number(row['version']) };
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

describeOnPostgres("the text of Oracle's MERGE, on PostgreSQL rather than Oracle", () => {
  describeTargetContract('a MERGE', newStorage);

  test.each(Object.entries(REPLICA_TABLES))('every table can be merged into: %s', async (_, table) => {
    await using database = await createDatabase();
    await createReplicaTables(database.url);
    await using store = postgresMergeStore(database.url);
    const statement = mergeStatement(table, store.bind);
    const id = randomUUID();
    const row = statement.columns.map(({ name, kind }) => (name === 'id' ? id : kind === 'integer' ? 3 : '{}'));
    const held = await store.inTransaction(async (tx) => {
      expect(await tx.mergeMany(statement, [row, row])).toEqual([]);
      return tx.lockRows(table.name, [id]);
    });
    expect(held).toEqual(new Map([[id, 3]]));
  });
});

test('what Oracle is sent', () => {
  const table = { name: 'parts', columns: { label: 'text', tags: 'text', weight: 'integer' }, json: ['tags'] } as const;
  const { text, columns } = mergeStatement(table, (position) => `:${position}`);
  expect(text).toBe(
    `MERGE INTO parts t USING (SELECT :1 AS id, :2 AS revision, :3 AS label, :4 AS tags, :5 AS weight FROM dual) s ON (t.id = s.id)
WHEN MATCHED THEN UPDATE SET label = CASE WHEN s.revision > t.revision THEN s.label ELSE t.label END, tags = CASE WHEN s.revision > t.revision THEN s.tags ELSE t.tags END, weight = CASE WHEN s.revision > t.revision THEN s.weight ELSE t.weight END, revision = GREATEST(s.revision, t.revision)
WHEN NOT MATCHED THEN INSERT (id, revision, label, tags, weight) VALUES (s.id, s.revision, s.label, s.tags, s.weight)`,
  );
  expect(columns.map(({ kind }) => kind)).toEqual(['text', 'integer', 'text', 'json', 'integer']);
});
