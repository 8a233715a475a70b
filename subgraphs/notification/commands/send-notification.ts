import { traceOf, type Caller } from '#shared/command.ts';
import { callerName, requireOperator } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import { refused } from '#shared/refusal.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import { sendInput } from '../domain/notification-input.ts';
import { made, type NotificationErrorCode } from '../domain/notification.ts';
import type { Notifications } from '../store/notifications.ts';
import type { Profiles } from '../store/profiles.ts';
import { onceByInsert } from './keyed-call.ts';
import { idFrom } from './notification-id.ts';
import { untilHeardOf } from './profile-arrivals.ts';

/** What this service's commands work with. */
export interface NotificationServices {
  readonly notifications: Notifications;
  readonly profiles: Profiles;
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
 * `UNAUTHENTICATED` or `FORBIDDEN`.
 */
export async function sendNotification(services: NotificationServices, input: unknown, by: Caller): NotificationAnswer {
  requireOperator(by.viewer);
  const { userId, ...message } = checkInput(sendInput, input);
  const { notifications, profiles, secret } = services;
  const call = { caller: callerName(by.viewer), field: 'sendNotification', key: by.idempotencyKey, args: input };
  const id = idFrom(call.caller, call.field, call.key);
  const answer = await onceByInsert<NotificationOutcome, NotificationErrorCode>({
    secret,
    call,
    find: () => notifications.findCall(id),
    decide: async () => {
      await untilHeardOf(profiles, [{ userId, version: 1 }]);
      const [known] = await profiles.find([userId]);
      if (known === undefined) return refused('USER_NOT_FOUND', 'There is no such user.', 'userId');
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
