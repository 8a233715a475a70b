import postgres from 'postgres';

interface Books extends Record<string, unknown> {
  readonly product: string;
}

/**
 * Products whose stock does not add up, recomputed from the audit trail and from order lines, not from the counters that a CHECK guards:
 * available + held + confirmed = adjustments, and what has left equals what confirmed orders have.
 */
export async function stockBooks(urls: { readonly inventory: string; readonly order: string }): Promise<Books[]> {
  const inventory = postgres(urls.inventory, { max: 1, onnotice: () => {} });
  const order = postgres(urls.order, { max: 1, onnotice: () => {} });
  try {
    const sold = await order<{ product: string; pieces: number }[]>`
      SELECT line->>'productId' AS product, sum((line->>'quantity')::int)::int AS pieces
      FROM orders, jsonb_array_elements(lines) AS line WHERE status = 'CONFIRMED' GROUP BY 1`;
    const books = await inventory<
      { product: string; available: number; held: number; stocked: number; holding: number; left: number }[]
    >`
      SELECT p.id AS product, p.available, p.held,
        coalesce(sum(o.quantity) FILTER (WHERE o.operation_type = 'ADJUST'), 0)::int AS stocked,
        coalesce(sum(CASE o.operation_type WHEN 'RESERVE' THEN o.quantity WHEN 'CONFIRM' THEN -o.quantity
          WHEN 'RELEASE' THEN -o.quantity WHEN 'EXPIRE' THEN -o.quantity ELSE 0 END), 0)::int AS holding,
        coalesce(sum(CASE o.operation_type WHEN 'CONFIRM' THEN o.quantity WHEN 'RETURN' THEN -o.quantity ELSE 0 END), 0)::int AS left
      FROM products p LEFT JOIN inventory_operations o ON o.product_id = p.id GROUP BY p.id`;
    const pieces = new Map(sold.map((row) => [row.product, row.pieces]));
    return books.filter(
      (row) =>
        row.held !== row.holding ||
        row.available + row.held + row.left !== row.stocked ||
        row.left !== (pieces.get(row.product) ?? 0),
    );
  } finally {
    await Promise.all([inventory.end(), order.end()]);
  }
}
