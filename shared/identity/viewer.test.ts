import { describe, expect, test } from 'vitest';
import {
  ANONYMOUS,
  callerName,
  isAdmin,
  mayChange,
  mayRead,
  requireAdmin,
  requireOperator,
  requireService,
  requireSignedIn,
  type Viewer,
} from './viewer.ts';

const expiresAt = new Date('2026-01-31T12:00:00Z');
const VIEWERS = {
  anonymous: ANONYMOUS,
  ada: { kind: 'user', id: 'ada', role: 'CUSTOMER', expiresAt },
  admin: { kind: 'user', id: 'root', role: 'ADMIN', expiresAt },
  service: { kind: 'service', name: 'sync', expiresAt },
} as const satisfies Record<string, Viewer>;
type Name = keyof typeof VIEWERS;

const rights: readonly { who: Name; owner: string | null | undefined; read: boolean }[] = [
  { who: 'anonymous', owner: 'ada', read: false },
  { who: 'anonymous', owner: null, read: false },
  { who: 'anonymous', owner: undefined, read: false },
  { who: 'anonymous', owner: 'anonymous', read: false },
  { who: 'ada', owner: 'ada', read: true },
  { who: 'ada', owner: 'bob', read: false },
  { who: 'ada', owner: null, read: false },
  { who: 'ada', owner: undefined, read: false },
  { who: 'ada', owner: '', read: false },
  { who: 'admin', owner: 'root', read: true },
  { who: 'admin', owner: 'ada', read: true },
  { who: 'admin', owner: null, read: true },
  { who: 'service', owner: 'ada', read: true },
  { who: 'service', owner: null, read: true },
];

test.each(rights)('that $who reads what belongs to $owner is $read', ({ who, owner, read }) => {
  expect(mayRead(VIEWERS[who], owner)).toBe(read);
});

test.each<{ who: Name; owner: string; change: boolean }>([
  { who: 'anonymous', owner: 'ada', change: false },
  { who: 'anonymous', owner: 'anonymous', change: false },
  { who: 'ada', owner: 'ada', change: true },
  { who: 'ada', owner: 'bob', change: false },
  { who: 'admin', owner: 'ada', change: true },
  { who: 'service', owner: 'ada', change: false },
  { who: 'service', owner: 'sync', change: false },
])('that $who changes what belongs to $owner is $change', ({ who, owner, change }) => {
  expect(mayChange(VIEWERS[who], owner)).toBe(change);
});

describe.each([
  {
    name: 'requireSignedIn',
    check: requireSignedIn,
    answers: { anonymous: 'UNAUTHENTICATED', ada: undefined, admin: undefined, service: undefined },
  },
  {
    name: 'requireAdmin',
    check: requireAdmin,
    answers: { anonymous: 'UNAUTHENTICATED', ada: 'FORBIDDEN', admin: undefined, service: 'FORBIDDEN' },
  },
  {
    name: 'requireOperator',
    check: requireOperator,
    answers: { anonymous: 'UNAUTHENTICATED', ada: 'FORBIDDEN', admin: undefined, service: undefined },
  },
  {
    name: 'requireService',
    check: requireService,
    answers: { anonymous: 'UNAUTHENTICATED', ada: 'FORBIDDEN', admin: 'FORBIDDEN', service: undefined },
  },
])('$name', ({ check, answers }) => {
  test.each(Object.entries(answers))('answers %s with %s', (who, code) => {
    expect(codeOf(() => check(VIEWERS[who as Name]))).toBe(code);
  });
});

function codeOf(check: () => void): unknown {
  try {
    check();
    return undefined;
  } catch (error) {
    return (error as { code: unknown }).code;
  }
}

test('only a user with that role is an admin', () => {
  expect(Object.entries(VIEWERS).flatMap(([name, viewer]) => (isAdmin(viewer) ? [name] : []))).toEqual(['admin']);
});

test('a caller is named by its id, so that idempotency keys of different callers never meet', () => {
  expect(Object.values(VIEWERS).map(callerName)).toEqual(['anonymous', 'ada', 'root', 'service:sync']);
});
