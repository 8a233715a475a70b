import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { OPERATION_TYPES, RESERVATION_STATES } from '../domain/reservation.ts';

export { outbox } from '#shared/events/outbox.ts';
export { idempotencyKeys } from '#shared/store/idempotency-keys.ts';
export { leases } from '#shared/store/lease.ts';
export { serviceState } from '#shared/store/service-state.ts';

export const products = pgTable(
  'products',
  {
    id: text().primaryKey(),
    name: text().notNull(),
    description: text().notNull(),
    priceAmount: integer('price_amount').notNull(),
    currency: text().notNull(),
    available: integer().notNull(),
    held: integer().notNull().default(0),
    version: integer().notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    // The last line of defence; the decision is made under the row's lock.
    check('products_never_oversold', sql`${table.available} >= 0 AND ${table.held} >= 0`),
  ],
);

/** What an order holds, or that it must never hold anything. */
export const reservations = pgTable(
  'reservations',
  {
    orderId: uuid('order_id').primaryKey(),
    state: text({ enum: RESERVATION_STATES }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    index('reservations_held')
      .on(table.expiresAt)
      .where(sql`${table.state} = 'HELD'`),
  ],
);

/** The audit trail: immutable, one row per step of an order's line, and one per adjustment. Stock can be recomputed from it. */
export const inventoryOperations = pgTable(
  'inventory_operations',
  {
    id: uuid().primaryKey(),
    orderId: uuid('order_id'),
    productId: text('product_id')
      .notNull()
      .references(() => products.id),
    type: text('operation_type', { enum: OPERATION_TYPES }).notNull(),
    /** Pieces: of a step how many, of an adjustment the change with its sign. */
    quantity: integer().notNull(),
    /** Price of a piece when it was reserved, in minor units. */
    unitPrice: integer('unit_price'),
    /** Why it was adjusted, and by whom. */
    reason: text(),
    actor: text(),
    occurredAt: timestamp('occurred_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    uniqueIndex('inventory_operations_step').on(table.orderId, table.productId, table.type),
    index('inventory_operations_product').on(table.productId, table.id),
  ],
);

/** At most one row: how the service misbehaves on purpose. */
export const gremlins = pgTable('gremlins', {
  id: integer().primaryKey(),
  enabled: boolean().notNull(),
  latencyMs: integer('latency_ms').notNull(),
  everyNth: integer('every_nth').notNull(),
  dropResponses: boolean('drop_responses').notNull(),
  failRequests: boolean('fail_requests').notNull().default(false),
});
