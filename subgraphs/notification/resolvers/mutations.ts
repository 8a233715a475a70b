import { discardField, redeliverField } from '#shared/graphql/consumer-dead-letters.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import { callerOf, payloadBase, recordAsItStands, type PayloadBase } from '#shared/graphql/payload.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { markNotificationRead } from '../commands/mark-notification-read.ts';
import { sendNotification } from '../commands/send-notification.ts';
import type { Notification, NotificationErrorCode } from '../domain/notification.ts';
import type { MutationResolvers } from '../generated/resolver-types.ts';
import type { NotificationLoader } from './notification.ts';
import type { NotificationServices } from './services.ts';

interface MutationArguments {
  readonly input: unknown;
  readonly idempotencyKey: string;
}

interface NotificationPayload extends PayloadBase<NotificationErrorCode> {
  readonly notification: Notification | null;
}

type NotificationCommand = typeof markNotificationRead;

export function mutations(
  services: NotificationServices,
  loader: NotificationLoader,
): FieldResolvers<MutationResolvers> {
  /** Gives the command, and answers with the notification as it now stands: its id is frozen, its status is live. */
  const carryOut =
    (command: NotificationCommand) =>
    async (_: unknown, given: MutationArguments, context: RequestContext): Promise<NotificationPayload> => {
      const answer = await command(services, given.input, callerOf(context, given.idempotencyKey));
      const notification = await recordAsItStands(loader(context), answer.outcome.data?.notificationId);
      return { ...payloadBase(answer, context), notification };
    };

  return {
    sendNotification: carryOut(sendNotification),
    markNotificationRead: carryOut(markNotificationRead),
    redeliverNotificationDeadLetters: redeliverField(services.door, 'redeliverNotificationDeadLetters'),
    discardNotificationDeadLetter: discardField(services.door, 'discardNotificationDeadLetter'),
  };
}
