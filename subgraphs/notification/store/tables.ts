import { sql, type SQL } from 'drizzle-orm';
import { customType, index, integer, jsonb, pgTable, primaryKey, timestamp, type PgColumn } from 'drizzle-orm/pg-core';
import { invariant } from '#shared/invariant.ts';
import type { Labels } from './documents/document-store.ts';

export { eventLedger } from '#shared/events/ledger.ts';
export { outbox } from '#shared/events/outbox.ts';
export { idempotencyKeys } from '#shared/store/idempotency-keys.ts';
export { leases } from '#shared/store/lease.ts';
export { serviceState } from '#shared/store/service-state.ts';

/** Text that compares by its bytes, whatever the server's own collation. */
const byteText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });

/**
 * What documents can be listed by, each with an index below: `owner` is whose it is, `unread` who has not read it, `work` marks what a worker
 * still has to do.
 */
export const INDEXED_LABELS: readonly string[] = ['owner', 'unread', 'work'];

/** A label's text, spelt as its index is: with a parameter for the name, PostgreSQL would not find the index. */
export function labelText(labels: PgColumn, name: string): SQL<string> {
  invariant(/^[a-z]+$/.test(name), 'the name of a label is a word, and safe in SQL');
  return sql<string>`(${labels} ->> ${sql.raw(`'${name}'`)})`;
}

/** One row per document of any collection (documents/document-store.ts). */
export const documents = pgTable(
  'documents',
  {
    collection: byteText().notNull(),
    id: byteText().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull(),
    revision: integer().notNull(),
    labels: jsonb().$type<Labels>().notNull(),
    body: jsonb().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.collection, table.id] }),
    index('documents_by_time').on(table.collection, table.createdAt, table.id),
    ...INDEXED_LABELS.map((name) =>
      index(`documents_by_${name}`)
        .on(table.collection, labelText(table.labels, name), table.createdAt, table.id)
        .where(sql`${labelText(table.labels, name)} IS NOT NULL`),
    ),
  ],
);
