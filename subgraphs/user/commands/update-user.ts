import { traceOf, type Caller, type CommandServices } from '#shared/command.ts';
import { appendEvents } from '#shared/events/outbox.ts';
import { callerName, mayChange, requireAdmin, requireSignedIn } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import { refused, type Outcome } from '#shared/refusal.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import type { Transaction } from '#shared/store/postgres.ts';
import { userChange } from '../domain/user-events.ts';
import { statusInput, updateInput } from '../domain/user-input.ts';
import { changed, type UserChanges, type UserErrorCode } from '../domain/user.ts';
import { lockUser, updateUser as saveUser } from '../store/users.ts';
import { refusedAsTaken } from './refused-as-taken.ts';
import type { UserOutcome } from './register-user.ts';

type UserAnswer = Promise<Answer<UserOutcome, UserErrorCode>>;

/**
 * Changes a user's own data, once per key; for the user and for admins. Throws `BAD_USER_INPUT` or `UNAUTHENTICATED`; refuses with
 * `USER_NOT_FOUND` (also for what is not the caller's), `EMAIL_TAKEN` or `MOBILE_TAKEN`.
 */
export async function updateUser(services: CommandServices, input: unknown, by: Caller): UserAnswer {
  requireSignedIn(by.viewer);
  const { id, ...changes } = checkInput(updateInput, input);
  return changeOnce(services, by, { field: 'updateUser', input, id, changes });
}

/** Activates or suspends a user, once per key; for admins. Throws `FORBIDDEN`; refuses with `USER_NOT_FOUND`. */
export async function setUserStatus(services: CommandServices, input: unknown, by: Caller): UserAnswer {
  requireAdmin(by.viewer);
  const { id, status } = checkInput(statusInput, input);
  return changeOnce(services, by, { field: 'setUserStatus', input, id, changes: { status } });
}

interface Change {
  readonly field: string;
  readonly input: unknown;
  readonly id: string;
  readonly changes: UserChanges;
}

function changeOnce({ idempotency }: CommandServices, by: Caller, change: Change): UserAnswer {
  const call = { caller: callerName(by.viewer), field: change.field, key: by.idempotencyKey, args: change.input };
  return idempotency.once<UserOutcome, void, UserErrorCode>(call, {
    prepare: () => Promise.resolve(),
    effect: (tx) => applyChange(tx, by, change),
  });
}

/** Load, decide, save with its outbox row. */
async function applyChange(
  tx: Transaction,
  by: Caller,
  { id, changes }: Change,
): Promise<Outcome<UserOutcome, UserErrorCode>> {
  const before = mayChange(by.viewer, id) ? await lockUser(tx, id) : undefined;
  if (before === undefined) return refused('USER_NOT_FOUND', 'There is no such user.', 'id');
  const after = changed(before, changes, new Date());
  if (after !== before) {
    const taken = await saveUser(tx, after);
    if (taken !== undefined) return refusedAsTaken(taken);
    await appendEvents(tx, [{ ...userChange('user.updated', after), ...traceOf(by) }]);
  }
  return { data: { userId: after.id, version: after.version } };
}
