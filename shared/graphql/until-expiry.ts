import { CLOCK_TOLERANCE_S } from '../identity/tokens.ts';
import type { Viewer } from '../identity/viewer.ts';
import { Refusal } from '../refusal.ts';
import { cancellable } from '../stream.ts';

/** The longest that a timer of Node's can wait for; a longer one fires at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Ends a stream whose token came with the operation: closing a socket at the expiry of its own token does not reach those. As late as
 * verification would still take the token, so that a gateway's socket is closed first.
 */
export function untilExpiry<T>(stream: AsyncGenerator<T>, viewer: Viewer): AsyncGenerator<T> {
  if (viewer.kind === 'anonymous') return stream;
  const lastsMs = viewer.expiresAt.getTime() + CLOCK_TOLERANCE_S * 1_000 - Date.now();
  return cancellable(async function* limited(signal) {
    let expired = false;
    const end = (): void => void stream.return(undefined);
    const expire = (): void => {
      expired = true;
      end();
    };
    const timer = setTimeout(expire, Math.min(lastsMs, LONGEST_TIMER_MS)).unref();
    signal.addEventListener('abort', end, { once: true });
    try {
      yield* stream;
    } finally {
      clearTimeout(timer);
    }
    if (expired) throw new Refusal('UNAUTHENTICATED', 'The token has expired; log in again.');
  });
}
