import { appendEvents, type Change } from '#shared/events/outbox.ts';
import { transact, type Database } from '#shared/store/postgres.ts';
import { userChange } from '#user/domain/user-events.ts';

/** One statement's worth. */
const MOST_AT_ONCE = 500;

interface Told {
  readonly id: string;
  readonly version: number;
  /** The longer, the larger the event. */
  readonly firstName?: string;
}

/**
 * Puts changes of users into the user service's outbox, as its mutations do: its own stamper and feed take them from there. The users
 * themselves need not be there.
 */
export async function tellOfUsers(db: Database, told: readonly Told[]): Promise<void> {
  for (let at = 0; at < told.length; at += MOST_AT_ONCE) {
    const changes = told.slice(at, at + MOST_AT_ONCE).map(toChange);
    await transact(db, (tx) => appendEvents(tx, changes));
  }
}

/** The versions `from` to `to` of one user. */
export function versionsOf(
  id: string,
  { from, to, firstName }: { from: number; to: number; firstName?: string },
): Told[] {
  return Array.from({ length: to - from + 1 }, (_, at) => ({
    id,
    version: from + at,
    ...(firstName !== undefined && { firstName }),
  }));
}

function toChange({ id, version, firstName = 'Ada' }: Told): Change {
  const at = new Date();
  return userChange('user.updated', {
    id,
    firstName,
    lastName: 'Lovelace',
    email: `${id}@example.org`,
    mobile: null,
    status: 'ACTIVE',
    role: 'CUSTOMER',
    version,
    createdAt: at,
    updatedAt: at,
  });
}
