import type { Resolvers } from '#shared/graphql/subgraph.ts';
import { mutations } from './mutations.ts';
import { queries } from './queries.ts';
import type { UserServices } from './services.ts';
import { subscriptions } from './subscriptions.ts';
import { userFields, userLoader } from './user.ts';

/** The whole resolver map of the user subgraph. */
export function resolvers(services: UserServices): Resolvers {
  const users = userLoader(services.db);
  return {
    Query: queries(services, users),
    Mutation: mutations(services, users),
    Subscription: subscriptions(services),
    User: userFields(users),
  };
}
