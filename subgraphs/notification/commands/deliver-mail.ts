import type { Log } from '#shared/log.ts';
import { backoffMs, type Backoff } from '#shared/retry.ts';
import type { Counts } from '#shared/worker.ts';
import { stepAfter, type Attempt } from '../domain/delivery.ts';
import type { Notification } from '../domain/notification.ts';
import { MailRefused, type Mailer } from '../store/mail/mailer.ts';
import type { Notifications } from '../store/notifications.ts';
import type { Profiles } from '../store/profiles.ts';

export interface MailDelivery {
  readonly notifications: Notifications;
  readonly profiles: Profiles;
  readonly mailer: Mailer;
  readonly log: Log;
}

/** As many as a mail server takes from one client without complaint. */
const AT_ONCE = 10;
/** Longer than the minute that one attempt may take (store/mail/smtp-mailer.ts): nobody else sends it meanwhile. */
const TURN_MS = 75_000;
/** A greylisting server wants a minute or more, one that restarts a second. */
const RETRY: Backoff = { firstMs: 1_000, longestMs: 10 * 60_000 };

/**
 * Hands over e-mails that are due. Each is taken for a while, sent, and settled; a crash in between has it sent once more when its
 * turn has lapsed, with the same Message-ID: e-mail is delivered at least once.
 */
export async function deliverOnce(delivery: MailDelivery): Promise<Counts> {
  const due = await delivery.notifications.due(new Date(), AT_ONCE);
  const attempted = await Promise.all(due.map((notification) => deliver(delivery, notification.id)));
  return { attempted: attempted.filter(Boolean).length };
}

/** False when somebody else has taken it. */
async function deliver(delivery: MailDelivery, id: string): Promise<boolean> {
  const { notifications, log } = delivery;
  const takenAt = new Date();
  const until = new Date(takenAt.getTime() + TURN_MS);
  const taken = await notifications.step(id, { kind: 'TAKE', until }, { at: takenAt });
  if (taken === undefined) return false;
  const attempt = await tryToSend(delivery, taken);
  if (attempt.kind !== 'TAKEN') log.warn({ notification: id, attempt }, 'an e-mail was not taken');
  const at = new Date();
  const retryInMs = backoffMs(RETRY, taken.attempts);
  await notifications.step(id, stepAfter(attempt, { createdAt: taken.createdAt, at, retryInMs }), { at });
  return true;
}

async function tryToSend(
  { profiles, mailer }: MailDelivery,
  { id, userId, subject, body }: Notification,
): Promise<Attempt> {
  try {
    const [profile] = await profiles.find([userId]);
    if (profile === undefined) return { kind: 'NOT_NOW', error: 'the address is not known yet' };
    await mailer.send({ to: profile.email, subject, text: body, messageId: `${id}@lockstep` });
    return { kind: 'TAKEN' };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { kind: error instanceof MailRefused ? 'REFUSED' : 'NOT_NOW', error: text };
  }
}
