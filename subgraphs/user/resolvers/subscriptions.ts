import type { RequestContext } from '#shared/graphql/context.ts';
import { liveRecords } from '#shared/graphql/live-records.ts';
import { resolveEvent } from '#shared/graphql/subscribe.ts';
import { isAdmin, mayRead, requireSignedIn, type Viewer } from '#shared/identity/viewer.ts';
import { userFromSnapshot } from '../domain/user-events.ts';
import type { UserServices } from './services.ts';

interface UserChangedArguments {
  readonly id?: string | null;
  readonly after?: string | null;
}

export function subscriptions({ feed }: UserServices): Record<string, unknown> {
  return {
    userChanged: {
      subscribe: (_: unknown, { id, after }: UserChangedArguments, { viewer }: RequestContext) => {
        requireSignedIn(viewer);
        const whose = id ?? ownId(viewer);
        return liveRecords({
          feed,
          after,
          take: ({ subject, ownerid, data }) => {
            const wanted = whose === undefined || subject === whose;
            return wanted && mayRead(viewer, ownerid) ? userFromSnapshot(data) : undefined;
          },
        });
      },
      resolve: resolveEvent,
    },
  };
}

/** Customers watch themselves when they name nobody; admins and services watch all. */
function ownId(viewer: Viewer): string | undefined {
  return viewer.kind === 'user' && !isAdmin(viewer) ? viewer.id : undefined;
}
