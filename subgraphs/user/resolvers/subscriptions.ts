import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { liveRecords } from '#shared/graphql/live-records.ts';
import { streaming } from '#shared/graphql/subscribe.ts';
import { mayRead, onlyOwner, requireSignedIn } from '#shared/identity/viewer.ts';
import { userFromSnapshot } from '../domain/user-events.ts';
import type { SubscriptionResolvers } from '../generated/resolver-types.ts';
import type { UserServices } from './services.ts';

export function subscriptions({ feed }: UserServices): FieldResolvers<SubscriptionResolvers> {
  return {
    userChanged: streaming((_, { id, after }, { viewer }) => {
      requireSignedIn(viewer);
      const whose = id ?? onlyOwner(viewer);
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
