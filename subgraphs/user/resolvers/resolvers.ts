import type { ResolverMap } from '#shared/graphql/resolver-map.ts';
import type { Resolvers } from '../generated/resolver-types.ts';
import { mutations } from './mutations.ts';
import { queries } from './queries.ts';
import type { UserServices } from './services.ts';
import { subscriptions } from './subscriptions.ts';
import { userFields, userLoader } from './user.ts';

/** The whole resolver map of the user subgraph. */
export function resolvers(services: UserServices): ResolverMap<Resolvers> {
  const users = userLoader(services.db);
  return {
    Query: queries(services, users),
    Mutation: mutations(services, users),
    Subscription: subscriptions(services),
    User: userFields(users),
  };
}
