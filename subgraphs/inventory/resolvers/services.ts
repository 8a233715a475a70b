import type { CommandServices } from '#shared/command.ts';
import type { Feed } from '#shared/events/feed.ts';
import type { StockDesk } from '../commands/stock-desk.ts';

/** What the resolvers work with; wired in main.ts. */
export interface InventoryServices extends CommandServices {
  readonly feed: Feed;
  readonly desk: StockDesk;
  /** Does the configuration allow the service to misbehave on purpose? */
  readonly gremlinAllowed: boolean;
  /** Makes this process act on the gremlin's settings at once. */
  readonly heedGremlin: () => Promise<void>;
}
