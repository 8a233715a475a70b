import type { ResolverMap } from '#shared/graphql/resolver-map.ts';
import type { Resolvers } from '../generated/resolver-types.ts';
import { mutations } from './mutations.ts';
import { operationFields, productFields, productLoader } from './product.ts';
import { queries } from './queries.ts';
import type { InventoryServices } from './services.ts';
import { subscriptions } from './subscriptions.ts';

/** The whole resolver map of the inventory subgraph. */
export function resolvers(services: InventoryServices): ResolverMap<Resolvers> {
  const products = productLoader(services.db);
  return {
    Query: queries(services, products),
    Mutation: mutations(services, products),
    Subscription: subscriptions(services),
    Product: productFields(services.db, products),
    InventoryOperation: operationFields(products),
  };
}
