import { isDeepStrictEqual } from 'node:util';
import { Refusal, type Outcome } from '#shared/refusal.ts';
import type { UserChanges } from '#user/domain/user.ts';
import { call } from './network.ts';
import type { Process } from './scheduler.ts';
import type { Service } from './service.ts';
import type { System } from './system.ts';
import { pauseFor, type Task } from './task.ts';
import type { World } from './world.ts';

const PATIENCE_MS = 4_000;
/** So long new wishes come. */
export const BUSY_MS = 20_000;

/** What a client was answered for a key, and when that was said: it may have been long on its way. */
interface Answered {
  readonly service: string;
  readonly outcome: Outcome<unknown>;
  readonly at: number;
}

interface Said<Data> {
  readonly outcome: Outcome<Data>;
  readonly at: number;
}

interface Attempted<Data> {
  readonly key: string;
  readonly service: Service;
  readonly work: (replica: Process) => Task<{ readonly outcome: Outcome<Data> }>;
}

/** People who order, cancel and change their data, and an operator who releases reservations; each repeats a call until it is answered. */
export class Clients {
  readonly answers = new Map<string, Answered>();
  /** The keys of calls whose answer is still awaited. */
  readonly waiting = new Set<string>();
  readonly changes = new Map<string, { readonly id: string; readonly firstName: string }>();
  /** The keys with which orders were placed. */
  readonly placings = new Set<string>();
  readonly #world: World;
  readonly #system: System;
  readonly #process: Process;
  /** Most wishes come at the same moments. */
  readonly #moments: readonly number[];

  constructor(world: World, system: System) {
    this.#world = world;
    this.#system = system;
    this.#process = world.scheduler.process('clients');
    this.#moments = [1, 2, 3].map(() => world.wishes.between(0, BUSY_MS));
    const orders = Math.min(world.limits.orders, world.wishes.between(3, 10));
    for (let number = 1; number <= orders; number += 1) this.#begin(this.#shop(number, this.#moment()));
    for (let number = 1; number <= Math.min(world.limits.changes, 6); number += 1)
      this.#begin(this.#changeUser(number, this.#moment()));
    if (world.wishes.happens(0.4)) this.#begin(this.#release());
  }

