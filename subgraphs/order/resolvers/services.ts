import type { Feed } from '#shared/events/feed.ts';
import type { ConsumerDoor } from '#shared/graphql/consumer-dead-letters.ts';
import type { OrderServices as Commands } from '../commands/place-order.ts';

/** What the resolvers work with; wired in main.ts. */
export interface OrderServices extends Commands, ConsumerDoor {
  readonly feed: Feed;
}
