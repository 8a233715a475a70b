import { expect, test } from 'vitest';
import { badInput, refused, Refusal } from './refusal.ts';

test('a refusal carries code, sentence, field and cause', () => {
  const cause = new Error('connection refused');
  const refusal = new Refusal('SUBGRAPH_UNAVAILABLE', 'The user service does not answer.', { field: 'user', cause });
  expect(refusal).toBeInstanceOf(Error);
  expect(refusal).toMatchObject({
    name: 'Refusal',
    code: 'SUBGRAPH_UNAVAILABLE',
    message: 'The user service does not answer.',
    field: 'user',
  });
  expect(refusal.cause).toBe(cause);
});

test('a refusal names no field and no cause unless it was given one', () => {
  const refusal = new Refusal('FORBIDDEN', 'Only an admin may do this.');
  expect(refusal.field).toBeUndefined();
  expect(refusal.cause).toBeUndefined();
});

test('bad input is refused by its field', () => {
  expect(badInput('items.0.quantity', 'At least one.')).toMatchObject({
    code: 'BAD_USER_INPUT',
    field: 'items.0.quantity',
    message: 'At least one.',
  });
});

test('a refused outcome has one user error and no data', () => {
  expect(refused('EMAIL_TAKEN', 'This e-mail is taken.', 'email')).toEqual({
    userErrors: [{ code: 'EMAIL_TAKEN', message: 'This e-mail is taken.', field: 'email' }],
  });
  expect(refused('SOLD_OUT', 'Sold out.').userErrors).toMatchObject([{ field: null }]);
});
