import { consumerDeadLetters } from '#shared/graphql/consumer-dead-letters.ts';
import { connection, pageRequest } from '#shared/graphql/connection.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { onlyOwner, requireOperator, requireSignedIn } from '#shared/identity/viewer.ts';
import type { QueryResolvers } from '../generated/resolver-types.ts';
import { SORT_KEYS, sortKeyOf } from '../store/list-place.ts';
import { visibleNotification, type NotificationLoader } from './notification.ts';
import type { NotificationServices } from './services.ts';

export function queries(
  { notifications, profiles, door }: NotificationServices,
  loader: NotificationLoader,
): FieldResolvers<QueryResolvers> {
  return {
    notificationDeadLetters: (_, page, context) => consumerDeadLetters(door, page, context),
    notification: (_, { id }, context) => visibleNotification(loader, context, id),
    notifications: async (_, { filter, ...page }, { viewer }) => {
      requireSignedIn(viewer);
      const request = pageRequest(page, SORT_KEYS);
      return connection(
        await notifications.page({ ...filter, userId: onlyOwner(viewer) }, request),
        request,
        sortKeyOf,
      );
    },
    notificationProfiles: async (_, page, { viewer }) => {
      requireOperator(viewer);
      const request = pageRequest(page, SORT_KEYS);
      return connection(await profiles.page(request), request, ({ userId: id, createdAt }) =>
        sortKeyOf({ id, createdAt }),
      );
    },
  };
}
