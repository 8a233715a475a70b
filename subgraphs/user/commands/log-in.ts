import { Refusal } from '#shared/refusal.ts';
import type { Queryable } from '#shared/store/postgres.ts';
import type { User } from '../domain/user.ts';
import { findCredentials } from '../store/users.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';

/** Verified against when the e-mail is unknown, so that the time an answer takes does not tell. */
const NOBODY = hashPassword('nobody has this password');

/** The user whose e-mail and password these are. Throws `UNAUTHENTICATED`, or `FORBIDDEN` when the account is suspended. */
export async function logIn(db: Queryable, { email, password }: { email: string; password: string }): Promise<User> {
  const found = await findCredentials(db, email.trim());
  const matches = await verifyPassword(password, found?.passwordHash ?? (await NOBODY));
  if (found === undefined || !matches) throw new Refusal('UNAUTHENTICATED', 'E-mail and password do not match.');
  if (found.user.status === 'SUSPENDED') throw new Refusal('FORBIDDEN', 'This account is suspended.');
  return found.user;
}
