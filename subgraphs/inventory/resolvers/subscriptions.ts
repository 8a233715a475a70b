import type { FeedEvent } from '#shared/events/feed.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import { resolveEvent, type StreamEvent } from '#shared/graphql/subscribe.ts';
import { requireOperator } from '#shared/identity/viewer.ts';
import { cancellable } from '#shared/stream.ts';
import type { Product } from '../domain/product.ts';
import { productFromSnapshot } from '../domain/stock-events.ts';
import type { InventoryServices } from './services.ts';

interface StockChangedArguments {
  readonly productId?: string | null;
  readonly after?: string | null;
}

export function subscriptions({ feed }: InventoryServices): Record<string, unknown> {
  return {
    stockChanged: {
      subscribe: (_: unknown, { productId, after }: StockChangedArguments, { viewer }: RequestContext) => {
        requireOperator(viewer);
        return cancellable((signal) => changesOf(productId ?? undefined, feed.follow({ after, signal })));
      },
      resolve: resolveEvent,
    },
  };
}

async function* changesOf(
  productId: string | undefined,
  events: AsyncIterable<FeedEvent>,
): AsyncGenerator<StreamEvent<Product>> {
  for await (const { event, cursor } of events) {
    if (productId === undefined || event.subject === productId)
      yield { value: productFromSnapshot(event.data), cursor };
  }
}