  #begin(task: Task<void>): void {
    this.#world.scheduler.spawn(this.#process, task);
  }

  #moment(): number {
    const { wishes } = this.#world;
    return wishes.happens(0.3) ? wishes.between(0, BUSY_MS) : wishes.pick(this.#moments) + wishes.between(0, 10);
  }

  *#shop(number: number, startMs: number): Task<void> {
    const { wishes } = this.#world;
    const userId = wishes.pick(this.#system.userIds);
    const productIds = [...this.#system.stock.keys()].filter(() => wishes.happens(0.6));
    const items = (productIds.length > 0 ? productIds : ['PROD-001']).map((productId) => ({
      productId,
      quantity: wishes.between(1, 6),
    }));
    const [isCancelled, isTwice] = [wishes.happens(0.4), wishes.happens(0.5)];
    const thinkingMs = wishes.between(0, 3_000);
    yield* pauseFor(startMs);
    const { orders } = this.#system;
    const key = `place-${number}`;
    this.placings.add(key);
    const work = (replica: Process): ReturnType<typeof orders.place> => orders.place(replica, { userId, key, items });
    if (isTwice) this.#begin(this.#forget({ key, service: orders.service, work }));
    const outcome = yield* this.#insist({ key, service: orders.service, work });
    const id = outcome.data?.orderId;
    if (id === undefined || !isCancelled) return;
    yield* pauseFor(thinkingMs);
    const cancelKey = `cancel-${number}`;
    const cancel = (replica: Process): ReturnType<typeof orders.cancel> =>
      orders.cancel(replica, { userId, key: cancelKey, id });
    yield* this.#insist({ key: cancelKey, service: orders.service, work: cancel });
  }

  /** Once all is quiet: every user changes something, and somebody orders. */
  comeAgain(): void {
    const { userIds } = this.#system;
    for (const [at, id] of userIds.entries()) this.#begin(this.#changeUser(101 + at, 0, id));
    this.#begin(this.#shop(101, 0));
  }

  *#changeUser(number: number, startMs: number, of?: string): Task<void> {
    const { wishes } = this.#world;
    const id = of ?? wishes.pick(this.#system.userIds);
    const firstName = `name ${number}`;
    const status = wishes.happens(0.2) ? 'SUSPENDED' : 'ACTIVE';
    const changes: UserChanges = { firstName, status };
    yield* pauseFor(startMs);
    const key = `change-${number}`;
    this.changes.set(key, { id, firstName });
    const { users } = this.#system;
    const work = (replica: Process): ReturnType<typeof users.change> => users.change(replica, { key, id, changes });
    yield* this.#insist({ key, service: users.service, work });
  }

  /** Releases what some orders hold, at any moment of theirs. */
  *#release(): Task<void> {
    const { wishes } = this.#world;
    const { inventory, orders } = this.#system;
    for (let round = 1; round <= 30; round += 1) {
      yield* pauseFor(wishes.between(100, 1_500));
      const ids = [...orders.rows.rows.keys()];
      if (ids.length === 0) continue;
      const orderId = wishes.happens(0.7) ? ids.at(-1)! : wishes.pick(ids);
      const work = (at: Process): ReturnType<typeof inventory.take> =>
        inventory.take(at, { orderId, step: 'RELEASE' }, `operator:${orderId}:${round}`);
      try {
        const to = inventory.service.replicas;
        yield* call(this.#world, { from: this.#process, to, what: `RELEASE ${orderId}`, timeoutMs: PATIENCE_MS, work });
      } catch (error) {
        this.#world.expected(error);
      }
    }
  }

  /** Sends a call and does not care. */
  *#forget<Data>(attempted: Attempted<Data>): Task<void> {
    try {
      this.#note(attempted, yield* this.#send(attempted));
    } catch (error) {
      this.#world.expected(error);
    }
  }

  /** Sends a call with the same key until it is answered. */
  *#insist<Data>(attempted: Attempted<Data>): Task<Outcome<Data>> {
    this.waiting.add(attempted.key);
    for (;;) {
      try {
        const said = yield* this.#send(attempted);
        this.#note(attempted, said);
        this.waiting.delete(attempted.key);
        return said.outcome;
      } catch (error) {
        this.#world.expected(error);
        const reused = error instanceof Refusal && error.code === 'IDEMPOTENCY_KEY_REUSED';
        this.#world.claim(!reused, 'no contradiction', () => `${attempted.key} is said to be another call's`);
        yield* pauseFor(this.#world.wishes.between(100, 1_000));
      }
    }
  }

  *#send<Data>({ key, service, work }: Attempted<Data>): Task<Said<Data>> {
    const world = this.#world;
    function* say(replica: Process): Task<Said<Data>> {
      const { outcome } = yield* work(replica);
      return { outcome, at: world.now };
    }
    const to = service.replicas;
    return yield* call(world, { from: this.#process, to, what: key, timeoutMs: PATIENCE_MS, work: say });
  }

  /** Whoever asks again is answered as before; of what a restore has taken back nobody remembers. */
  #note<Data>({ key, service }: Attempted<Data>, { outcome, at }: Said<Data>): void {
    const { tally } = this.#world;
    if (outcome.userErrors !== undefined) tally.refused += 1;
    const known = this.answers.get(key);
    if (known === undefined) {
      this.answers.set(key, { service: service.name, outcome, at });
      return;
    }
    if (this.isForgotten(known) || this.isForgotten({ ...known, at })) return;
    const detail = (): string => `${key}: ${JSON.stringify(known.outcome)}, then ${JSON.stringify(outcome)}`;
    this.#world.claim(isDeepStrictEqual(known.outcome, outcome), 'one answer per key', detail);
  }

  isForgotten({ service, at }: Answered): boolean {
    return service === 'user' && at <= (this.#system.users.restoredAt ?? -1);
  }
}
