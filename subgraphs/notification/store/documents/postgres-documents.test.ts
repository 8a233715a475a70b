import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { migrate } from '#shared/store/migrate.ts';
import { openPostgres } from '#shared/store/postgres.ts';
import { createDatabase, describeOnPostgres } from '#test/support/database.ts';
import { describeDocumentStoreContract, type DocumentStorage } from '#test/support/document-store-contract.ts';
import { freePort } from '#test/support/free-port.ts';
import { quietLog } from '#test/support/store.ts';
import { openPostgresDocuments } from './postgres-documents.ts';

const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));

async function newStorage(): Promise<DocumentStorage & { readonly url: string }> {
  await using opened = new AsyncDisposableStack();
  const { url } = opened.use(await createDatabase());
  await migrate(url, MIGRATIONS);
  const nowhere = new URL(url);
  nowhere.port = String(await freePort());
  const running = opened.move();
  const openAt = (address: string): ReturnType<typeof openPostgresDocuments> =>
    openPostgresDocuments(running.use(openPostgres({ url: address, name: 'test', log: quietLog })).db);
  return {
    url,
    open: () => openAt(url),
    openUnreachable: () => openAt(nowhere.href),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

describeOnPostgres('PostgreSQL', () => {
  describeDocumentStoreContract(newStorage);

  test('refuses a collection with a label that has no index', async () => {
    await using storage = await newStorage();
    const store = storage.open();
    await expect(store.collection({ name: 'any', labels: ['owner', 'colour'] })).rejects.toThrow('colour');
  });

  test('finds the page of a label by its index', async () => {
    await using storage = await newStorage();
    await using postgres = openPostgres({ url: storage.url, name: 'test', log: quietLog });
    await postgres.db.execute(sql`
      INSERT INTO documents SELECT 'notifications', id::text, now() - id * interval '1 s', 1,
        jsonb_build_object('owner', (id % 1000)::text), '{}' FROM generate_series(1, 20000) AS id`);
    await postgres.db.execute(sql`ANALYZE documents`);
    const plan = await postgres.db.execute(sql`
      EXPLAIN SELECT id FROM documents
      WHERE collection = 'notifications' AND (labels ->> 'owner') = '7' AND (created_at, id) < (now(), 'a')
      ORDER BY created_at DESC, id DESC LIMIT 20`);
    expect(JSON.stringify(plan)).toContain('documents_by_owner');
    expect(JSON.stringify(plan)).not.toContain('Sort');
  });

  test('leaves the pool to its owner', async () => {
    await using storage = await newStorage();
    await using postgres = openPostgres({ url: storage.url, name: 'test', log: quietLog });
    await openPostgresDocuments(postgres.db)[Symbol.asyncDispose]();
    await expect(postgres.check()).resolves.toBeUndefined();
  });
});
