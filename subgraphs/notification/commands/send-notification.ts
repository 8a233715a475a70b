import { traceOf, type Caller } from '#shared/command.ts';
import { callerName, requireOperator } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import { Refusal, refused } from '#shared/refusal.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import { sendInput } from '../domain/notification-input.ts';
import { made, type NotificationErrorCode } from '../domain/notification.ts';
import type { Notifications } from '../store/notifications.ts';
import type { Profiles } from '../store/profiles.ts';
import type { IsUser } from '../store/users.ts';
import { onceByInsert } from './keyed-call.ts';
import { idFrom } from './notification-id.ts';

/** What this service's commands work with. */
export interface NotificationServices {
  readonly notifications: Notifications;
  readonly profiles: Profiles;
  readonly isUser: IsUser;
  /** What fingerprints are made with. */
  readonly secret: string;
  /** There is something new to tell. */
  readonly afterWrite: () => void;
}

/** What is frozen with the key: which notification. */
export interface NotificationOutcome {
  readonly notificationId: string;
}

export type NotificationAnswer = Promise<Answer<NotificationOutcome, NotificationErrorCode>>;

/**
 * Sends a user a message, once per key; for admins and services. Refuses with `USER_NOT_FOUND`. Throws `BAD_USER_INPUT`,
 * `UNAUTHENTICATED` or `FORBIDDEN`; `SUBGRAPH_UNAVAILABLE` when neither this service nor the user service can tell whether there is such a user.
 */
export async function sendNotification(services: NotificationServices, input: unknown, by: Caller): NotificationAnswer {
  requireOperator(by.viewer);
  const { userId, ...message } = checkInput(sendInput, input);
  const { notifications, secret } = services;
  const call = { caller: callerName(by.viewer), field: 'sendNotification', key: by.idempotencyKey, args: input };
  const id = idFrom(call.caller, call.field, call.key);
  const answer = await onceByInsert<NotificationOutcome, NotificationErrorCode>({
    secret,
    call,
    find: () => notifications.findCall(id),
    decide: async () => {
      if (!(await isKnown(services, userId))) return refused('USER_NOT_FOUND', 'There is no such user.', 'userId');
      return { data: { notificationId: id } };
    },
    keep: (stored, { data }) => {
      const at = new Date();
      if (data === undefined) return notifications.addRefusal(id, at, stored);
      const notification = made({ ...message, id, userId, template: 'MESSAGE' }, at);
      return notifications.add({ notification, call: stored, trace: traceOf(by) });
    },
  });
  services.afterWrite();
  return answer;
}

/** A user of whom no event has come here yet may be new: a refusal is kept for good, so the user service has the last word. */
async function isKnown({ profiles, isUser }: NotificationServices, userId: string): Promise<boolean> {
  if ((await profiles.find([userId])).length > 0) return true;
  try {
    return await isUser(userId);
  } catch (error) {
    throw new Refusal('SUBGRAPH_UNAVAILABLE', 'Whether there is such a user cannot be told now; try again.', {
      field: 'userId',
      cause: error,
    });
  }
}
