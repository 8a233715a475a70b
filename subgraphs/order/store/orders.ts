import { and, asc, count, desc, eq, inArray, isNotNull, lt, lte, sql } from 'drizzle-orm';
import type { PageRequest } from '#shared/graphql/connection.ts';
import type { Queryable, Transaction } from '#shared/store/postgres.ts';
import type { Order, OrderStatus } from '../domain/order.ts';
import { orders } from './tables.ts';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** An order as it is kept. */
interface StoredOrder extends Order {
  /** How often the recovery worker has taken it up. */
  readonly recoveries: number;
}

/** Those orders of `ids` that exist, in no particular order. */
export async function findOrders(db: Queryable, ids: readonly string[]): Promise<StoredOrder[]> {
  const possible = ids.filter((id) => UUID.test(id));
  return possible.length === 0 ? [] : db.select().from(orders).where(inArray(orders.id, possible));
}

/** Reads an order and keeps it from changing until the transaction ends. */
export async function lockOrder(tx: Transaction, id: string): Promise<Order | undefined> {
  if (!UUID.test(id)) return undefined;
  const [order] = await tx.select().from(orders).where(eq(orders.id, id)).for('update');
  return order;
}

/** Adds an order that the recovery worker takes up at `recoverAt` if it is undecided then. */
export async function insertOrder(tx: Transaction, order: Order, recoverAt: Date): Promise<void> {
  await tx.insert(orders).values({ ...order, recoverAt });
}

/** Writes the new version of an order if it still has the status it came from: false when it has moved on meanwhile. */
export async function saveOrder(
  tx: Transaction,
  order: Order,
  step: { readonly from: OrderStatus; readonly recoverAt: Date | null },
): Promise<boolean> {
  const rows = await tx
    .update(orders)
    .set({ ...order, recoverAt: step.recoverAt })
    .where(and(eq(orders.id, order.id), eq(orders.status, step.from)))
    .returning({ id: orders.id });
  return rows.length === 1;
}

/** The same page of the orders of each of these users, newest first. */
export async function listOrdersOf(
  db: Queryable,
  userIds: readonly string[],
  { after, limit }: PageRequest,
): Promise<Map<string, Order[]>> {
  const page = db
    .select()
    .from(orders)
    .where(and(sql`${orders.userId} = owners.id`, after === undefined ? undefined : lt(orders.id, after)))
    .orderBy(desc(orders.id))
    .limit(limit)
    .as('page');
  const rows = await db
    .select(page._.selectedFields)
    .from(sql`jsonb_array_elements_text(${JSON.stringify(userIds)}::jsonb) AS owners(id)`)
    .crossJoinLateral(page)
    .orderBy(desc(page.id));
  return Map.groupBy(rows, (order) => order.userId);
}

export interface OrderQuery {
  /** Only of this user; of all when undefined. */
  readonly userId: string | undefined;
  readonly status?: OrderStatus | null | undefined;
}

/** A page of orders, newest first; `after` is the id of the last one seen (UUIDv7 ids follow time). */
export async function listOrders(db: Queryable, { userId, status }: OrderQuery, page: PageRequest): Promise<Order[]> {
  return db
    .select()
    .from(orders)
    .where(
      and(
        userId === undefined ? undefined : eq(orders.userId, userId),
        status == null ? undefined : eq(orders.status, status),
        page.after === undefined ? undefined : lt(orders.id, page.after),
      ),
    )
    .orderBy(desc(orders.id))
    .limit(page.limit);
}

/** Takes undecided orders whose time has come, and puts off their next one: concurrent workers get different orders. */
export async function claimUndecided(
  tx: Transaction,
  claim: { limit: number; now: Date; until: Date },
): Promise<Order[]> {
  const due = tx
    .select({ id: orders.id })
    .from(orders)
    .where(and(isNotNull(orders.recoverAt), lte(orders.recoverAt, claim.now)))
    .orderBy(asc(orders.recoverAt))
    .limit(claim.limit)
    .for('update', { skipLocked: true });
  return tx
    .update(orders)
    .set({ recoverAt: claim.until, recoveries: sql`${orders.recoveries} + 1` })
    .where(inArray(orders.id, due))
    .returning();
}

/** Puts off or brings on the next recovery of an order that is still undecided. */
export async function recoverOrderAt(db: Queryable, id: string, at: Date): Promise<void> {
  await db
    .update(orders)
    .set({ recoverAt: at })
    .where(and(eq(orders.id, id), isNotNull(orders.recoverAt)));
}

export interface OrderCount {
  readonly status: OrderStatus;
  readonly orders: number;
  /** In minor units, of the orders whose prices are known. */
  readonly amount: number;
}

export async function countOrders(db: Queryable): Promise<OrderCount[]> {
  const amount = sql<string>`coalesce(sum((SELECT sum((line->>'unitPrice')::bigint * (line->>'quantity')::bigint) FROM jsonb_array_elements(${orders.lines}) AS line)), 0)`;
  const rows = await db.select({ status: orders.status, orders: count(), amount }).from(orders).groupBy(orders.status);
  return rows.map((row) => ({ ...row, amount: Number(row.amount) }));
}
