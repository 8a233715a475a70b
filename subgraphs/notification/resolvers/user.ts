import DataLoader from 'dataloader';
import type { RequestContext } from '#shared/graphql/context.ts';
import { loaderPerRequest } from '#shared/graphql/loader.ts';
import { pagesPerRequest } from '#shared/graphql/page-loader.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { mayRead } from '#shared/identity/viewer.ts';
import { untilHeardOf, type Awaited } from '../commands/profile-arrivals.ts';
import type { UserReference } from '../domain/profile.ts';
import type { NotificationProfileResolvers, UserResolvers } from '../generated/resolver-types.ts';
import { SORT_KEYS, sortKeyOf } from '../store/list-place.ts';
import type { NotificationServices } from './services.ts';

/** The fields of users that this service knows, each after it has heard of the version that the asker has seen. */
export function userFields({
  notifications,
  profiles,
  profileWaitMs,
}: NotificationServices): FieldResolvers<UserResolvers> {
  const page = pagesPerRequest({
    find: (userIds, request) => notifications.pages(userIds, request),
    sortKeys: SORT_KEYS,
    sortKey: sortKeyOf,
  });
  const unread = loaderPerRequest(
    async (userIds) => [...(await notifications.unread(userIds))].map(([userId, count]) => ({ userId, count })),
    ({ userId }) => userId,
  );
  const known = loaderPerRequest(
    (userIds) => profiles.find(userIds),
    (profile) => profile.userId,
  );
  const arrivals = arrivalsPerRequest((awaited) => untilHeardOf(profiles, awaited, profileWaitMs));

  const afterArrival =
    <Arguments, Value>(read: (userId: string, given: Arguments, context: RequestContext) => Promise<Value>) =>
    async ({ id, version = 1 }: UserReference, given: Arguments, context: RequestContext): Promise<Value | null> => {
      if (!mayRead(context.viewer, id)) return null;
      await arrivals(context).load({ userId: id, version });
      return read(id, given, context);
    };

  return {
    __resolveReference: (reference) => reference,
    notifications: afterArrival((userId, given, context) => page(context, userId, given)),
    unreadCount: afterArrival(async (userId, _, context) => (await unread(context).load(userId))?.count ?? 0),
    notificationProfile: afterArrival((userId, _, context) => known(context).load(userId)),
  };
}

/** Waits once for all users of an operation. */
function arrivalsPerRequest(
  wait: (awaited: readonly Awaited[]) => Promise<void>,
): (context: RequestContext) => DataLoader<Awaited, void, string> {
  const loaders = new WeakMap<RequestContext, DataLoader<Awaited, void, string>>();
  const waitForAll = async (awaited: readonly Awaited[]): Promise<void[]> => {
    await wait(awaited);
    return awaited.map(() => undefined);
  };
  const cacheKeyFn = ({ userId, version }: Awaited): string => `${userId} ${version}`;
  return (context) => {
    const loader = loaders.get(context) ?? new DataLoader(waitForAll, { cacheKeyFn });
    loaders.set(context, loader);
    return loader;
  };
}

export const profileFields: FieldResolvers<NotificationProfileResolvers> = {
  user: ({ userId }) => ({ id: userId }),
  name: ({ firstName, lastName }) => `${firstName} ${lastName}`,
};
