import type { ResolverMap } from '#shared/graphql/resolver-map.ts';
import { requireOperator } from '#shared/identity/viewer.ts';
import type { Resolvers } from '../generated/resolver-types.ts';
import { mutations } from './mutations.ts';
import { findPipeline, queries } from './queries.ts';
import { recordSyncFields, syncStateFields } from './record-sync.ts';
import type { SyncServices } from './services.ts';
import { subscriptions } from './subscriptions.ts';

/** The whole resolver map of the sync subgraph. */
export function resolvers(services: SyncServices): ResolverMap<Resolvers> {
  return {
    Query: queries(services),
    Mutation: mutations(services),
    Subscription: subscriptions(services),
    // A user is its own owner; products belong to no one.
    User: syncStateFields(services, 'USER', (user) => user.id),
    Order: syncStateFields(services, 'ORDER', (order) => order.user?.id ?? null),
    Product: syncStateFields(services, 'PRODUCT', () => null),
    RecordSync: recordSyncFields,
    SyncPipeline: {
      __resolveReference: ({ id }, { viewer }) => {
        requireOperator(viewer);
        return findPipeline(services, id);
      },
    },
  };
}
