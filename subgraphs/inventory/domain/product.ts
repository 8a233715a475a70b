/** Something that can be ordered. */
export interface Product {
  /** `PROD-001` …; chosen by people, not a UUID. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Minor units (cents) of `currency`. */
  readonly priceAmount: number;
  /** ISO 4217. */
  readonly currency: string;
  /** What can still be reserved. */
  readonly available: number;
  /** What is reserved for orders that are not yet confirmed. */
  readonly held: number;
  readonly version: number;
  readonly updatedAt: Date;
}

export const CURRENCY = 'USD';

/** What a new system sells (CONTRACT.md). */
export const SEED_PRODUCTS: readonly Pick<Product, 'id' | 'name' | 'description' | 'priceAmount' | 'available'>[] = [
  { id: 'PROD-001', name: 'PS5', description: 'Game console', priceAmount: 49_999, available: 100 },
  { id: 'PROD-002', name: 'Xbox Series X', description: 'Game console', priceAmount: 49_999, available: 75 },
  { id: 'PROD-003', name: 'Gaming Laptop', description: '16 inch, 32 GB', priceAmount: 149_900, available: 50 },
  { id: 'PROD-004', name: 'Wireless Headset', description: 'Noise cancelling', priceAmount: 12_999, available: 200 },
  { id: 'PROD-005', name: 'Mechanical Keyboard', description: 'Tactile switches', priceAmount: 8_999, available: 150 },
];

/** How an operation moves stock between what is available, what is held, and what has left. */
export interface StockMove {
  readonly available: number;
  readonly held: number;
}

/** A product after a move, within the version that it is going to have. */
export function shifted(product: Product, move: StockMove): Product {
  return { ...product, available: product.available + move.available, held: product.held + move.held };
}

/** A product after a move; every move is a new version. */
export function moved(product: Product, move: StockMove, at: Date): Product {
  return { ...shifted(product, move), version: product.version + 1, updatedAt: at };
}
