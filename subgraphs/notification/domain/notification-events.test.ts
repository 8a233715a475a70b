import { expect, test } from 'vitest';
import { arrival, isArrival, notificationFromSnapshot, snapshotOf, stepTold } from './notification-events.ts';
import { made, type Channel, type Notification, type NotificationStep } from './notification.ts';

const AT = new Date('2026-01-31T12:00:00.123Z');
const fresh = (channel: Channel): Notification =>
  made({ id: 'n1', userId: 'u1', channel, template: 'WELCOME', subject: 'Hello', body: 'You.' }, AT);

test.each(['IN_APP', 'EMAIL'] as const)('an %s notification survives its journey as JSON', (channel) => {
  const notification = { ...fresh(channel), readAt: AT, version: 2 };
  expect(notificationFromSnapshot(JSON.parse(JSON.stringify(snapshotOf(notification))))).toEqual(notification);
});

test('one in the app is told as sent, an e-mail as created; both arrive', () => {
  const told = [arrival(fresh('IN_APP')), arrival(fresh('EMAIL'))];
  expect(told.map(({ type }) => type)).toEqual(['notification.sent', 'notification.created']);
  expect(told.map(isArrival)).toEqual([true, true]);
  expect(told[0]).toMatchObject({ subject: 'n1', ownerId: 'u1', version: 1, occurredAt: AT });
});

test.each<[NotificationStep, string | undefined]>([
  [{ kind: 'TAKE', until: AT }, undefined],
  [{ kind: 'RETRY', error: 'late', dueAt: AT }, undefined],
  [{ kind: 'SENT' }, 'notification.sent'],
  [{ kind: 'FAIL', error: 'refused' }, 'notification.failed'],
  [{ kind: 'READ' }, 'notification.read'],
])('%o is told as %s', (step, type) => {
  const told = stepTold({ ...fresh('EMAIL'), version: 2 }, step);
  expect(told?.type).toBe(type);
  expect(told !== undefined && isArrival(told)).toBe(false);
});

test("another record's event is no arrival", () => {
  expect(isArrival({ type: 'replica.applied', data: { version: 1 } })).toBe(false);
});
