import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import { invariant } from '../invariant.ts';
import { badInput, Refusal, type Outcome } from '../refusal.ts';
import {
  findKey,
  KeyIsHeld,
  nameOf,
  storeOutcomes,
  takeKeys,
  type KeyScope,
  type NewKey,
  type StoredKey,
} from './idempotency-keys.ts';
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

/** A call that this process carries out now; its twins wait for it. */
export interface Ticket {
  readonly key: NewKey;
}

/** Has the call of a ticket carried out by {@link Idempotency.together}; undefined when its key was taken before. */
type CarryOut<Data, Code extends string> = (ticket: Ticket) => Promise<Answer<Data, Code> | undefined>;

export interface Answer<Data, Code extends string = string> {
  readonly outcome: Outcome<Data, Code>;
  /** True when this call had no effect because an earlier one with its key had. */
  readonly replayed: boolean;
}

/** How long a call waits for its twin in another process. A command takes milliseconds, so this is a stuck process. */
export const TWIN_WAIT_MS = 2_000;

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
  once<Data, Prepared, Code extends string>(
    call: Call,
    { prepare, effect }: Effect<Data, Prepared, Code>,
  ): Promise<Answer<Data, Code>> {
    return this.onceAmong<Data, Code>(call, async (ticket) => {
      if ((await findKey(this.#db, call)) !== undefined) return undefined;
      const prepared = await prepare();
      const [answer] = await this.together<Data, Code>([ticket], async (tx) => [await effect(tx, prepared)]);
      return answer;
    });
  }

  /** As {@link once}, where `carryOut` hands the call to whoever gathers several, to carry them out {@link together}. */
  async onceAmong<Data, Code extends string>(call: Call, carryOut: CarryOut<Data, Code>): Promise<Answer<Data, Code>> {
    requireKey(call.key);
    const { caller, field, key } = call;
    const ticket = { key: { caller, field, key, fingerprint: fingerprintOf(this.#secret, call) } };
    const name = nameOf(call);
    for (let twin = this.#running.get(name); twin !== undefined; twin = this.#running.get(name)) {
      if (twin.fingerprint.equals(ticket.key.fingerprint)) {
        const { outcome } = await twin.answer;
        return { outcome: outcome as Outcome<Data, Code>, replayed: true };
      }
      // Other arguments under a key that is not yet decided: the first call may still fail and leave the key free.
      await twin.answer.catch(() => undefined);
    }
    const answer = carryOut(ticket).then((fresh) => fresh ?? this.#replay<Data, Code>(ticket));
    this.#running.set(name, { fingerprint: ticket.key.fingerprint, answer });
    try {
      return await answer;
    } finally {
      this.#running.delete(name);
    }
  }

  /**
   * Carries calls out in one transaction: all have their effect, or none. `effect` is given the indices of those whose keys are new, and gives
   * an outcome for each; the others are answered with undefined. Throws `IDEMPOTENCY_IN_PROGRESS` when one is held elsewhere for `keyWaitMs`.
   */
  async together<Data, Code extends string>(
    tickets: readonly Ticket[],
    effect: (tx: Transaction, fresh: readonly number[]) => Promise<readonly Outcome<Data, Code>[]>,
    keyWaitMs: number = TWIN_WAIT_MS,
  ): Promise<(Answer<Data, Code> | undefined)[]> {
    const keys = tickets.map(({ key }) => key);
    try {
      const answers = await transact(this.#db, async (tx) => {
        const taken = await takeKeys(tx, keys, keyWaitMs);
        const fresh = [...keys.keys()].filter((at) => taken[at]);
        const outcomes = fresh.length === 0 ? [] : await effect(tx, fresh);
        await storeOutcomes(tx, pair(fresh, outcomes, keys));
        return keys.map((_, at) => answerOf(outcomes[fresh.indexOf(at)]));
      });
      this.#afterCommit();
      return answers;
    } catch (error) {
      if (!(error instanceof KeyIsHeld)) throw error;
      throw new Refusal('IDEMPOTENCY_IN_PROGRESS', 'A call with this key is still running; try again.', {
        cause: error,
      });
    }
  }

  async #replay<Data, Code extends string>({ key }: Ticket): Promise<Answer<Data, Code>> {
    const stored = await findKey(this.#db, key);
    invariant(stored !== undefined, 'a key that could not be taken has a row');
    return replay(stored, key.fingerprint);
  }
}

function pair<Data, Code extends string>(
  fresh: readonly number[],
  outcomes: readonly Outcome<Data, Code>[],
  keys: readonly NewKey[],
): (KeyScope & { readonly outcome: Outcome<Data, Code> })[] {
  return fresh.map((at, index) => {
    const [key, outcome] = [keys[at], outcomes[index]];
    invariant(key !== undefined && outcome !== undefined, 'every fresh call has its outcome');
    return { caller: key.caller, field: key.field, key: key.key, outcome };
  });
}

function answerOf<Data, Code extends string>(outcome: Outcome<Data, Code> | undefined): Answer<Data, Code> | undefined {
  return outcome && { outcome, replayed: false };
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
