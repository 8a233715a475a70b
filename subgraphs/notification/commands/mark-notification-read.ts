import { traceOf, type Caller } from '#shared/command.ts';
import { callerName, mayChange, requireSignedIn } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import { refused } from '#shared/refusal.ts';
import { readInput } from '../domain/notification-input.ts';
import type { NotificationErrorCode } from '../domain/notification.ts';
import type { Calls } from '../store/calls.ts';
import { onceByInsert } from './keyed-call.ts';
import { idFrom } from './notification-id.ts';
import type { NotificationAnswer, NotificationOutcome, NotificationServices } from './send-notification.ts';

/**
 * Marks a notification as read, once per key; for its user and admins. Refuses with `NOTIFICATION_NOT_FOUND`, also for what is not the
 * caller's.
 *
 * The key is kept first, with the notification it is for, and then the step is taken: there is no transaction over the two. A crash between
 * them is made good by the retry, since the step is taken on every call and only the first has an effect.
 */
export async function markNotificationRead(
  services: NotificationServices & { readonly calls: Calls },
  input: unknown,
  by: Caller,
): NotificationAnswer {
  requireSignedIn(by.viewer);
  const { id } = checkInput(readInput, input);
  const { notifications, calls, secret } = services;
  const call = { caller: callerName(by.viewer), field: 'markNotificationRead', key: by.idempotencyKey, args: input };
  const callId = idFrom(call.caller, call.field, call.key);
  const answer = await onceByInsert<NotificationOutcome, NotificationErrorCode>({
    secret,
    call,
    find: () => calls.find(callId),
    decide: async () => {
      const [found] = await notifications.find([id]);
      if (found === undefined || !mayChange(by.viewer, found.userId)) {
        return refused('NOTIFICATION_NOT_FOUND', 'There is no such notification.', 'id');
      }
      return { data: { notificationId: id } };
    },
    keep: (stored) => calls.add(callId, new Date(), stored),
  });
  if (answer.outcome.data !== undefined) {
    await notifications.step(id, { kind: 'READ' }, { at: new Date(), trace: traceOf(by) });
    services.afterWrite();
  }
  return answer;
}
