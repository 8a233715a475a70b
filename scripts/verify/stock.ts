import type { Context } from './context.ts';
import { AMONG, BATCH, inBatches, listed, type Reader } from './readers.ts';

/** A product's stock as its counters say, and recomputed from the audit trail: adjustments, what orders hold, and what has left with them. */
export interface Book {
  readonly key: string;
  readonly available: number;
  readonly held: number;
  readonly stocked: number;
  readonly holding: number;
  readonly left: number;
}

/** The books of all products, each as of one moment. */
export function booksIn(inventory: Reader): AsyncGenerator<readonly Book[]> {
  const pieces = (signs: string, name: string): string =>
    `coalesce(sum(CASE operation_type ${signs} ELSE 0 END * quantity), 0)::int AS ${name}`;
  return inBatches('', (after) =>
    inventory.rows<Book>(
      `SELECT p.id AS key, p.available, p.held, o.* FROM products p, LATERAL (
         SELECT ${pieces("WHEN 'ADJUST' THEN 1", 'stocked')},
           ${pieces("WHEN 'RESERVE' THEN 1 WHEN 'CONFIRM' THEN -1 WHEN 'RELEASE' THEN -1 WHEN 'EXPIRE' THEN -1", 'holding')},
           ${pieces("WHEN 'CONFIRM' THEN 1 WHEN 'RETURN' THEN -1", '"left"')}
         FROM inventory_operations WHERE product_id = p.id) AS o
       WHERE p.id > $1 ORDER BY p.id LIMIT ${BATCH}`,
      [after],
    ),
  );
}

/** Pieces of each of these products in orders that stand. Needs one pass over the orders. */
export async function soldIn(order: Reader, products: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await order.rows<{ product: string; pieces: number }>(
    `SELECT line ->> 'productId' AS product, sum((line ->> 'quantity')::int)::int AS pieces
     FROM orders, jsonb_array_elements(lines) AS line
     WHERE status IN ('CONFIRMED', 'CANCELLING') AND line ->> 'productId' = ANY(${AMONG}) GROUP BY 1`,
    [listed(products)],
  );
  return new Map(rows.map(({ product, pieces }) => [product, pieces]));
}

/** Does a product's stock add up: available + held + confirmed = adjustments? */
export const addsUp = ({ available, held, stocked, holding, left }: Book): boolean =>
  held === holding && available + held + left === stocked;

/** Invariants 1 and 2. What has left by the audit trail holds at any moment; the orders' own lines only agree with it in a quiet system. */
export async function checkStock({ sources: { databases }, sheet, quiet }: Context): Promise<void> {
  const { oversell, conservation } = sheet;
  if (!quiet) oversell.leave("the orders' own lines, which are read at another moment than the stock");
  for await (const books of booksIn(databases.inventory)) {
    const ids = books.map(({ key }) => key);
    const sold = quiet ? await soldIn(databases.order, ids) : new Map<string, number>();
    oversell.look('products', books.length);
    conservation.look('products', books.length);
    for (const book of books) {
      const { key, available, held, stocked, holding, left } = book;
      const taken = Math.max(sold.get(key) ?? 0, holding + left);
      if (taken > stocked) oversell.violation(`${taken} of ${key} were taken, of ${stocked} there were`);
      if (addsUp(book)) continue;
      conservation.violation(
        `of ${key} ${available} are available and ${held} held; by the audit trail ${stocked} came, ${holding} are held, ${left} left`,
      );
    }
  }
}
