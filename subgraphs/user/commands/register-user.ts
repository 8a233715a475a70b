import { v7 } from 'uuid';
import { traceOf, type Caller, type CommandServices } from '#shared/command.ts';
import { appendEvents } from '#shared/events/outbox.ts';
import { callerName } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import { userChange } from '../domain/user-events.ts';
import { registrationInput } from '../domain/user-input.ts';
import { registered, type UserErrorCode } from '../domain/user.ts';
import { insertUser } from '../store/users.ts';
import { hashPassword } from './password-hash.ts';
import { refusedAsTaken } from './refused-as-taken.ts';

/** What is frozen with the key: which user, in which version. */
export interface UserOutcome {
  readonly userId: string;
  readonly version: number;
}

/** Makes an account, once per key. Throws `BAD_USER_INPUT`; refuses with `EMAIL_TAKEN` or `MOBILE_TAKEN`. */
export async function registerUser(
  { idempotency }: CommandServices,
  input: unknown,
  by: Caller,
): Promise<Answer<UserOutcome, UserErrorCode>> {
  const { password, ...registration } = checkInput(registrationInput, input);
  const call = { caller: callerName(by.viewer), field: 'registerUser', key: by.idempotencyKey, args: input };
  return idempotency.once<UserOutcome, string, UserErrorCode>(call, {
    prepare: () => hashPassword(password),
    effect: async (tx, passwordHash) => {
      const user = registered({ ...registration, role: 'CUSTOMER' }, { id: v7(), at: new Date() });
      const taken = await insertUser(tx, user, passwordHash);
      if (taken !== undefined) return refusedAsTaken(taken);
      await appendEvents(tx, [{ ...userChange('user.created', user), ...traceOf(by) }]);
      return { data: { userId: user.id, version: user.version } };
    },
  });
}
