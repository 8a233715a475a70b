import type { Feed } from '#shared/events/feed.ts';
import type { ConsumerDoor } from '#shared/graphql/consumer-dead-letters.ts';
import type { NotificationServices as Commands } from '../commands/send-notification.ts';
import type { Calls } from '../store/calls.ts';

/** What the resolvers work with; wired in main.ts. */
export interface NotificationServices extends Commands {
  readonly calls: Calls;
  /** Of what could not be noted. */
  readonly door: ConsumerDoor;
  readonly feed: Feed;
  /** How long a reader waits for a user's event that is on its way, in milliseconds. */
  readonly profileWaitMs: number;
}
