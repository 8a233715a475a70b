import { expect, test } from 'vitest';
import { contextOf } from '#test/support/request-context.ts';
import { callerOf, payloadBase } from './payload.ts';

test('a payload tells whether it is a replay, and so does the operation, field by field', () => {
  const context = contextOf();
  expect(payloadBase({ replayed: false, outcome: { data: { id: 1 } } }, context)).toEqual({
    replayed: false,
    userErrors: [],
  });
  expect(payloadBase({ replayed: true, outcome: { data: { id: 1 } } }, context)).toEqual({
    replayed: true,
    userErrors: [],
  });
  expect(context.replays).toEqual([false, true]);
});

test('a payload of a refused command has its user errors', () => {
  const userErrors = [{ code: 'EMAIL_TAKEN', message: 'This e-mail is taken.', field: 'email' }];
  expect(payloadBase({ replayed: true, outcome: { userErrors } }, contextOf())).toEqual({ replayed: true, userErrors });
});

test('the caller of a command is the viewer of its operation, under the key of its field', () => {
  const viewer = { kind: 'user', id: 'ada', role: 'CUSTOMER', expiresAt: new Date() } as const;
  const { correlationId, traceparent } = contextOf();
  expect(callerOf(contextOf({ viewer }), 'key-1')).toEqual({
    viewer,
    idempotencyKey: 'key-1',
    correlationId,
    traceparent,
  });
});
