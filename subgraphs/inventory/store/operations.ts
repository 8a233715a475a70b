import { and, desc, eq, inArray, lt, sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import type { PageRequest } from '#shared/graphql/connection.ts';
import type { Queryable, Transaction } from '#shared/store/postgres.ts';
import type { OperationType } from '../domain/reservation.ts';
import { inventoryOperations } from './tables.ts';

export interface Operation {
  readonly id: string;
  readonly orderId: string | null;
  readonly productId: string;
  readonly type: OperationType;
  readonly quantity: number;
  readonly unitPrice: number | null;
  readonly reason: string | null;
  readonly actor: string | null;
  readonly occurredAt: Date;
}

type NewOperation = Pick<Operation, 'productId' | 'type' | 'quantity' | 'occurredAt'> & Partial<Operation>;

/** Writes the audit trail. A step that an order's line has taken already violates uniqueness: it is a bug, and nothing is committed. */
export async function recordOperations(tx: Transaction, operations: readonly NewOperation[]): Promise<void> {
  await tx.insert(inventoryOperations).values(operations.map((operation) => ({ id: v7(), ...operation })));
}

/** What an order has reserved, line by line. */
export async function reservedLines(db: Queryable, orderIds: readonly string[]): Promise<Operation[]> {
  if (orderIds.length === 0) return [];
  return db
    .select()
    .from(inventoryOperations)
    .where(and(inArray(inventoryOperations.orderId, [...orderIds]), eq(inventoryOperations.type, 'RESERVE')));
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
