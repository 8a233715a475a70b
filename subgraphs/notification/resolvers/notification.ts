import type DataLoader from 'dataloader';
import type { RequestContext } from '#shared/graphql/context.ts';
import { loaderPerRequest } from '#shared/graphql/loader.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { isAdmin, mayRead } from '#shared/identity/viewer.ts';
import { statusOf, type Notification } from '../domain/notification.ts';
import type { NotificationResolvers } from '../generated/resolver-types.ts';
import type { Notifications } from '../store/notifications.ts';

export type NotificationLoader = (context: RequestContext) => DataLoader<string, Notification | null>;

export function notificationLoader(notifications: Notifications): NotificationLoader {
  return loaderPerRequest(
    (ids) => notifications.find(ids),
    (notification) => notification.id,
  );
}

/** A notification the viewer may see, or null: a foreign one and none look the same. */
export async function visibleNotification(
  notifications: NotificationLoader,
  context: RequestContext,
  id: string,
): Promise<Notification | null> {
  const notification = await notifications(context).load(id.toLowerCase());
  return notification !== null && mayRead(context.viewer, notification.userId) ? notification : null;
}

export function notificationFields(notifications: NotificationLoader): FieldResolvers<NotificationResolvers> {
  return {
    __resolveReference: ({ id }, context) => visibleNotification(notifications, context, id),
    user: ({ userId }) => ({ id: userId }),
    status: statusOf,
    // What a mail server says may tell of the system's insides.
    lastError: ({ lastError }, _, { viewer }) => (isAdmin(viewer) || viewer.kind === 'service' ? lastError : null),
  };
}
