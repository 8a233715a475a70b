import { expect, test } from 'vitest';
import { CURRENCY, moved, SEED_PRODUCTS, type Product } from './product.ts';
import { productFromSnapshot, stockChange } from './stock-events.ts';

const PRODUCT: Product = {
  id: 'PROD-001',
  name: 'PS5',
  description: 'Game console',
  priceAmount: 49_999,
  currency: CURRENCY,
  available: 10,
  held: 2,
  version: 3,
  updatedAt: new Date('2026-01-31T12:00:00.000Z'),
};
const LATER = new Date('2026-01-31T12:00:01.000Z');

test('a move changes stock, version and time, and nothing else', () => {
  expect(moved(PRODUCT, { available: -4, held: 4 }, LATER)).toEqual({
    ...PRODUCT,
    available: 6,
    held: 6,
    version: 4,
    updatedAt: LATER,
  });
  expect(PRODUCT).toMatchObject({ available: 10, held: 2, version: 3 });
});

test('products for sale have ids of their own, a price and stock', () => {
  expect(new Set(SEED_PRODUCTS.map(({ id }) => id)).size).toBe(SEED_PRODUCTS.length);
  expect(SEED_PRODUCTS.every(({ priceAmount, available }) => priceAmount > 0 && available > 0)).toBe(true);
});

test('a product comes out of its event as it went in', () => {
  const change = stockChange(PRODUCT);
  expect(change).toMatchObject({
    type: 'stock.changed',
    subject: PRODUCT.id,
    version: PRODUCT.version,
    occurredAt: PRODUCT.updatedAt,
  });
  expect(productFromSnapshot(JSON.parse(JSON.stringify(change.data)))).toEqual(PRODUCT);
});
