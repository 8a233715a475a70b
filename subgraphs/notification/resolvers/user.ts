import DataLoader from 'dataloader';
import type { PageArguments } from '#shared/graphql/connection.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import { loaderPerRequest } from '#shared/graphql/loader.ts';
import { pagesPerRequest } from '#shared/graphql/page-loader.ts';
import { mayRead } from '#shared/identity/viewer.ts';
import { untilHeardOf, type Awaited } from '../commands/profile-arrivals.ts';
import type { Profile } from '../domain/profile.ts';
import { SORT_KEYS, sortKeyOf } from '../store/list-place.ts';
import type { NotificationServices } from './services.ts';

/** A user as the gateway hands it over: with the version that it has just read at the user service. */
interface UserReference {
  readonly id: string;
  readonly version?: number;
}

/** The fields of users that this service knows, each after it has heard of the version that the asker has seen. */
export function userFields({ notifications, profiles }: NotificationServices): Record<string, unknown> {
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
  const arrivals = arrivalsPerRequest((awaited) => untilHeardOf(profiles, awaited));

  const afterArrival =
    <Arguments, Value>(read: (userId: string, given: Arguments, context: RequestContext) => Promise<Value>) =>
    async ({ id, version = 1 }: UserReference, given: Arguments, context: RequestContext): Promise<Value | null> => {
      if (!mayRead(context.viewer, id)) return null;
      await arrivals(context).load({ userId: id, version });
      return read(id, given, context);
    };

  return {
    __resolveReference: (reference: UserReference) => reference,
    notifications: afterArrival((userId, given: PageArguments, context) => page(context, userId, given)),
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

export const profileFields = {
  user: ({ userId }: Profile): { id: string } => ({ id: userId }),
  name: ({ firstName, lastName }: Profile): string => `${firstName} ${lastName}`,
};
