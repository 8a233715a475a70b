import { revisionOf } from '#shared/cloud-event.ts';
import { refused, type Outcome } from '#shared/refusal.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import { userChange } from '#user/domain/user-events.ts';
import { changed, registered, type User, type UserChanges, type UserErrorCode } from '#user/domain/user.ts';
import type { Bus } from './bus.ts';
import { Keys } from './keys.ts';
import { Outbox } from './outbox.ts';
import type { Process } from './scheduler.ts';
import { Service } from './service.ts';
import { Table } from './table.ts';
import type { Transaction } from './transaction.ts';
import type { Task } from './task.ts';
import type { World } from './world.ts';

interface UserOutcome {
  readonly userId: string;
  readonly version: number;
}

/** Far more than a relay that is still on its way can publish: positions are never used twice. */
const POSITIONS_LEFT_OUT = 100;

/** The user service. */
export class Users {
  readonly service: Service;
  readonly keys: Keys;
  readonly outbox: Outbox;
  readonly rows = new Table<User>('users');
  readonly #world: World;
  readonly #bus: Bus;
  #backup: ReadonlyMap<Table<unknown>, ReadonlyMap<string, unknown>> | undefined;
  /** When the database was last taken back to its backup; what was answered before may be gone. */
  restoredAt: number | undefined;

  constructor(world: World, bus: Bus, userIds: readonly string[]) {
    this.#world = world;
    this.#bus = bus;
    this.service = new Service(world, 'user');
    this.keys = new Keys(this.service);
    this.outbox = new Outbox(this.service, bus);
    for (const id of userIds) {
      const registration = {
        firstName: 'Ann',
        lastName: id,
        email: `${id}@example.com`,
        mobile: null,
        role: 'CUSTOMER',
      } as const;
      const user = registered(registration, { id, at: world.date() });
      this.rows.rows.set(id, user);
      this.outbox.seed(userChange('user.created', user));
    }
  }

  /** Mirrors `updateUser`. */
  *change(
    replica: Process,
    { key, id, changes }: { key: string; id: string; changes: UserChanges },
  ): Task<Answer<UserOutcome, UserErrorCode>> {
    const call = { caller: `user:${id}`, field: 'updateUser', key, args: { id, ...changes } };
    const answer = yield* this.keys.once<UserOutcome, UserErrorCode>(replica, call, (tx) =>
      this.#change(tx, id, changes),
    );
    this.outbox.wake(replica);
    return answer;
  }

  *#change(tx: Transaction, id: string, changes: UserChanges): Task<Outcome<UserOutcome, UserErrorCode>> {
    yield* tx.lock(this.rows, id);
    yield* tx.statement();
    const before = tx.get(this.rows, id);
    if (before === undefined) return refused('USER_NOT_FOUND', 'There is no such user.', 'id');
    const after = changed(before, changes, this.#world.date());
    if (after !== before) {
      tx.put(this.rows, id, after);
      yield* this.outbox.append(tx, [userChange('user.updated', after)]);
    }
    return { data: { userId: id, version: after.version } };
  }

  #tables(): Table<unknown>[] {
    const { keys, outbox, service, rows } = this;
    return [rows, keys.rows, keys.effects, outbox.rows, service.state] as Table<unknown>[];
  }

  backUp(): void {
    this.#world.scheduler.say('user', 'IS BACKED UP');
    this.#backup = new Map(this.#tables().map((table) => [table, new Map(table.rows)]));
  }

  /**
   * Takes the stopped service's database back to its backup (EXACTLY-ONCE §4): the epochs of all services are raised, every record is told
   * again, and positions go on beyond all that the bus may still be told of the time that is gone.
   */
  restore(all: readonly Service[]): void {
    if (this.#backup === undefined) return;
    this.#world.scheduler.say('user', 'IS RESTORED');
    this.#world.tally.restores += 1;
    this.restoredAt = this.#world.now;
    for (const tx of this.service.store.open) tx.end();
    for (const [table, rows] of this.#backup) {
      table.rows.clear();
      for (const [key, row] of rows) table.rows.set(key, row);
    }
    if (!this.#world.has('epoch-not-raised')) {
      for (const { state } of all) state.rows.set('epoch', (state.rows.get('epoch') ?? 0) + 1);
    }
    const stamped = this.#bus.log.headOf('user') + POSITIONS_LEFT_OUT;
    this.#bus.log.skipped.set('user', stamped);
    for (const name of ['stamped', 'relayed']) this.service.state.rows.set(name, stamped);
    this.outbox.begunAgain(stamped);
    for (const user of this.rows.rows.values()) this.outbox.seed(userChange('user.updated', user));
  }

  revisionNow(user: User): number {
    return revisionOf(this.service.state.rows.get('epoch') ?? 0, user.version);
  }
}
