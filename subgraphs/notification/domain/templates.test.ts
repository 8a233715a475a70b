import { expect, test } from 'vitest';
import { ofOrder, ORDER_EVENT_TYPES, welcome, type OrderFacts } from './templates.ts';

const order: OrderFacts = {
  id: 'o1',
  userId: 'u1',
  lines: [
    { productId: 'PROD-003', quantity: 2, unitPrice: 149_900 },
    { productId: 'PROD-005', quantity: 1, unitPrice: 8_999 },
  ],
  failure: null,
  currency: 'USD',
};

test('a new user is welcomed by name', () => {
  const [draft, ...more] = welcome({ userId: 'u1', firstName: 'Ada' });
  expect(more).toEqual([]);
  expect(draft).toMatchObject({ userId: 'u1', template: 'WELCOME', subject: 'Welcome to Lockstep, Ada' });
});

test('a confirmed order lists what was bought at which price, and the total', () => {
  const [draft] = ofOrder('order.confirmed', order);
  expect(draft).toMatchObject({ userId: 'u1', template: 'ORDER_CONFIRMED', channel: 'IN_APP' });
  expect(draft?.body).toBe('2 × PROD-003 at $1,499.00\n1 × PROD-005 at $89.99\n\nTotal: $3,087.99\n\nOrder o1\n');
});

test('a currency without minor units is written without them', () => {
  const [draft] = ofOrder('order.confirmed', { ...order, currency: 'JPY' });
  expect(draft?.body).toContain('Total: ¥308,799');
});

test('a failed order says why, and no prices', () => {
  const lines = [{ productId: 'PROD-001', quantity: 3, unitPrice: null }];
  const failure = { code: 'OUT_OF_STOCK', message: 'Only 2 PS5 are left.' };
  const [draft] = ofOrder('order.failed', { ...order, lines, failure });
  expect(draft).toMatchObject({ template: 'ORDER_FAILED' });
  expect(draft?.body).toBe('Only 2 PS5 are left. Nothing was charged.\n\n3 × PROD-001\n\nOrder o1\n');
});

test.each(ORDER_EVENT_TYPES)('%s makes one notification for each of its channels', (type) => {
  const channels = ofOrder(type, order).map(({ channel }) => channel);
  expect(channels.length).toBeGreaterThan(0);
  expect(new Set(channels).size).toBe(channels.length);
});

test.each(['Robert"); DROP', 'ä ö ü 🎉', '\\n'])('a name such as %s stays as it is', (firstName) => {
  expect(welcome({ userId: 'u1', firstName })[0]?.subject).toBe(`Welcome to Lockstep, ${firstName}`);
});
