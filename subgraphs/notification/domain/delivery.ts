import type { NotificationStep } from './notification.ts';

/** How an attempt to hand an e-mail over went. */
export type Attempt =
  | { readonly kind: 'TAKEN' }
  | { readonly kind: 'REFUSED'; readonly error: string }
  | { readonly kind: 'NOT_NOW'; readonly error: string };

/** A mail server that greylists answers within minutes, one that is rebuilt within a day; RFC 5321 §4.5.4.1 asks for days, but this is a shop. */
const GIVEN_UP_AFTER_MS = 24 * 60 * 60_000;

/** What becomes of an e-mail after an attempt: a refusal is final, everything else is tried again for a day. `retryInMs` is the backoff. */
export function stepAfter(
  attempt: Attempt,
  { createdAt, at, retryInMs }: { readonly createdAt: Date; readonly at: Date; readonly retryInMs: number },
): NotificationStep {
  switch (attempt.kind) {
    case 'TAKEN':
      return { kind: 'SENT' };
    case 'REFUSED':
      return { kind: 'FAIL', error: attempt.error };
    case 'NOT_NOW': {
      const { error } = attempt;
      const dueAt = new Date(at.getTime() + retryInMs);
      const tooLate = dueAt.getTime() - createdAt.getTime() > GIVEN_UP_AFTER_MS;
      return tooLate ? { kind: 'FAIL', error } : { kind: 'RETRY', error, dueAt };
    }
  }
}
