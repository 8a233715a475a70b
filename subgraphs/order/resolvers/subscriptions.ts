import type { RequestContext } from '#shared/graphql/context.ts';
import { liveRecords } from '#shared/graphql/live-records.ts';
import { resolveEvent } from '#shared/graphql/subscribe.ts';
import { mayRead, requireSignedIn } from '#shared/identity/viewer.ts';
import { orderFromSnapshot } from '../domain/order-events.ts';
import type { OrderServices } from './services.ts';

interface OrderChangedArguments {
  readonly id?: string | null;
  readonly after?: string | null;
}

export function subscriptions({ feed }: OrderServices): Record<string, unknown> {
  return {
    orderChanged: {
      subscribe: (_: unknown, { id, after }: OrderChangedArguments, { viewer }: RequestContext) => {
        requireSignedIn(viewer);
        const wanted = id?.toLowerCase();
        return liveRecords({
          feed,
          after,
          take: ({ subject, ownerid, data }) =>
            (wanted ?? subject) === subject && mayRead(viewer, ownerid) ? orderFromSnapshot(data) : undefined,
        });
      },
      resolve: resolveEvent,
    },
  };
}
