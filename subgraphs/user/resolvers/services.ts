import type { CommandServices } from '#shared/command.ts';
import type { Feed } from '#shared/events/feed.ts';
import type { AccessToken } from '#shared/identity/tokens.ts';
import type { User } from '../domain/user.ts';

/** What the resolvers work with; wired in main.ts. */
export interface UserServices extends CommandServices {
  readonly feed: Feed;
  readonly mintToken: (user: User) => Promise<AccessToken>;
}
