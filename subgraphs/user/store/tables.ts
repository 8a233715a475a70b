import { sql } from 'drizzle-orm';
import { integer, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { ROLES } from '#shared/identity/viewer.ts';
import { USER_STATUSES } from '../domain/user.ts';

export { outbox } from '#shared/events/outbox.ts';
export { idempotencyKeys } from '#shared/store/idempotency-keys.ts';
export { leases } from '#shared/store/lease.ts';
export { serviceState } from '#shared/store/service-state.ts';

export const users = pgTable(
  'users',
  {
    id: uuid().primaryKey(),
    firstName: text('first_name').notNull(),
    lastName: text('last_name').notNull(),
    email: text().notNull(),
    mobile: text(),
    /** PHC string, argon2id. */
    passwordHash: text('password_hash').notNull(),
    status: text({ enum: USER_STATUSES }).notNull(),
    role: text({ enum: ROLES }).notNull(),
    version: integer().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
  },
  (table) => [uniqueIndex('users_email').on(sql`lower(${table.email})`), uniqueIndex('users_mobile').on(table.mobile)],
);
