import { v5 } from 'uuid';

/** Made for this purpose, by chance. */
const NAMESPACE = 'c0a3b1f4-5d0e-4b8e-9a52-6c1f1f0f7c11';

/** The id that follows from what makes a notification (an event and a channel, or a caller's key): one cause, one id, whoever computes it. UUIDv5, RFC 9562 §5.5. */
export function idFrom(...cause: readonly string[]): string {
  return v5(JSON.stringify(cause), NAMESPACE);
}
