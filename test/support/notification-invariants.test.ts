import { expect, test } from 'vitest';
import { notificationBreachesOf, type NotificationFacts } from './notification-invariants.ts';

type Made = NotificationFacts['notifications'][number];

const about = (template: Made['template'], orderId: string | null = null): Made => ({
  template,
  userId: 'ada',
  orderId,
});

/** Somebody who has ordered three times: one order stands, one failed, one was cancelled. */
const whole: NotificationFacts = {
  users: [{ id: 'ada', version: 2 }],
  profiles: [{ id: 'ada', version: 2 }],
  orders: [
    { id: 'a', userId: 'ada', status: 'CONFIRMED' },
    { id: 'b', userId: 'ada', status: 'FAILED' },
    { id: 'c', userId: 'ada', status: 'CANCELLED' },
  ],
  notifications: [
    about('WELCOME'),
    about('ORDER_CONFIRMED', 'a'),
    about('ORDER_FAILED', 'b'),
    about('ORDER_CONFIRMED', 'c'),
    about('ORDER_CANCELLED', 'c'),
  ],
  unfinished: 0,
};

const without = (at: number): Partial<NotificationFacts> => ({ notifications: whole.notifications.toSpliced(at, 1) });
const withMore = (...more: Made[]): Partial<NotificationFacts> => ({
  notifications: [...whole.notifications, ...more],
});

test('a system in which all is well has no breach', () => {
  expect(notificationBreachesOf(whole)).toEqual([]);
});

test.each<[string, Partial<NotificationFacts>, string]>([
  ['a welcome that is missing', without(0), 'nobody was sent WELCOME to ada'],
  ['an order of which nobody was told', without(1), 'nobody was sent ORDER_CONFIRMED to ada about a'],
  ['a cancellation of which nobody was told', without(4), 'nobody was sent ORDER_CANCELLED to ada about c'],
  ['a welcome too many', withMore(about('WELCOME')), 'WELCOME to ada was made 2 times'],
  ['an order told twice', withMore(about('ORDER_FAILED', 'b')), 'ORDER_FAILED to ada about b was made 2 times'],
  ['what never happened', withMore(about('ORDER_CANCELLED', 'a')), 'nothing has caused ORDER_CANCELLED to ada about a'],
  ['a copy that is behind', { profiles: [{ id: 'ada', version: 1 }] }, 'the profile of ada is at 1, the user at 2'],
  ['a copy that is missing', { profiles: [] }, 'the profile of ada is at nothing, the user at 2'],
  ['a copy of nobody', { profiles: [...whole.profiles, { id: 'bob', version: 1 }] }, '2 profiles of 1 users'],
  ['something left to do', { unfinished: 3 }, '3 documents still have something to tell or to deliver'],
])('%s is a breach', (_, change, breach) => {
  expect(notificationBreachesOf({ ...whole, ...change })).toEqual([breach]);
});
