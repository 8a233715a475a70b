import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ROLES } from '#shared/identity/viewer.ts';
import { changed, fullName, registered, USER_STATUSES, type User, type UserChanges } from './user.ts';

const AT = new Date('2026-01-31T12:00:00Z');
const LATER = new Date('2026-02-01T12:00:00Z');

const ADA: User = {
  id: '018f0000-0000-7000-8000-000000000001',
  firstName: 'Ada',
  lastName: 'Lovelace',
  email: 'ada@example.com',
  mobile: '+4915112345678',
  status: 'ACTIVE',
  role: 'CUSTOMER',
  version: 3,
  createdAt: AT,
  updatedAt: AT,
};

/** Few different values, so that "nothing differs" comes up often. */
const few = fc.constantFrom('a', 'b', 'c');
const fields = {
  firstName: few,
  lastName: few,
  email: few,
  mobile: fc.option(few),
  status: fc.constantFrom(...USER_STATUSES),
};
const users: fc.Arbitrary<User> = fc.record({
  ...fields,
  id: fc.uuid(),
  role: fc.constantFrom(...ROLES),
  version: fc.integer({ min: 1, max: 2 ** 31 - 2 }),
  createdAt: fc.constant(AT),
  updatedAt: fc.constant(AT),
});
const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(values, { nil: undefined });
const changes: fc.Arbitrary<UserChanges> = fc.record(
  {
    firstName: maybe(fields.firstName),
    lastName: maybe(fields.lastName),
    email: maybe(fields.email),
    mobile: maybe(fields.mobile),
    status: maybe(fields.status),
  },
  { requiredKeys: [] },
);

test('a registered user is active, at version 1, and made when it was last changed', () => {
  const { id, firstName, lastName, email, role } = ADA;
  expect(registered({ firstName, lastName, email, role, mobile: null }, { id, at: AT })).toEqual({
    id,
    firstName,
    lastName,
    email,
    role,
    mobile: null,
    status: 'ACTIVE',
    version: 1,
    createdAt: AT,
    updatedAt: AT,
  });
});

describe('a change', () => {
  test('raises the version by exactly one iff something differs', () => {
    fc.assert(
      fc.property(users, changes, (user, wanted) => {
        const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
        const differs = given.some(([name, value]) => user[name as keyof UserChanges] !== value);
        expect(changed(user, wanted, LATER).version).toBe(user.version + (differs ? 1 : 0));
      }),
    );
  });

  test('gives the very same user when nothing differs, so that nothing is written and told', () => {
    expect(changed(ADA, {}, LATER)).toBe(ADA);
    expect(changed(ADA, { firstName: 'Ada', mobile: ADA.mobile }, LATER)).toBe(ADA);
    expect(changed(ADA, { firstName: undefined, mobile: undefined }, LATER)).toBe(ADA);
  });

  test('made twice is made once', () => {
    fc.assert(
      fc.property(users, changes, (user, wanted) => {
        const once = changed(user, wanted, LATER);
        expect(changed(once, wanted, LATER)).toBe(once);
      }),
    );
  });

  test('takes what it names and leaves the rest', () => {
    fc.assert(
      fc.property(users, changes, (user, wanted) => {
        const after = changed(user, wanted, LATER);
        for (const name of Object.keys(user) as (keyof User)[]) {
          if (name === 'version' || name === 'updatedAt') continue;
          const named = (wanted as Partial<User>)[name];
          expect(after[name]).toBe(named === undefined ? user[name] : named);
        }
      }),
    );
  });

  test('takes each value it names, and the time it was made', () => {
    const wanted = { firstName: 'Augusta', lastName: 'King', email: 'king@example.com', status: 'SUSPENDED' } as const;
    expect(changed(ADA, wanted, LATER)).toEqual({ ...ADA, ...wanted, version: 4, updatedAt: LATER });
  });

  test('takes a mobile number away with null', () => {
    expect(changed(ADA, { mobile: null }, LATER)).toMatchObject({ mobile: null, version: 4 });
  });

  test('leaves the user it began with as it was', () => {
    const before = Object.freeze({ ...ADA });
    changed(before, { firstName: 'Augusta' }, LATER);
    expect(before).toEqual(ADA);
  });
});

test('a full name is first and last name', () => {
  expect(fullName(ADA)).toBe('Ada Lovelace');
});
