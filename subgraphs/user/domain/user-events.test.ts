import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ROLES } from '#shared/identity/viewer.ts';
import { USER_EVENT_TYPES, userChange, userFromSnapshot } from './user-events.ts';
import { USER_STATUSES, type User } from './user.ts';

const instants = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });
const users: fc.Arbitrary<User> = fc.record({
  id: fc.uuid(),
  firstName: fc.string(),
  lastName: fc.string(),
  email: fc.emailAddress(),
  mobile: fc.option(fc.string()),
  status: fc.constantFrom(...USER_STATUSES),
  role: fc.constantFrom(...ROLES),
  version: fc.integer({ min: 1 }),
  createdAt: instants,
  updatedAt: instants,
});

test('a user read back from its event, over the wire, is the user it told', () => {
  fc.assert(
    fc.property(users, fc.constantFrom(...USER_EVENT_TYPES), (user, type) => {
      const wire: unknown = JSON.parse(JSON.stringify(userChange(type, user).data));
      expect(userFromSnapshot(wire)).toEqual(user);
    }),
  );
});

test('an event names the user as its subject and its owner, and carries version and time of the change', () => {
  fc.assert(
    fc.property(users, fc.constantFrom(...USER_EVENT_TYPES), (user, type) => {
      expect(userChange(type, user)).toMatchObject({
        type,
        subject: user.id,
        ownerId: user.id,
        version: user.version,
        occurredAt: user.updatedAt,
      });
    }),
  );
});

test('an event carries every field of the user, and the password is none of them', () => {
  const [user] = fc.sample(users, 1);
  expect(Object.keys(userChange('user.created', user!).data).toSorted()).toEqual(
    [
      'id',
      'firstName',
      'lastName',
      'email',
      'mobile',
      'status',
      'role',
      'version',
      'createdAt',
      'updatedAt',
    ].toSorted(),
  );
});
