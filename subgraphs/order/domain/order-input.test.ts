import { expect, test } from 'vitest';
import { checkInput } from '#shared/input.ts';
import { Refusal } from '#shared/refusal.ts';
import { cancelOrderInput, placeOrderInput } from './order-input.ts';

const lines = (count: number): { productId: string; quantity: number }[] =>
  Array.from({ length: count }, (_, at) => ({ productId: `PROD-${at}`, quantity: 1 }));

function refusal(input: unknown): Refusal {
  try {
    checkInput(placeOrderInput, input);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('the input was taken');
}

test.each([
  ['one line', lines(1)],
  ['a hundred lines', lines(100)],
  ['a thousand pieces', [{ productId: 'PROD-001', quantity: 1_000 }]],
  ['the longest id', [{ productId: 'x'.repeat(100), quantity: 1 }]],
])('an order of %s is taken as it is', (_, items) => {
  expect(checkInput(placeOrderInput, { items })).toEqual({ items });
});

test.each([
  ['no lines', [], 'items', 'must not be empty'],
  ['101 lines', lines(101), 'items', 'has more than 100 lines'],
  ['no pieces', [{ productId: 'a', quantity: 0 }], 'items.0.quantity', 'is below 1'],
  ['fewer than none', [{ productId: 'a', quantity: -1 }], 'items.0.quantity', 'is below 1'],
  ['1,001 pieces', [{ productId: 'a', quantity: 1_001 }], 'items.0.quantity', 'is above 1000'],
  ['no product', [{ productId: '', quantity: 1 }], 'items.0.productId', 'must not be empty'],
  ['a long id', [{ productId: 'x'.repeat(101), quantity: 1 }], 'items.0.productId', 'has more than 100 characters'],
  ['NUL', [{ productId: 'a\0', quantity: 1 }], 'items.0.productId', 'has a character that is not text'],
  ['half a pair', [{ productId: '\ud83d', quantity: 1 }], 'items.0.productId', 'has a character that is not text'],
  ['a product twice', [...lines(3), ...lines(1)], 'items.3.productId', 'stands in an earlier line too'],
])('an order of %s is refused by its field', (_, ...[items, field, problem]) => {
  expect(refusal({ items })).toMatchObject({ code: 'BAD_USER_INPUT', field, message: `${field} ${problem}.` });
});

test.each([{ quantity: 1.5 }, { quantity: Number.NaN }, { quantity: '1' }, {}])('a line with %j is refused', (line) => {
  expect(refusal({ items: [{ productId: 'a', ...line }] }).field).toBe('items.0.quantity');
});

test('a cancellation names its order', () => {
  expect(checkInput(cancelOrderInput, { id: 'x' })).toEqual({ id: 'x' });
  expect(() => checkInput(cancelOrderInput, {})).toThrow(Refusal);
});
