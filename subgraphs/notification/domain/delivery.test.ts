import { expect, test } from 'vitest';
import { stepAfter } from './delivery.ts';

const createdAt = new Date('2026-01-31T12:00:00.000Z');
const hoursLater = (hours: number): Date => new Date(createdAt.getTime() + hours * 3_600_000);

test('what the server has taken is sent', () => {
  expect(stepAfter({ kind: 'TAKEN' }, { createdAt, at: hoursLater(0), retryInMs: 1_000 })).toEqual({ kind: 'SENT' });
});

test('what the server refuses is given up at once', () => {
  const step = stepAfter({ kind: 'REFUSED', error: '550' }, { createdAt, at: hoursLater(0), retryInMs: 1_000 });
  expect(step).toEqual({ kind: 'FAIL', error: '550' });
});

test('anything else is tried again after the backoff', () => {
  const at = hoursLater(23);
  const step = stepAfter({ kind: 'NOT_NOW', error: 'away' }, { createdAt, at, retryInMs: 60_000 });
  expect(step).toEqual({ kind: 'RETRY', error: 'away', dueAt: new Date(at.getTime() + 60_000) });
});

test('and given up when a day has passed', () => {
  const at = new Date(hoursLater(24).getTime() - 30_000);
  const step = stepAfter({ kind: 'NOT_NOW', error: 'away' }, { createdAt, at, retryInMs: 60_000 });
  expect(step).toEqual({ kind: 'FAIL', error: 'away' });
});
