import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { liveRecords } from '#shared/graphql/live-records.ts';
import { streaming } from '#shared/graphql/subscribe.ts';
import { isAdmin, mayRead, requireSignedIn, type Viewer } from '#shared/identity/viewer.ts';
import { userFromSnapshot } from '../domain/user-events.ts';
import type { SubscriptionResolvers } from '../generated/resolver-types.ts';
import type { UserServices } from './services.ts';

export function subscriptions({ feed }: UserServices): FieldResolvers<SubscriptionResolvers> {
  return {
    userChanged: streaming((_, { id, after }, { viewer }) => {
      requireSignedIn(viewer);
      const whose = id ?? ownId(viewer);
      return liveRecords({
        feed,
        after,
        take: ({ subject, ownerid, data }) => {
          const wanted = whose === undefined || subject === whose;
          return wanted && mayRead(viewer, ownerid) ? userFromSnapshot(data) : undefined;
        },
      });
    }),
  };
}

/** Customers watch themselves when they name nobody; admins and services watch all. */
function ownId(viewer: Viewer): string | undefined {
  return viewer.kind === 'user' && !isAdmin(viewer) ? viewer.id : undefined;
}
