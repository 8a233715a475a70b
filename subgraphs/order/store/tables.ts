import { sql } from 'drizzle-orm';
import { bigint, index, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { ORDER_STATUSES, type OrderFailure, type OrderLine } from '../domain/order.ts';

export { eventLedger } from '#shared/events/ledger.ts';
export { outbox } from '#shared/events/outbox.ts';
export { idempotencyKeys } from '#shared/store/idempotency-keys.ts';
export { leases } from '#shared/store/lease.ts';
export { serviceState } from '#shared/store/service-state.ts';

export const orders = pgTable(
  'orders',
  {
    id: uuid().primaryKey(),
    userId: text('user_id').notNull(),
    /** Written once with the order and once with its prices; always read whole. */
    lines: jsonb().$type<readonly OrderLine[]>().notNull(),
    status: text({ enum: ORDER_STATUSES }).notNull(),
    failure: jsonb().$type<OrderFailure>(),
    currency: text().notNull(),
    version: integer().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
    /** When the recovery worker asks inventory again; also the fence between workers. Null once decided. */
    recoverAt: timestamp('recover_at', { withTimezone: true }),
    recoveries: integer().notNull().default(0),
  },
  (table) => [
    index('orders_of_user').on(table.userId, table.id),
    index('orders_undecided')
      .on(table.recoverAt)
      .where(sql`${table.recoverAt} IS NOT NULL`),
  ],
);

/** What this service must know of users: whether they may order. Kept from the user service's events. */
export const customers = pgTable('customers', {
  userId: text('user_id').primaryKey(),
  status: text().notNull(),
  revision: bigint({ mode: 'number' }).notNull(),
});
