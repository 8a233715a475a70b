import { sql } from 'drizzle-orm';
import { bigint, index, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import { RECORD_SYNC_STATES, SYNC_ENTITIES } from '../domain/record-sync.ts';

export { eventLedger } from '#shared/events/ledger.ts';
export { outbox } from '#shared/events/outbox.ts';
export { idempotencyKeys } from '#shared/store/idempotency-keys.ts';
export { leases } from '#shared/store/lease.ts';
export { serviceState } from '#shared/store/service-state.ts';

/** One row per record and target. */
export const recordSyncs = pgTable(
  'record_syncs',
  {
    entity: text({ enum: SYNC_ENTITIES }).notNull(),
    recordId: text('record_id').notNull(),
    target: text().notNull(),
    ownerId: text('owner_id'),
    sourceRevision: bigint('source_revision', { mode: 'number' }).notNull(),
    targetRevision: bigint('target_revision', { mode: 'number' }),
    /** The latest that an admin has discarded. A target that holds less stays behind until something newer comes. */
    discardedRevision: bigint('discarded_revision', { mode: 'number' }),
    state: text({ enum: RECORD_SYNC_STATES }).notNull(),
    attempts: integer().notNull().default(0),
    nextAttemptAt: timestamp('next_attempt_at', { withTimezone: true }),
    lastError: text('last_error'),
    /** When the oldest version that the target lacks was committed; orders what waits longest. */
    unsyncedSince: timestamp('unsynced_since', { withTimezone: true }),
  },
  (table) => [
    primaryKey({ columns: [table.entity, table.recordId, table.target] }),
    index('record_syncs_unsynced')
      .on(table.unsyncedSince, table.recordId, table.target)
      .where(sql`${table.unsyncedSince} IS NOT NULL`),
    index('record_syncs_discarded')
      .on(table.entity, table.target)
      .where(sql`${table.discardedRevision} IS NOT NULL`),
  ],
);

/** One row per pipeline that has ever had work. */
export const pipelineProgress = pgTable('pipeline_progress', {
  pipeline: text().primaryKey(),
  applied: bigint({ mode: 'number' }).notNull().default(0),
  superseded: bigint({ mode: 'number' }).notNull().default(0),
  /** Dead letters that rest now. */
  deadLettered: bigint('dead_lettered', { mode: 'number' }).notNull().default(0),
  discarded: bigint({ mode: 'number' }).notNull().default(0),
  lastError: text('last_error'),
  failingSince: timestamp('failing_since', { withTimezone: true }),
  lastSyncedAt: timestamp('last_synced_at', { withTimezone: true }),
});
