import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import { invariant } from '../invariant.ts';
import { badInput, Refusal, type Outcome } from '../refusal.ts';
import { findKey, KeyIsHeld, storeOutcome, takeKey, type KeyScope, type StoredKey } from './idempotency-keys.ts';
import { transact, type Database, type Transaction } from './postgres.ts';

/** A mutation call as far as idempotency is concerned. */
export interface Call extends KeyScope {
  /** The field's coerced arguments without the key; they are fingerprinted, never stored. */
  readonly args: unknown;
}

/** How a call is carried out. Only `effect` runs inside the transaction. */
export interface Effect<Data, Prepared, Code extends string> {
  /** Slow work (hashing, remote calls), done before the transaction and only when the key is new. */
  readonly prepare: () => Promise<Prepared>;
  /** Decides, saves and appends to the outbox; what it returns is frozen with the key in the same transaction. */
  readonly effect: (tx: Transaction, prepared: Prepared) => Promise<Outcome<Data, Code>>;
}

export interface Answer<Data, Code extends string = string> {
  readonly outcome: Outcome<Data, Code>;
  /** True when this call had no effect because an earlier one with its key had. */
  readonly replayed: boolean;
}

/** How long a call waits for its twin in another process. A command takes milliseconds, so this is a stuck process. */
const TWIN_WAIT_MS = 2_000;

/**
 * Gives every call one effect per (caller, field, key), and every retry the first answer.
 * The design, with its reasons, is in docs/architecture.md, "Idempotency"; the closest published relative is Stripe's, as described in
 * B. Leach, "Implementing Stripe-like Idempotency Keys in Postgres", 2017.
 */
export class Idempotency {
  readonly #db: Database;
  readonly #secret: string;
  readonly #afterCommit: () => void;
  /** Calls under way in this process: their twins wait for them here, holding no connection. */
  readonly #running = new Map<string, { fingerprint: Buffer; answer: Promise<Answer<unknown>> }>();

  constructor(options: { db: Database; secret: string; afterCommit: () => void }) {
    this.#db = options.db;
    this.#secret = options.secret;
    this.#afterCommit = options.afterCommit;
  }

  /**
   * Carries the call out once. Throws `BAD_USER_INPUT` on a malformed key, `IDEMPOTENCY_KEY_REUSED` when the key came with other
   * arguments before, `IDEMPOTENCY_IN_PROGRESS` when its first call is still running in another process.
   */
  async once<Data, Prepared, Code extends string>(
    call: Call,
    work: Effect<Data, Prepared, Code>,
  ): Promise<Answer<Data, Code>> {
    requireKey(call.key);
    const fingerprint = fingerprintOf(this.#secret, call);
    const name = JSON.stringify([call.caller, call.field, call.key]);
    for (let twin = this.#running.get(name); twin !== undefined; twin = this.#running.get(name)) {
      if (twin.fingerprint.equals(fingerprint)) {
        const { outcome } = await twin.answer;
        return { outcome: outcome as Outcome<Data, Code>, replayed: true };
      }
      // Other arguments under a key that is not yet decided: the first call may still fail and leave the key free.
      await twin.answer.catch(() => undefined);
    }
    const answer = this.#carryOut(call, fingerprint, work);
    this.#running.set(name, { fingerprint, answer });
    try {
      return await answer;
    } finally {
      this.#running.delete(name);
    }
  }

  async #carryOut<Data, Prepared, Code extends string>(
    call: Call,
    fingerprint: Buffer,
    work: Effect<Data, Prepared, Code>,
  ): Promise<Answer<Data, Code>> {
    const stored = await findKey(this.#db, call);
    if (stored !== undefined) return replay(stored, fingerprint);
    const prepared = await work.prepare();
    try {
      const answer = await transact(this.#db, (tx) => inTransaction(tx, { call, fingerprint, prepared, work }));
      this.#afterCommit();
      return answer;
    } catch (error) {
      if (!(error instanceof KeyIsHeld)) throw error;
      throw new Refusal('IDEMPOTENCY_IN_PROGRESS', 'A call with this key is still running; try again.', {
        cause: error,
      });
    }
  }
}

interface Attempt<Data, Prepared, Code extends string> {
  readonly call: Call;
  readonly fingerprint: Buffer;
  readonly prepared: Prepared;
  readonly work: Effect<Data, Prepared, Code>;
}

async function inTransaction<Data, Prepared, Code extends string>(
  tx: Transaction,
  { call, fingerprint, prepared, work }: Attempt<Data, Prepared, Code>,
): Promise<Answer<Data, Code>> {
  const scope = { caller: call.caller, field: call.field, key: call.key };
  if (!(await takeKey(tx, { ...scope, fingerprint }, TWIN_WAIT_MS))) {
    const stored = await findKey(tx, scope);
    invariant(stored !== undefined, 'a key that could not be taken has a row');
    return replay(stored, fingerprint);
  }
  const outcome = await work.effect(tx, prepared);
  await storeOutcome(tx, scope, outcome);
  return { outcome, replayed: false };
}

/** The first answer again. Throws `IDEMPOTENCY_KEY_REUSED` when the key was used with other arguments. */
export function replay<Data, Code extends string>(stored: StoredKey, fingerprint: Buffer): Answer<Data, Code> {
  if (!timingSafeEqual(stored.fingerprint, fingerprint)) {
    throw new Refusal('IDEMPOTENCY_KEY_REUSED', 'This idempotency key was used with other arguments; use a new key.', {
      field: 'idempotencyKey',
    });
  }
  invariant(stored.outcome !== null, 'a committed key has its outcome');
  return { outcome: stored.outcome as Outcome<Data, Code>, replayed: true };
}

/** What a call asks for, so that another request under its key is told from a retry: an HMAC, which tells whoever reads it nothing. */
export function fingerprintOf(secret: string, { field, args }: Pick<Call, 'field' | 'args'>): Buffer {
  return createHmac('sha256', secret)
    .update(canonicalJson([field, args]))
    .digest();
}

const ACCEPTABLE_KEY = /^[\x20-\x7e]{1,255}$/;

/** Throws `BAD_USER_INPUT` on what is no idempotency key. */
export function requireKey(key: string): void {
  if (!ACCEPTABLE_KEY.test(key)) {
    throw badInput(
      'idempotencyKey',
      'The idempotency key must have 1 to 255 printable ASCII characters; a UUID is a good one.',
    );
  }
}
