import { liveRecords } from '#shared/graphql/live-records.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { streaming } from '#shared/graphql/subscribe.ts';
import { requireOperator } from '#shared/identity/viewer.ts';
import { productFromSnapshot } from '../domain/stock-events.ts';
import type { SubscriptionResolvers } from '../generated/resolver-types.ts';
import type { InventoryServices } from './services.ts';

export function subscriptions({ feed }: InventoryServices): FieldResolvers<SubscriptionResolvers> {
  return {
    stockChanged: streaming((_, { productId, after }, { viewer }) => {
      requireOperator(viewer);
      return liveRecords({
        feed,
        after,
        take: ({ subject, data }) => ((productId ?? subject) === subject ? productFromSnapshot(data) : undefined),
      });
    }),
  };
}
