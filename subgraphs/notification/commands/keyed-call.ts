import { invariant } from '#shared/invariant.ts';
import type { Outcome } from '#shared/refusal.ts';
import { fingerprintOf, replay, requireKey, type Answer, type Call } from '#shared/store/idempotency.ts';
import type { StoredCall } from '../store/notifications.ts';

interface KeyedCall<Data, Code extends string> {
  readonly secret: string;
  readonly call: Call;
  /** The call that was kept under this key before. */
  readonly find: () => Promise<StoredCall | undefined>;
  /** Decides, without an effect. */
  readonly decide: () => Promise<Outcome<Data, Code>>;
  /** Keeps the call with its outcome and, in the same write, its effect; false when another call with this key was first. */
  readonly keep: (stored: StoredCall, outcome: Outcome<Data, Code>) => Promise<boolean>;
}

/**
 * Gives a call one effect per (caller, field, key) where there are no transactions: key, outcome and effect are one document, whose id
 * follows from the key, and only one insert of it can succeed. Throws as `Idempotency.once` does.
 */
export async function onceByInsert<Data, Code extends string>({
  secret,
  call,
  find,
  decide,
  keep,
}: KeyedCall<Data, Code>): Promise<Answer<Data, Code>> {
  requireKey(call.key);
  const fingerprint = fingerprintOf(secret, call);
  const again = (stored: StoredCall): Answer<Data, Code> =>
    replay({ fingerprint: Buffer.from(stored.fingerprint, 'base64'), outcome: stored.outcome }, fingerprint);
  const known = await find();
  if (known !== undefined) return again(known);
  const outcome = await decide();
  if (await keep({ fingerprint: fingerprint.toString('base64'), outcome }, outcome))
    return { outcome, replayed: false };
  const first = await find();
  invariant(first !== undefined, 'a key that could not be taken has its document');
  return again(first);
}
