import { liveRecords } from '#shared/graphql/live-records.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { streaming } from '#shared/graphql/subscribe.ts';
import { requireSignedIn, type Viewer } from '#shared/identity/viewer.ts';
import { isArrival, notificationFromSnapshot } from '../domain/notification-events.ts';
import type { SubscriptionResolvers } from '../generated/resolver-types.ts';
import type { NotificationServices } from './services.ts';

export function subscriptions({ feed }: NotificationServices): FieldResolvers<SubscriptionResolvers> {
  return {
    notificationReceived: streaming((_, { after }, { viewer }) => {
      requireSignedIn(viewer);
      return liveRecords({
        feed,
        after,
        take: (event) =>
          isArrival(event) && receives(viewer, event.ownerid) ? notificationFromSnapshot(event.data) : undefined,
      });
    }),
  };
}

/** An admin receives what is theirs as well, not what everybody does. */
function receives(viewer: Viewer, ownerId: string | undefined): boolean {
  return viewer.kind === 'service' || (viewer.kind === 'user' && viewer.id === ownerId);
}
