import { Refusal, type Outcome } from '#shared/refusal.ts';
import { fingerprintOf, replay, requireKey, TWIN_WAIT_MS, type Answer, type Call } from '#shared/store/idempotency.ts';
import { nameOf, type StoredKey } from '#shared/store/idempotency-keys.ts';
import type { Process } from './scheduler.ts';
import type { Service } from './service.ts';
import { Table } from './table.ts';
import type { Transaction } from './transaction.ts';
import { Gate, waitAt, type Task } from './task.ts';
import type { World } from './world.ts';

const SECRET = 'of the simulation';

interface Twin {
  readonly ended: Gate;
  answer?: Answer<unknown>;
  hasFailed?: true;
}

type Effect<Data, Code extends string> = (tx: Transaction) => Task<Outcome<Data, Code>>;

/** The idempotency of a service (shared/store/idempotency.ts): what is pure there decides here too. */
export class Keys {
  readonly rows = new Table<StoredKey>('idempotency_keys');
  /** What calls have done, in the transaction that did it: more than once for one key is what must never be. */
  readonly effects = new Table<string>('effects');
  readonly #service: Service;
  readonly #running = new WeakMap<Process, { readonly life: number; readonly twins: Map<string, Twin> }>();

  constructor(service: Service) {
    this.#service = service;
  }

  get #world(): World {
    return this.#service.world;
  }

  /** Mirrors `Idempotency.once`. */
  *once<Data, Code extends string>(replica: Process, call: Call, effect: Effect<Data, Code>): Task<Answer<Data, Code>> {
    requireKey(call.key);
    const twins = this.#twinsOf(replica);
    const name = nameOf(call);
    for (let twin = twins.get(name); twin !== undefined; twin = twins.get(name)) {
      if (twin.answer === undefined && twin.hasFailed === undefined) yield* waitAt(twin.ended);
      if (twin.answer !== undefined) return { outcome: twin.answer.outcome as Outcome<Data, Code>, replayed: true };
    }
    const twin: Twin = { ended: new Gate() };
    twins.set(name, twin);
    try {
      const answer = yield* this.#carryOut(replica, call, effect);
      twin.answer = answer;
      return answer;
    } finally {
      if (twin.answer === undefined) twin.hasFailed = true;
      twins.delete(name);
      twin.ended.open();
    }
  }

  #twinsOf(replica: Process): Map<string, Twin> {
    const running = this.#running.get(replica);
    if (running?.life === replica.life) return running.twins;
    const twins = new Map<string, Twin>();
    this.#running.set(replica, { life: replica.life, twins });
    return twins;
  }

  *#carryOut<Data, Code extends string>(
    replica: Process,
    call: Call,
    effect: Effect<Data, Code>,
  ): Task<Answer<Data, Code>> {
    const { store } = this.#service;
    const name = nameOf(call);
    const known = yield* store.read(replica, `looks for the key ${call.key}`, () => this.rows.rows.get(name));
    const answer = known === undefined ? yield* this.#try(replica, call, effect) : undefined;
    if (answer !== undefined) return answer;
    const stored = yield* store.read(replica, '', () => this.rows.rows.get(name));
    this.#world.claim(stored !== undefined, 'no contradiction', () => `the key ${name} was taken and has no row`);
    this.#world.tally.replayed += 1;
    return replay(stored!, fingerprintOf(SECRET, call));
  }

  *#try<Data, Code extends string>(
    replica: Process,
    call: Call,
    effect: Effect<Data, Code>,
  ): Task<Answer<Data, Code> | undefined> {
    const { store } = this.#service;
    const what = `${call.field} ${call.key}`;
    if (!this.#world.has('key-outside-transaction')) {
      return yield* store.transact(replica, what, (tx) => this.#withKey(tx, call, effect));
    }
    const outcome = yield* store.transact(replica, what, (tx) => this.#withEffect(tx, call, effect));
    yield* store.transact(replica, `key of ${what}`, (tx) => this.#withKey(tx, call, () => given(outcome)));
    return { outcome, replayed: false };
  }

  /** Mirrors `together`: `takeKeys` (INSERT … ON CONFLICT DO NOTHING, with its lock timeout), the effect, `storeOutcomes`. */
  *#withKey<Data, Code extends string>(
    tx: Transaction,
    call: Call,
    effect: Effect<Data, Code>,
  ): Task<Answer<Data, Code> | undefined> {
    const name = nameOf(call);
    if (!(yield* tx.lock(this.rows, name, TWIN_WAIT_MS))) {
      throw new Refusal('IDEMPOTENCY_IN_PROGRESS', 'A call with this key is still running; try again.');
    }
    yield* tx.statement();
    if (tx.get(this.rows, name) !== undefined) return undefined;
    const fingerprint = fingerprintOf(SECRET, call);
    tx.put(this.rows, name, { fingerprint, outcome: null });
    const outcome = yield* this.#withEffect(tx, call, effect);
    yield* tx.statement();
    tx.put(this.rows, name, { fingerprint, outcome });
    return { outcome, replayed: false };
  }

  *#withEffect<Data, Code extends string>(
    tx: Transaction,
    call: Call,
    effect: Effect<Data, Code>,
  ): Task<Outcome<Data, Code>> {
    const outcome = yield* effect(tx);
    if (outcome.data !== undefined && effect !== given) tx.put(this.effects, this.#world.newId(), nameOf(call));
    return outcome;
  }
}

/** What is known already is no effect. */
function* given<Data, Code extends string>(outcome: unknown): Task<Outcome<Data, Code>> {
  yield { ms: 0, what: '' };
  return outcome as Outcome<Data, Code>;
}
