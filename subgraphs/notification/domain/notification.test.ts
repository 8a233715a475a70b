import { describe, expect, test } from 'vitest';
import { advanced, made, statusOf, type Channel, type Notification, type NotificationStep } from './notification.ts';

const AT = new Date('2026-01-31T12:00:00.000Z');
const LATER = new Date('2026-01-31T12:05:00.000Z');

function fresh(channel: Channel): Notification {
  return made({ id: 'n1', userId: 'u1', channel, template: 'MESSAGE', subject: 'Hello', body: 'You.' }, AT);
}

const pending = fresh('EMAIL');
const inApp = fresh('IN_APP');
const sent = after(pending, { kind: 'SENT' });
const failed = after(pending, { kind: 'FAIL', error: 'no such mailbox' });

function after(notification: Notification, step: NotificationStep): Notification {
  const next = advanced(notification, step, LATER);
  if (next === undefined) throw new Error(`${step.kind} does not lead on`);
  return next;
}

test('one in the app has arrived when it is made', () => {
  expect(inApp).toMatchObject({ delivery: 'SENT', attempts: 1, dueAt: null, sentAt: AT, version: 1 });
  expect(statusOf(inApp)).toBe('SENT');
});

test('an e-mail is due at once when it is made', () => {
  expect(pending).toMatchObject({ delivery: 'PENDING', attempts: 0, dueAt: AT, sentAt: null, version: 1 });
  expect(statusOf(pending)).toBe('PENDING');
});

describe('an e-mail on its way', () => {
  test('is taken by one at a time', () => {
    const until = new Date(LATER.getTime() + 60_000);
    const taken = after(pending, { kind: 'TAKE', until });
    expect(taken).toMatchObject({ attempts: 1, dueAt: until, version: 1 });
    expect(advanced(taken, { kind: 'TAKE', until }, LATER)).toBeUndefined();
    expect(advanced(taken, { kind: 'TAKE', until }, until)).toMatchObject({ attempts: 2 });
  });

  test('is due again after an attempt that failed, and keeps why', () => {
    const dueAt = new Date(LATER.getTime() + 1_000);
    const waiting = after(pending, { kind: 'RETRY', error: 'greylisted', dueAt });
    expect(waiting).toMatchObject({ delivery: 'PENDING', lastError: 'greylisted', dueAt, version: 1 });
    expect(after(waiting, { kind: 'SENT' })).toMatchObject({ lastError: null, dueAt: null });
  });

  test('is sent', () => {
    expect(sent).toMatchObject({ delivery: 'SENT', sentAt: LATER, dueAt: null, version: 2, updatedAt: LATER });
    expect(statusOf(sent)).toBe('SENT');
  });

  test('fails for good', () => {
    expect(failed).toMatchObject({ delivery: 'FAILED', lastError: 'no such mailbox', dueAt: null, version: 2 });
    expect(statusOf(failed)).toBe('FAILED');
  });

  test('leaves although it was read before', () => {
    const read = after(pending, { kind: 'READ' });
    expect(statusOf(read)).toBe('READ');
    const left = after(read, { kind: 'SENT' });
    expect(left).toMatchObject({ delivery: 'SENT', version: 3 });
    expect(statusOf(left)).toBe('READ');
  });
});

test.each([inApp, sent, failed])('a notification that is $delivery is read once', (notification) => {
  const read = after(notification, { kind: 'READ' });
  expect(read).toMatchObject({ readAt: LATER, version: notification.version + 1, updatedAt: LATER });
  expect(statusOf(read)).toBe('READ');
  expect(advanced(read, { kind: 'READ' }, LATER)).toBeUndefined();
});

describe.each([inApp, sent, failed])('a notification that is $delivery', (notification) => {
  test.each<NotificationStep>([
    { kind: 'TAKE', until: LATER },
    { kind: 'RETRY', error: 'late', dueAt: LATER },
    { kind: 'SENT' },
    { kind: 'FAIL', error: 'late' },
  ])('is not moved by $kind', (step) => {
    expect(advanced(notification, step, LATER)).toBeUndefined();
  });
});
