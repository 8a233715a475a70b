import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import postgres from 'postgres';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DocumentStore } from '#notification/store/documents/document-store.ts';
import { openMongoDocuments } from '#notification/store/documents/mongo-documents.ts';
import { openPostgresDocuments } from '#notification/store/documents/postgres-documents.ts';
import { made } from '#notification/domain/notification.ts';
import { Notifications } from '#notification/store/notifications.ts';
import { Profiles } from '#notification/store/profiles.ts';
import { openPostgres } from '#shared/store/postgres.ts';
import type { TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { createMongodb, describeOnMongodb } from '../support/mongodb.ts';
import { until } from '../support/poll.ts';
import { quietLog } from '../support/store.ts';
import { openSystem, type System } from '../support/system.ts';

const MANY = 100;
const ORDER = `id status user { name } total { amount }
  items { quantity product { name available operations(first: 2) { edges { node { type product { name } } } } } }
  syncState { target state }`;
const NOTIFICATION = 'id subject status user { name email }';
const USER = `id name syncState { target state }
  orders(first: 2) { edges { node { ${ORDER} } } }
  notifications(first: 2) { edges { node { ${NOTIFICATION} } } }
  unreadCount
  notificationProfile { name user { email } }`;

/** Every list that the graph offers, with all that hangs on its records in other services; `$n` records of each. */
const LISTS: Readonly<Record<string, string>> = {
  users: `users(first: $n) { edges { node { ${USER} } } }`,
  orders: `orders(first: $n) { edges { node { ${ORDER} } } }`,
  products: `products(first: $n) { edges { node { name syncState { target state }
    operations(first: 2) { edges { node { type product { name } } } } } } }`,
  inventoryOperations: 'inventoryOperations(first: $n) { edges { node { type product { name available } } } }',
  notifications: `notifications(first: $n) { edges { node { ${NOTIFICATION} user { ${USER} } } } }`,
  notificationProfiles: `notificationProfiles(first: $n) { edges { node { name user { ${USER} } } } }`,
  deadLetters: 'deadLetters(pipeline: "users-to-oracle", first: $n) { edges { node { eventId recordId payload } } }',
  unsyncedRecords: `unsyncedRecords(first: $n) { edges { node { state user { ${USER} } } } }`,
};

/** The queries that requests send; the services' workers ask the same tables, but only to lock rows or by the label of their work. */
const OF_REQUESTS =
  /^\s*(?:select|with)\b(?!.*\bfor update\b)(?!.*'work').*\bfrom\b.*"(?:users|orders|products|inventory_operations|record_syncs|event_ledger|documents)"/is;

describeOnPostgres.each([
  { kept: 'PostgreSQL', describeKept: describe },
  { kept: 'MongoDB', describeKept: describeOnMongodb },
])('with notifications kept in $kept', ({ kept, describeKept }) => {
  describeKept('a list of 100 takes as many queries as a list of 1', () => {
    const opened = new AsyncDisposableStack();
    let system: System;
    let admin: TestClient;
    beforeAll(async () => {
      const mongodb = kept === 'MongoDB' ? opened.use(createMongodb()).url : undefined;
      system = opened.use(await openSystem(mongodb === undefined ? {} : { mongodbUrl: mongodb }));
      admin = await system.admin();
      await fill(system, mongodb);
    });
    afterAll(() => opened.disposeAsync());

    test.each(Object.keys(LISTS))('%s', async (field) => {
      const ofOne = await queriesOf(admin, field, 1);
      const ofMany = await queriesOf(admin, field, MANY);
      expect(ofMany.records, 'the list is as long as asked for').toBe(MANY);
      expect(ofOne.sql.length + ofOne.documents.length, 'queries are seen').toBeGreaterThan(0);
      expect(shapesOf(ofMany.sql)).toEqual(shapesOf(ofOne.sql));
      expect(ofMany.documents).toEqual(ofOne.documents);
    });

    test('availability of 100 products', async () => {
      const items = (count: number): unknown =>
        Array.from({ length: count }, (_, at) => ({ productId: `P-${at + 1}`, quantity: 1 }));
      const ask = (count: number) => (): Promise<unknown> =>
        admin.ask(
          'query ($items: [LineInput!]!) { checkAvailability(items: $items) { sufficient product { name } } }',
          {
            items: items(count),
          },
        );
      const [one, many] = [await seenWhile(ask(1)), await seenWhile(ask(MANY))];
      expect(one.sql).toHaveLength(1);
      expect(many.sql).toHaveLength(1);
    });
  });
});

interface Seen {
  readonly sql: string[];
  readonly documents: string[];
}

async function queriesOf(client: TestClient, field: string, count: number): Promise<Seen & { records: number }> {
  let records = 0;
  const seen = await seenWhile(async () => {
    const data = await client.ask(`query List($n: Int!) { ${LISTS[field]} }`, { n: count });
    records = data[field].edges.length;
  });
  return { ...seen, records };
}

/** What the services, which run in this process, ask their databases meanwhile. */
async function seenWhile(work: () => Promise<unknown>): Promise<Seen> {
  const seen: Seen = { sql: [], documents: [] };
  const onSql = (message: unknown): void => {
    const { query } = message as { query: string };
    if (OF_REQUESTS.test(query)) seen.sql.push(query);
  };
  const onDocuments = (message: unknown): void => {
    const { operation, collection } = message as { operation: string; collection: string };
    // Queries only read; and workers list what they have to do.
    if (['get', 'listEach', 'countEach'].includes(operation)) seen.documents.push(`${operation} ${collection}`);
  };
  subscribe('lockstep:sql', onSql);
  subscribe('lockstep:documents', onDocuments);
  try {
    await work();
  } finally {
    unsubscribe('lockstep:sql', onSql);
    unsubscribe('lockstep:documents', onDocuments);
  }
  seen.documents.sort();
  return seen;
}

/** The statements without what depends on how many records they are about. */
function shapesOf(sql: readonly string[]): string[] {
  return sql.map((query) => query.replaceAll(/\(\$\d+(?:, ?\$\d+)*\)/g, '($…)').replaceAll(/\$\d+/g, '$n')).toSorted();
}

/** Puts 100 users with 2 orders and 2 notifications each, and 100 products with 2 operations each, into the services' stores. */
async function fill({ databaseUrls }: System, mongodb: string | undefined): Promise<void> {
  const userIds = Array.from({ length: MANY }, () => v7());
  const productIds = userIds.map((_, at) => `P-${at + 1}`);
  const at = new Date();
  await inDatabase(databaseUrls.user, async (sql) => {
    const users = userIds.map((id) => ({
      id,
      first_name: 'Ada',
      last_name: id,
      email: `${id}@example.com`,
      password_hash: '',
      status: 'ACTIVE',
      role: 'CUSTOMER',
      version: 1,
      created_at: at,
      updated_at: at,
    }));
    await sql`INSERT INTO users ${sql(users)}`;
  });
  await inDatabase(databaseUrls.inventory, async (sql) => {
    const products = productIds.map((id) => ({
      id,
      name: id,
      description: '',
      price_amount: 100,
      currency: 'USD',
      available: 10,
      version: 1,
      updated_at: at,
    }));
    await sql`INSERT INTO products ${sql(products)}`;
    const operations = [...productIds, ...productIds].map((product_id) => ({
      id: v7(),
      product_id,
      operation_type: 'ADJUST',
      quantity: 5,
      occurred_at: at,
    }));
    await sql`INSERT INTO inventory_operations ${sql(operations)}`;
  });
  await inDatabase(databaseUrls.order, async (sql) => {
    const lines = (index: number): string =>
      JSON.stringify([{ productId: productIds[index % MANY], quantity: 1, unitPrice: 100 }]);
    const orders = [...userIds, ...userIds].map((user_id, index) => ({
      id: v7(),
      user_id,
      lines: lines(index),
      status: 'CONFIRMED',
      currency: 'USD',
      version: 2,
      created_at: at,
      updated_at: at,
    }));
    await sql`INSERT INTO orders ${sql(orders)}`;
  });
  await inDatabase(databaseUrls.sync, async (sql) => {
    const records = userIds.map((record_id) => ({
      entity: 'USER',
      record_id,
      target: 'archive',
      owner_id: record_id,
      source_revision: 1,
      state: 'PENDING',
      unsynced_since: at,
    }));
    await sql`INSERT INTO record_syncs ${sql(records)}`;
    await sql`INSERT INTO event_ledger
        (durable, event_id, source, position, record, revision, event, state, occurred_at, settled_at)
      SELECT 'users-to-oracle', gen_random_uuid(), 'elsewhere', n, 'user/' || n, 1,
        jsonb_build_object('type', 'user.created', 'subject', n::text, 'revision', '1', 'data', '{}'::jsonb),
        'DEAD_LETTERED', now(), date_trunc('milliseconds', now())
      FROM generate_series(1, ${MANY}::int) AS n`;
  });
  await using opened = new AsyncDisposableStack();
  const store = opened.use(openDocuments(opened, databaseUrls.notification, mongodb));
  const notifications = await Notifications.open(store);
  const profiles = await Profiles.open(store);
  for (const userId of userIds) {
    const names = { firstName: 'Ada', lastName: userId, email: `${userId}@example.com`, mobile: null };
    await profiles.note(
      { userId, ...names, status: 'ACTIVE', revision: 1, version: 1, createdAt: at, updatedAt: at },
      { at, trace: {} },
    );
    for (const subject of ['one', 'two']) {
      const message = { id: v7(), userId, channel: 'IN_APP', template: 'MESSAGE', subject, body: 'You.' } as const;
      await notifications.add({ notification: made(message, new Date()) });
    }
  }
  // What the profiles tell ends at sync, which asks its own tables about it; the admin's is among them.
  await inDatabase(databaseUrls.sync, async (sql) => {
    const observed = async (): Promise<boolean> =>
      (await sql`SELECT FROM record_syncs WHERE target = 'notification'`).length > MANY;
    await until(observed, { what: 'the end of all events' });
  });
}

function openDocuments(opened: AsyncDisposableStack, url: string, mongodb: string | undefined): DocumentStore {
  if (mongodb !== undefined) return openMongoDocuments({ url: mongodb, log: quietLog });
  return openPostgresDocuments(opened.use(openPostgres({ url, name: 'fill', log: quietLog })).db);
}

async function inDatabase(url: string, work: (sql: postgres.Sql) => Promise<void>): Promise<void> {
  const sql = postgres(url, { max: 1 });
  try {
    await work(sql);
  } finally {
    await sql.end();
  }
}
