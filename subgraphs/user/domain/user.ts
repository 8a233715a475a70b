import type { Role } from '#shared/identity/viewer.ts';

export const USER_STATUSES = ['ACTIVE', 'PENDING', 'SUSPENDED'] as const;
export type UserStatus = (typeof USER_STATUSES)[number];

export const USER_ERROR_CODES = ['EMAIL_TAKEN', 'MOBILE_TAKEN', 'USER_NOT_FOUND'] as const;
export type UserErrorCode = (typeof USER_ERROR_CODES)[number];

/** Somebody with an account. The password is not part of it: see the credentials in store/users.ts. */
export interface User {
  /** UUIDv7. */
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  /** As it was given; unique without regard to case. */
  readonly email: string;
  /** E.164. */
  readonly mobile: string | null;
  readonly status: UserStatus;
  readonly role: Role;
  /** 1 at registration, one more with every change. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface Registration {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly mobile: string | null;
  readonly role: Role;
}

/** A new user: active at once. */
export function registered(registration: Registration, made: { id: string; at: Date }): User {
  return { ...registration, id: made.id, status: 'ACTIVE', version: 1, createdAt: made.at, updatedAt: made.at };
}

/** What may be changed; what is undefined stays. */
export interface UserChanges {
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly email?: string | undefined;
  readonly mobile?: string | null | undefined;
  readonly status?: UserStatus | undefined;
}

/** The user after the changes, or the very same user when nothing differs: then there is no new version and no event. */
export function changed(user: User, changes: UserChanges, at: Date): User {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  const differs = given.some(([name, value]) => user[name as keyof UserChanges] !== value);
  if (!differs) return user;
  return { ...user, ...Object.fromEntries(given), version: user.version + 1, updatedAt: at };
}

export function fullName(user: Pick<User, 'firstName' | 'lastName'>): string {
  return `${user.firstName} ${user.lastName}`;
}
