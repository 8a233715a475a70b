import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { checkInput } from '#shared/input.ts';
import { Refusal } from '#shared/refusal.ts';
import { adjustmentInput, availabilityInput, reservationInput, stepInput } from './stock-input.ts';

const ORDER_ID = '0198c1f0-0000-7000-8000-000000000001';
const ADJUSTMENT = { productId: 'PROD-001', change: 5, reason: 'a delivery' };
const lines = (count: number): { productId: string; quantity: number }[] =>
  Array.from({ length: count }, (_, at) => ({ productId: `PROD-${at}`, quantity: 1 }));

function refusal(schema: z.ZodType, input: unknown): Refusal {
  try {
    checkInput(schema, input);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('the input was taken');
}

describe.each([
  ['a reservation', reservationInput],
  ['a question', availabilityInput],
])('%s', (_, schema) => {
  test.each([1, 100])('may have %i lines', (count) => {
    const input = { orderId: ORDER_ID, items: lines(count) };
    expect(checkInput(schema, input)).toMatchObject({ items: input.items });
  });

  test.each([
    ['no lines', [], 'items', 'must not be empty'],
    ['101 lines', lines(101), 'items', 'has more than 100 lines'],
    ['no pieces', [{ productId: 'a', quantity: 0 }], 'items.0.quantity', 'is below 1'],
    ['1,001 pieces', [{ productId: 'a', quantity: 1_001 }], 'items.0.quantity', 'is above 1000'],
    ['NUL', [{ productId: 'a\0', quantity: 1 }], 'items.0.productId', 'has a character that is not text'],
    ['a product twice', [...lines(2), ...lines(1)], 'items.2.productId', 'stands in an earlier line too'],
  ])('of %s is refused by its field', (__, ...[items, field, problem]) => {
    expect(refusal(schema, { orderId: ORDER_ID, items })).toMatchObject({
      code: 'BAD_USER_INPUT',
      field,
      message: `${field} ${problem}.`,
    });
  });
});

test.each(['', 'order', `${ORDER_ID}0`])('%j is no id of an order', (orderId) => {
  expect(refusal(stepInput, { orderId })).toMatchObject({ field: 'orderId', message: 'orderId is not a UUID.' });
  expect(refusal(reservationInput, { orderId, items: lines(1) }).field).toBe('orderId');
});

describe('an adjustment', () => {
  test.each([1, -1, 1_000_000, -1_000_000])('may be by %i', (change) => {
    expect(checkInput(adjustmentInput, { ...ADJUSTMENT, change })).toEqual({ ...ADJUSTMENT, change });
  });

  test.each([
    ['change', 0, 'must not be 0'],
    ['change', 1_000_001, 'is above 1000000'],
    ['change', -1_000_001, 'is below -1000000'],
    ['reason', ' ', 'must not be empty'],
    ['reason', 'x'.repeat(201), 'has more than 200 characters'],
    ['reason', 'a\0b', 'has a character that is not text'],
    ['productId', 'a\0b', 'has a character that is not text'],
  ])('with the %s %j is refused by that field', (field, value, problem) => {
    expect(refusal(adjustmentInput, { ...ADJUSTMENT, [field]: value })).toMatchObject({
      field,
      message: `${field} ${problem}.`,
    });
  });

  test('loses the spaces around its reason', () => {
    expect(checkInput(adjustmentInput, { ...ADJUSTMENT, reason: ' a delivery\n' })).toEqual(ADJUSTMENT);
  });
});
