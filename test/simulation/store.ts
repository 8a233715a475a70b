import { invariant } from '#shared/invariant.ts';
import type { Connection, Process } from './scheduler.ts';
import { Gate, pauseFor, waitAt, type Task } from './task.ts';
import { ConnectionLost, Deadlock, type World } from './world.ts';

/** Rows by key. Reading outside a transaction sees what is committed. */
export class Table<Row> {
  readonly name: string;
  readonly rows = new Map<string, Row>();

  constructor(name: string) {
    this.name = name;
  }
}

/** As the product sets `idle_in_transaction_session_timeout` (shared/store/postgres.ts). */
const IDLE_IN_TRANSACTION_MS = 15_000;
const LONGEST_STATEMENT_MS = 3;
const SLOW_STATEMENT_MS = 500;
const TRANSACTION_TRIES = 5;

/**
 * A database in memory with what the protocol relies on in PostgreSQL at READ COMMITTED: a commit is atomic, nobody sees rows before it, row
 * locks last until the transaction's end, sequences are drawn before the commit and never given back, and a connection that breaks leaves
 * a transaction rolled back or, at the commit, in either state. Statements are steps, between which anything may happen.
 */
export class Store {
  readonly world: World;
  readonly name: string;
  readonly open = new Set<Transaction>();
  /** Told after each commit. */
  readonly onCommit: (() => void)[] = [];
  readonly locks = new Map<string, { readonly holder: Transaction; readonly released: Gate }>();
  #sequence = 0;
  #transactions = 0;

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
  }

  /** `nextval`: belongs to no transaction. */
  nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  nextTransactionId(): number {
    this.#transactions += 1;
    return this.#transactions;
  }

  /** `pg_snapshot_xmin`: below it every transaction has ended. */
  oldestRunning(): number {
    const running = [...this.open].flatMap(({ id }) => id ?? []);
    return Math.min(this.#transactions + 1, ...running);
  }

  /** Breaks every connection: what is not committed is rolled back. */
  restart(): void {
    this.world.tally.databaseRestarts += 1;
    this.world.scheduler.say(this.name, 'DATABASE RESTARTS');
    for (const tx of this.open) tx.end();
  }

  /** Runs `work` in a transaction, again when it was the victim of a deadlock; mirrors `transact` of shared/store/postgres.ts. */
  *transact<T>(process: Process, what: string, work: (tx: Transaction) => Task<T>): Task<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return yield* this.#transactOnce(process, what, work);
      } catch (error) {
        if (attempt === TRANSACTION_TRIES || !(error instanceof Deadlock)) throw error;
        this.world.tally.deadlocks += 1;
        yield* pauseFor(this.world.faults.between(0, 50));
      }
    }
  }

  *#transactOnce<T>(process: Process, what: string, work: (tx: Transaction) => Task<T>): Task<T> {
    const tx = new Transaction(this, process);
    try {
      yield* tx.statement(`${what}: begin`);
      const result = yield* work(tx);
      yield* tx.commit(what);
      return result;
    } finally {
      tx.end();
    }
  }

  /** One statement outside a transaction, which is a transaction of its own. */
  *read<T>(process: Process, what: string, read: () => T): Task<T> {
    const connection = new Transaction(this, process);
    try {
      yield* connection.statement(what);
      return read();
    } finally {
      connection.end();
    }
  }
}

export class Transaction implements Connection {
  readonly store: Store;
  /** Drawn at the first write, as PostgreSQL does. */
  id: number | undefined;
  #over = false;
  readonly #writes = new Map<Table<unknown>, Map<string, unknown>>();
  readonly #held = new Set<string>();
  readonly #process: Process;
  #waitsFor: Transaction | undefined;

  constructor(store: Store, process: Process) {
    this.store = store;
    this.#process = process;
    store.open.add(this);
    process.connections.add(this);
  }

