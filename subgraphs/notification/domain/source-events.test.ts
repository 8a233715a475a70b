import { describe, expect, test } from 'vitest';
import type { CloudEvent } from '#shared/cloud-event.ts';
import { profileApplied, replaces } from './profile.ts';
import { orderOf, profileOf } from './source-events.ts';

const event = (type: string, data: unknown, revision = 3): CloudEvent => ({
  specversion: '1.0',
  id: 'e1',
  source: type.split('.')[0] ?? '',
  type,
  subject: 's1',
  time: '2026-01-31T12:00:00.000Z',
  datacontenttype: 'application/json',
  data,
  revision: String(revision),
});

const user = {
  id: 's1',
  firstName: 'Ada',
  lastName: 'Lovelace',
  email: 'ada@example.com',
  mobile: null,
  status: 'ACTIVE',
  role: 'CUSTOMER',
  version: 3,
  createdAt: '2026-01-30T12:00:00.000Z',
  updatedAt: '2026-01-31T12:00:00.000Z',
};
const line = { productId: 'PROD-001', quantity: 1, unitPrice: null };
const order = { id: 's1', userId: 'u1', lines: [line], failure: null, currency: 'USD', status: 'FAILED' };

test("a user's event is copied with its revision, and nothing that is not needed", () => {
  const profile = profileOf(event('user.updated', user, 2 ** 32 + 3));
  expect(profile).toEqual({
    userId: 's1',
    firstName: 'Ada',
    lastName: 'Lovelace',
    email: 'ada@example.com',
    mobile: null,
    status: 'ACTIVE',
    revision: 2 ** 32 + 3,
    version: 3,
    createdAt: new Date(user.createdAt),
    updatedAt: new Date(user.updatedAt),
  });
});

test('only what is newer replaces a profile', () => {
  expect(replaces(undefined, { revision: 1 })).toBe(true);
  expect(replaces({ revision: 1 }, { revision: 2 })).toBe(true);
  expect(replaces({ revision: 2 }, { revision: 2 })).toBe(false);
  expect(replaces({ revision: 3 }, { revision: 2 })).toBe(false);
});

test('what is told of a profile names the copy and the revision it has reached', () => {
  const at = new Date('2026-01-31T12:00:01.000Z');
  expect(profileApplied(profileOf(event('user.updated', user)), at)).toEqual({
    type: 'replica.applied',
    subject: 's1',
    ownerId: 's1',
    version: 3,
    data: { entity: 'USER', recordId: 's1', target: 'notification', targetRevision: 3, targetVersion: 3 },
    occurredAt: at,
  });
});

test("an order's event is read", () => {
  expect(orderOf(event('order.failed', order))).toEqual({
    id: 's1',
    userId: 'u1',
    lines: [line],
    failure: null,
    currency: 'USD',
  });
});

describe('what no service publishes is refused', () => {
  test.each([null, {}, { ...user, email: 7 }, { ...user, createdAt: 'yesterday' }])('as a user: %j', (data) => {
    expect(() => profileOf(event('user.created', data))).toThrow();
  });

  test.each([null, {}, { ...order, lines: 'none' }, { ...order, userId: undefined }])('as an order: %j', (data) => {
    expect(() => orderOf(event('order.confirmed', data))).toThrow();
  });
});
