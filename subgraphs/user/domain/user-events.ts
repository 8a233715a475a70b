import type { User } from './user.ts';

export const USER_EVENT_TYPES = ['user.created', 'user.updated'] as const;
export type UserEventType = (typeof USER_EVENT_TYPES)[number];

/** A user as events carry it: the whole record, instants as RFC 3339. */
export type UserSnapshot = Omit<User, 'createdAt' | 'updatedAt'> & {
  readonly createdAt: string;
  readonly updatedAt: string;
};

/** What the outbox is told of a user's change. A user belongs to itself. */
export interface UserChange {
  readonly type: UserEventType;
  readonly subject: string;
  readonly ownerId: string;
  readonly version: number;
  readonly data: UserSnapshot;
  readonly occurredAt: Date;
}

export function userChange(type: UserEventType, user: User): UserChange {
  const data = { ...user, createdAt: user.createdAt.toISOString(), updatedAt: user.updatedAt.toISOString() };
  return { type, subject: user.id, ownerId: user.id, version: user.version, data, occurredAt: user.updatedAt };
}

/** The user an event carries, as it was at that version. */
export function userFromSnapshot(data: unknown): User {
  const snapshot = data as UserSnapshot;
  return { ...snapshot, createdAt: new Date(snapshot.createdAt), updatedAt: new Date(snapshot.updatedAt) };
}
