import postgres from 'postgres';

interface Book extends Record<string, unknown> {
  readonly product: string;
  readonly available: number;
  readonly held: number;
  /** Recomputed from the audit trail: adjustments, what orders hold, and what has left with them. */
  readonly stocked: number;
  readonly holding: number;
  readonly left: number;
}

/** Does a product's stock add up: available + held + confirmed = adjustments? */
const adds = ({ available, held, stocked, holding, left }: Book): boolean =>
  held === holding && available + held + left === stocked;

/** Products whose stock does not add up, recomputed from the audit trail, not from the counters that a CHECK guards. */
export async function inventoryBooks(inventoryUrl: string): Promise<Book[]> {
  return (await booksOf(inventoryUrl)).filter((book) => !adds(book));
}

/** Products whose stock does not add up, or of which other pieces have left than confirmed orders have. */
export async function stockBooks(urls: { readonly inventory: string; readonly order: string }): Promise<Book[]> {
  const order = postgres(urls.order, { max: 1, onnotice: () => {} });
  try {
    const sold = await order<{ product: string; pieces: number }[]>`
      SELECT line->>'productId' AS product, sum((line->>'quantity')::int)::int AS pieces
      FROM orders, jsonb_array_elements(lines) AS line WHERE status = 'CONFIRMED' GROUP BY 1`;
    const pieces = new Map(sold.map((row) => [row.product, row.pieces]));
    const books = await booksOf(urls.inventory);
    return books.filter((book) => !adds(book) || book.left !== (pieces.get(book.product) ?? 0));
  } finally {
    await order.end();
  }
}

async function booksOf(url: string): Promise<Book[]> {
  const inventory = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await inventory<Book[]>`
      SELECT p.id AS product, p.available, p.held,
        coalesce(sum(o.quantity) FILTER (WHERE o.operation_type = 'ADJUST'), 0)::int AS stocked,
        coalesce(sum(CASE o.operation_type WHEN 'RESERVE' THEN o.quantity WHEN 'CONFIRM' THEN -o.quantity
          WHEN 'RELEASE' THEN -o.quantity WHEN 'EXPIRE' THEN -o.quantity ELSE 0 END), 0)::int AS holding,
        coalesce(sum(CASE o.operation_type WHEN 'CONFIRM' THEN o.quantity WHEN 'RETURN' THEN -o.quantity ELSE 0 END), 0)::int AS left
      FROM products p LEFT JOIN inventory_operations o ON o.product_id = p.id GROUP BY p.id`;
  } finally {
    await inventory.end();
  }
}
