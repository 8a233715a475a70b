import type { Log } from '#shared/log.ts';
import type { Database } from '#shared/store/postgres.ts';
import { startWorker, type Counts } from '#shared/worker.ts';
import { deliverOnce } from '../commands/deliver-mail.ts';
import type { Mailer } from '../store/mail/mailer.ts';
import type { Notifications } from '../store/notifications.ts';
import type { Profiles } from '../store/profiles.ts';

/** What another process wrote before it was killed is found by looking. */
const TELL_POLL_MS = 500;
/** Retries fall due one by one; a second more does not matter. */
const DELIVERY_POLL_MS = 1_000;

interface Mailroom {
  readonly db: Database;
  readonly notifications: Notifications;
  readonly profiles: Profiles;
  readonly mailer: Mailer;
  readonly log: Log;
  /** Something has come into the outbox. */
  readonly afterCommit: () => void;
}

export interface RunningMailroom extends AsyncDisposable {
  /** A document has been written that has something to tell. */
  wake(): void;
}

/**
 * Runs the workers that follow a document's writing: the teller moves what it has to tell to the outbox, then the deliverer hands over
 * what is an e-mail. Every replica may run them.
 */
export function startMailroom({ db, notifications, profiles, mailer, log, afterCommit }: Mailroom): RunningMailroom {
  const tellOnce = async (): Promise<Counts> => {
    const told = await Promise.all([profiles.documents.tellOnce(db), notifications.documents.tellOnce(db)]);
    const events = told.reduce((sum, count) => sum + count, 0);
    if (events > 0) {
      afterCommit();
      deliverer.wake();
    }
    return { told: events };
  };
  const sendOnce = async (): Promise<Counts> => {
    const counts = await deliverOnce({ notifications, profiles, mailer, log });
    teller.wake();
    return counts;
  };
  const teller = startWorker({ name: 'teller', runOnce: tellOnce, pollMs: TELL_POLL_MS, log });
  const deliverer = startWorker({ name: 'mail delivery', runOnce: sendOnce, pollMs: DELIVERY_POLL_MS, log });
  return {
    wake: () => teller.wake(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([teller.stop(), deliverer.stop()]);
    },
  };
}
