import type { Feed } from '#shared/events/feed.ts';
import type { OrderServices as Commands } from '../commands/place-order.ts';

/** What the resolvers work with; wired in main.ts. */
export interface OrderServices extends Commands {
  readonly feed: Feed;
}
