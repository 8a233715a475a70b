import { connection, pageRequest, type PageArguments } from '#shared/graphql/connection.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import { requireOperator, requireSignedIn, type Viewer } from '#shared/identity/viewer.ts';
import type { Channel, NotificationStatus } from '../domain/notification.ts';
import { SORT_KEYS, sortKeyOf } from '../store/list-place.ts';
import { visibleNotification, type NotificationLoader } from './notification.ts';
import type { NotificationServices } from './services.ts';

interface NotificationsArguments extends PageArguments {
  readonly filter?: { readonly status?: NotificationStatus | null; readonly channel?: Channel | null } | null;
}

export function queries(
  { notifications, profiles }: NotificationServices,
  loader: NotificationLoader,
): Record<string, unknown> {
  return {
    notification: (_: unknown, { id }: { id: string }, context: RequestContext) =>
      visibleNotification(loader, context, id),
    notifications: async (
      _: unknown,
      { filter, ...page }: NotificationsArguments,
      { viewer }: RequestContext,
    ): Promise<unknown> => {
      requireSignedIn(viewer);
      const request = pageRequest(page, SORT_KEYS);
      return connection(await notifications.page({ ...filter, userId: whose(viewer) }, request), request, sortKeyOf);
    },
    notificationProfiles: async (_: unknown, page: PageArguments, { viewer }: RequestContext): Promise<unknown> => {
      requireOperator(viewer);
      const request = pageRequest(page, SORT_KEYS);
      return connection(await profiles.page(request), request, ({ userId: id, createdAt }) =>
        sortKeyOf({ id, createdAt }),
      );
    },
  };
}

/** Customers see their own notifications, admins and services all. */
function whose(viewer: Viewer): string | undefined {
  return viewer.kind === 'user' && viewer.role === 'CUSTOMER' ? viewer.id : undefined;
}
