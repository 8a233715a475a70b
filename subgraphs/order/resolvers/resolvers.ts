import type { ResolverMap } from '#shared/graphql/resolver-map.ts';
import type { Resolvers } from '../generated/resolver-types.ts';
import { mutations } from './mutations.ts';
import { orderFields, orderItemFields, orderLoader, userFields } from './order.ts';
import { queries } from './queries.ts';
import type { OrderServices } from './services.ts';
import { subscriptions } from './subscriptions.ts';

/** The whole resolver map of the order subgraph. */
export function resolvers(services: OrderServices): ResolverMap<Resolvers> {
  const orders = orderLoader(services.db);
  return {
    Query: queries(services, orders),
    Mutation: mutations(services, orders),
    Subscription: subscriptions(services),
    Order: orderFields(orders),
    OrderItem: orderItemFields,
    User: userFields(services.db),
  };
}
