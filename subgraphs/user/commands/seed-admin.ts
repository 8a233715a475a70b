import { v7 } from 'uuid';
import { appendEvents } from '#shared/events/outbox.ts';
import { checkInput } from '#shared/input.ts';
import { transact, type Database } from '#shared/store/postgres.ts';
import { userChange } from '../domain/user-events.ts';
import { registrationInput } from '../domain/user-input.ts';
import { registered } from '../domain/user.ts';
import { findCredentials, insertUser } from '../store/users.ts';
import { hashPassword } from './password-hash.ts';

/** Makes the first admin, unless somebody already has this e-mail; replicas that start together make one. */
export async function seedAdmin(db: Database, admin: { email: string; password: string }): Promise<void> {
  if ((await findCredentials(db, admin.email)) !== undefined) return;
  const { password, ...registration } = checkInput(registrationInput, {
    ...admin,
    firstName: 'Lockstep',
    lastName: 'Admin',
  });
  const passwordHash = await hashPassword(password);
  await transact(db, async (tx) => {
    const user = registered({ ...registration, role: 'ADMIN' }, { id: v7(), at: new Date() });
    const taken = await insertUser(tx, user, passwordHash);
    if (taken === undefined) await appendEvents(tx, [userChange('user.created', user)]);
  });
}
