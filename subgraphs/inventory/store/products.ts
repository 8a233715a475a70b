import { asc, gt, inArray, sql } from 'drizzle-orm';
import type { PageRequest } from '#shared/graphql/connection.ts';
import type { Queryable, Transaction } from '#shared/store/postgres.ts';
import type { Product } from '../domain/product.ts';
import { products } from './tables.ts';

/** Those products of `ids` that exist, in no particular order. */
export async function findProducts(db: Queryable, ids: readonly string[]): Promise<Product[]> {
  // PostgreSQL takes no NUL, so no product has one in its id.
  const possible = ids.filter((id) => !id.includes('\0'));
  return possible.length === 0 ? [] : db.select().from(products).where(inArray(products.id, possible));
}

/** Reads products and keeps them from changing until the transaction ends; locked by id, so that orders with the same products never deadlock. */
export async function lockProducts(tx: Transaction, ids: readonly string[]): Promise<Product[]> {
  if (ids.length === 0) return [];
  return tx
    .select()
    .from(products)
    .where(sql`${products.id} IN (SELECT jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`)
    .orderBy(asc(products.id))
    .for('update');
}

/** A page of products by id. */
export async function listProducts(db: Queryable, page: PageRequest): Promise<Product[]> {
  return db
    .select()
    .from(products)
    .where(page.after === undefined ? undefined : gt(products.id, page.after))
    .orderBy(asc(products.id))
    .limit(page.limit);
}

/** Writes new versions of products that this transaction has locked, in one statement: their locks are held for its length and the commit. */
export async function saveProducts(tx: Transaction, changed: readonly Product[]): Promise<void> {
  if (changed.length === 0) return;
  const rows = changed.map(({ id, available, held, version, updatedAt }) => ({
    id,
    available,
    held,
    version,
    updated_at: updatedAt.toISOString(),
  }));
  await tx.execute(sql`
    UPDATE products SET available = new.available, held = new.held, version = new.version, updated_at = new.updated_at
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS new
      (id text, available int, held int, version int, updated_at timestamptz)
    WHERE products.id = new.id`);
}

/** Adds products that are not there yet; returns those. */
export async function addProducts(tx: Transaction, added: readonly Product[]): Promise<Product[]> {
  return tx
    .insert(products)
    .values([...added])
    .onConflictDoNothing()
    .returning();
}
