import { and, asc, desc, eq, lt, sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import type { PageRequest } from '#shared/graphql/connection.ts';
import type { Queryable, Transaction } from '#shared/store/postgres.ts';
import type { Operation } from '../domain/operation.ts';
import { inventoryOperations } from './tables.ts';

type NewOperation = Pick<Operation, 'productId' | 'type' | 'quantity' | 'occurredAt'> & Partial<Operation>;

/** Writes the audit trail. A step that an order's line has taken already violates uniqueness: it is a bug, and nothing is committed. */
export async function recordOperations(tx: Transaction, operations: readonly NewOperation[]): Promise<void> {
  if (operations.length === 0) return;
  const rows = operations.map((operation) => ({ id: v7(), ...operation }));
  await tx.execute(sql`
    INSERT INTO inventory_operations
      (id, order_id, product_id, operation_type, quantity, unit_price, reason, actor, occurred_at)
    SELECT id, "orderId", "productId", type, quantity, "unitPrice", reason, actor, "occurredAt"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS new (id uuid, "orderId" uuid, "productId" text, type text,
      quantity int, "unitPrice" int, reason text, actor text, "occurredAt" timestamptz)`);
}

/** The first of the products that an order has reserved, by id; undefined when it has reserved nothing. */
export async function firstProductOf(db: Queryable, orderId: string): Promise<string | undefined> {
  const [first] = await db
    .select({ productId: inventoryOperations.productId })
    .from(inventoryOperations)
    .where(and(eq(inventoryOperations.orderId, orderId), eq(inventoryOperations.type, 'RESERVE')))
    .orderBy(asc(inventoryOperations.productId))
    .limit(1);
  return first?.productId;
}

/** The same page of the audit trails of each of these products, newest first. */
export async function listOperationsOf(
  db: Queryable,
  productIds: readonly string[],
  { after, limit }: PageRequest,
): Promise<Map<string, Operation[]>> {
  const page = db
    .select()
    .from(inventoryOperations)
    .where(
      and(
        sql`${inventoryOperations.productId} = owners.id`,
        after === undefined ? undefined : lt(inventoryOperations.id, after),
      ),
    )
    .orderBy(desc(inventoryOperations.id))
    .limit(limit)
    .as('page');
  const rows = await db
    .select(page._.selectedFields)
    .from(sql`jsonb_array_elements_text(${JSON.stringify(productIds)}::jsonb) AS owners(id)`)
    .crossJoinLateral(page)
    .orderBy(desc(page.id));
  return Map.groupBy(rows, (operation) => operation.productId);
}

/** A page of the audit trail, newest first, of one product or all. */
export async function listOperations(
  db: Queryable,
  productId: string | undefined,
  page: PageRequest,
): Promise<Operation[]> {
  return db
    .select()
    .from(inventoryOperations)
    .where(
      and(
        productId === undefined ? undefined : eq(inventoryOperations.productId, productId),
        page.after === undefined ? undefined : lt(inventoryOperations.id, page.after),
      ),
    )
    .orderBy(desc(inventoryOperations.id))
    .limit(page.limit);
}
