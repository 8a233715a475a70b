import { liveRecords } from '#shared/graphql/live-records.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { streaming } from '#shared/graphql/subscribe.ts';
import { mayRead, requireSignedIn } from '#shared/identity/viewer.ts';
import { orderFromSnapshot } from '../domain/order-events.ts';
import type { SubscriptionResolvers } from '../generated/resolver-types.ts';
import type { OrderServices } from './services.ts';

export function subscriptions({ feed }: OrderServices): FieldResolvers<SubscriptionResolvers> {
  return {
    orderChanged: streaming((_, { id, after }, { viewer }) => {
      requireSignedIn(viewer);
      const wanted = id?.toLowerCase();
      return liveRecords({
        feed,
        after,
        take: ({ subject, ownerid, data }) =>
          (wanted ?? subject) === subject && mayRead(viewer, ownerid) ? orderFromSnapshot(data) : undefined,
      });
    }),
  };
}