  whenStopped(): void {
    const { scheduler } = this.store.world;
    const { life } = this.#process;
    scheduler.at(scheduler.now + IDLE_IN_TRANSACTION_MS, () => {
      if (this.#process.life === life && this.#process.pausedUntil > scheduler.now) this.end();
    });
  }

  /** The way to the server and back. Throws when the connection is gone. */
  *statement(what = ''): Task<void> {
    const { faults, weather, tally } = this.store.world;
    const longest = faults.happens(weather.slowness) ? SLOW_STATEMENT_MS : LONGEST_STATEMENT_MS;
    yield* pauseFor(faults.between(0, longest), what);
    if (!this.#over && faults.happens(weather.connectionLoss)) {
      tally.connectionsLost += 1;
      this.end();
    }
    this.#refuseIfOver();
  }

  /** `SELECT … FOR UPDATE`, or what an UPDATE or INSERT of the key waits for. False when `waitMs` have passed first. */
  *lock(table: Table<never> | Table<unknown>, key: string, waitMs?: number): Task<boolean> {
    const name = `${table.name}/${key}`;
    const { locks, world } = this.store;
    const deadline = waitMs === undefined ? Infinity : world.now + waitMs;
    for (let held = locks.get(name); held !== undefined && held.holder !== this; held = locks.get(name)) {
      if (world.now >= deadline) return false;
      this.#waitsFor = held.holder;
      if (this.#isInCircle()) throw new Deadlock(`${this.#process.name} waits for itself at ${name}`);
      yield* waitAt(held.released, waitMs === undefined ? {} : { ms: deadline - world.now });
      this.#waitsFor = undefined;
      this.#refuseIfOver();
    }
    if (!locks.has(name)) locks.set(name, { holder: this, released: new Gate() });
    this.#held.add(name);
    return true;
  }

  /** As PostgreSQL finds it after `deadlock_timeout`. */
  #isInCircle(): boolean {
    let other = this.#waitsFor;
    while (other !== undefined && other !== this) other = other.#waitsFor;
    return other === this;
  }

  /** Would a lock have to wait? For `SKIP LOCKED`. */
  isLocked(table: Table<never> | Table<unknown>, key: string): boolean {
    const held = this.store.locks.get(`${table.name}/${key}`);
    return held !== undefined && held.holder !== this;
  }

  get<Row>(table: Table<Row>, key: string): Row | undefined {
    const mine = this.#writes.get(table as Table<unknown>);
    return mine?.has(key) === true ? (mine.get(key) as Row) : table.rows.get(key);
  }

  identify(): number {
    this.id ??= this.store.nextTransactionId();
    return this.id;
  }

  put<Row>(table: Table<Row>, key: string, row: Row): void {
    this.#refuseIfOver();
    this.identify();
    const mine = this.#writes.get(table as Table<unknown>) ?? new Map<string, unknown>();
    mine.set(key, row);
    this.#writes.set(table as Table<unknown>, mine);
  }

  /** All rows: the committed ones as this transaction has changed them, then its own. */
  values<Row>(table: Table<Row>): Row[] {
    const mine = this.#writes.get(table as Table<unknown>) as Map<string, Row> | undefined;
    if (mine === undefined) return [...table.rows.values()];
    const kept = Array.from(table.rows, ([key, row]) => mine.get(key) ?? row);
    return [...kept, ...[...mine].filter(([key]) => !table.rows.has(key)).map(([, row]) => row)];
  }

  *commit(what: string): Task<void> {
    const { faults, weather, tally } = this.store.world;
    const isLost = this.#writes.size > 0 && faults.happens(weather.connectionLoss);
    // What is lost on the way there is not committed; on the way back, it is.
    if (isLost && faults.happens(0.5)) this.end();
    yield* pauseFor(faults.between(0, LONGEST_STATEMENT_MS));
    this.#apply();
    yield* pauseFor(faults.between(0, LONGEST_STATEMENT_MS), this.#writes.size > 0 ? `${what}: committed` : '');
    if (!isLost) return;
    tally.unknownCommits += 1;
    throw new ConnectionLost(`${what}: committed, but nobody is told`);
  }

  #apply(): void {
    this.#refuseIfOver();
    for (const [table, rows] of this.#writes) for (const [key, row] of rows) table.rows.set(key, row);
    this.end();
    if (this.#writes.size > 0) for (const tell of this.store.onCommit) tell();
  }

  /** Lets go of everything; what is not committed is gone. May be called twice. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.store.open.delete(this);
    this.#process.connections.delete(this);
    for (const name of this.#held) {
      const held = this.store.locks.get(name);
      invariant(held?.holder === this, 'who lets go of a lock holds it');
      this.store.locks.delete(name);
      held.released.open();
    }
  }

  #refuseIfOver(): void {
    if (this.#over) throw new ConnectionLost(`the connection of ${this.#process.name} to ${this.store.name} is gone`);
  }
}
