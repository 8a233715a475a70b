import type { RequestContext } from '#shared/graphql/context.ts';
import { liveRecords } from '#shared/graphql/live-records.ts';
import { resolveEvent } from '#shared/graphql/subscribe.ts';
import { requireSignedIn } from '#shared/identity/viewer.ts';
import { isArrival, notificationFromSnapshot } from '../domain/notification-events.ts';
import type { NotificationServices } from './services.ts';

export function subscriptions({ feed }: NotificationServices): Record<string, unknown> {
  return {
    notificationReceived: {
      subscribe: (_: unknown, { after }: { after?: string | null }, { viewer }: RequestContext) => {
        requireSignedIn(viewer);
        return liveRecords({
          feed,
          after,
          // An admin receives what is theirs as well, not what everybody does.
          take: (event) =>
            isArrival(event) && (viewer.kind === 'service' || (viewer.kind === 'user' && event.ownerid === viewer.id))
              ? notificationFromSnapshot(event.data)
              : undefined,
        });
      },
      resolve: resolveEvent,
    },
  };
}
