import type { RequestContext } from '#shared/graphql/context.ts';
import { liveRecords } from '#shared/graphql/live-records.ts';
import { resolveEvent } from '#shared/graphql/subscribe.ts';
import { requireOperator } from '#shared/identity/viewer.ts';
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
        return liveRecords({
          feed,
          after,
          take: ({ subject, data }) => ((productId ?? subject) === subject ? productFromSnapshot(data) : undefined),
        });
      },
      resolve: resolveEvent,
    },
  };
}
