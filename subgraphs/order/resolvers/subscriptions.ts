import type { FeedEvent } from '#shared/events/feed.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import { resolveEvent, type StreamEvent } from '#shared/graphql/subscribe.ts';
import { mayRead, requireSignedIn, type Viewer } from '#shared/identity/viewer.ts';
import { cancellable } from '#shared/stream.ts';
import { orderFromSnapshot } from '../domain/order-events.ts';
import type { Order } from '../domain/order.ts';
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
        return cancellable((signal) => changesSeenBy(viewer, id?.toLowerCase(), feed.follow({ after, signal })));
      },
      resolve: resolveEvent,
    },
  };
}

async function* changesSeenBy(
  viewer: Viewer,
  id: string | undefined,
  events: AsyncIterable<FeedEvent>,
): AsyncGenerator<StreamEvent<Order>> {
  for await (const { event, cursor } of events) {
    const wanted = id === undefined || event.subject === id;
    if (wanted && mayRead(viewer, event.ownerid)) yield { value: orderFromSnapshot(event.data), cursor };
  }
}
