import type { Product } from './product.ts';

/** A product as events carry it: the whole record, instants as RFC 3339. */
export type ProductSnapshot = Omit<Product, 'updatedAt'> & { readonly updatedAt: string };

/** What the outbox is told of a change of stock. Products belong to no one. */
export interface StockChange {
  readonly type: 'stock.changed';
  readonly subject: string;
  readonly version: number;
  readonly data: ProductSnapshot;
  readonly occurredAt: Date;
}

export function stockChange(product: Product): StockChange {
  const data = { ...product, updatedAt: product.updatedAt.toISOString() };
  return { type: 'stock.changed', subject: product.id, version: product.version, data, occurredAt: product.updatedAt };
}

/** The product an event carries, as it was at that version. */
export function productFromSnapshot(data: unknown): Product {
  const snapshot = data as ProductSnapshot;
  return { ...snapshot, updatedAt: new Date(snapshot.updatedAt) };
}
