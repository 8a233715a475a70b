import type { FeedEvent } from '#shared/events/feed.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { streaming, type StreamEvent } from '#shared/graphql/subscribe.ts';
import { isAdmin, mayRead, requireSignedIn, type Viewer } from '#shared/identity/viewer.ts';
import { cancellable } from '#shared/stream.ts';
import { userFromSnapshot } from '../domain/user-events.ts';
import type { User } from '../domain/user.ts';
import type { SubscriptionResolvers } from '../generated/resolver-types.ts';
import type { UserServices } from './services.ts';

export function subscriptions({ feed }: UserServices): FieldResolvers<SubscriptionResolvers> {
  return {
    userChanged: streaming((_, { id, after }, { viewer }) => {
      requireSignedIn(viewer);
      return cancellable((signal) => changesSeenBy(viewer, id ?? undefined, feed.follow({ after, signal })));
    }),
  };
}

async function* changesSeenBy(
  viewer: Viewer,
  id: string | undefined,
  events: AsyncIterable<FeedEvent>,
): AsyncGenerator<StreamEvent<User>> {
  const whose = id ?? (viewer.kind === 'user' && !isAdmin(viewer) ? viewer.id : undefined);
  for await (const { event, cursor } of events) {
    const wanted = whose === undefined || event.subject === whose;
    if (wanted && mayRead(viewer, event.ownerid)) yield { value: userFromSnapshot(event.data), cursor };
  }
}
