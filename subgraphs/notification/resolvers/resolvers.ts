import type { ResolverMap } from '#shared/graphql/resolver-map.ts';
import type { Resolvers } from '../generated/resolver-types.ts';
import { mutations } from './mutations.ts';
import { notificationFields, notificationLoader } from './notification.ts';
import { queries } from './queries.ts';
import type { NotificationServices } from './services.ts';
import { subscriptions } from './subscriptions.ts';
import { profileFields, userFields } from './user.ts';

/** The whole resolver map of the notification subgraph. */
export function resolvers(services: NotificationServices): ResolverMap<Resolvers> {
  const notifications = notificationLoader(services.notifications);
  return {
    Query: queries(services, notifications),
    Mutation: mutations(services, notifications),
    Subscription: subscriptions(services),
    Notification: notificationFields(notifications),
    NotificationProfile: profileFields,
    User: userFields(services),
  };
}
