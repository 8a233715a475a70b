import { invariant } from '#shared/invariant.ts';
import { IDLE_IN_TRANSACTION_MS, LOCK_TIMEOUT_MS } from '#shared/store/postgres.ts';
import type { Connection, Process } from './scheduler.ts';
import type { Table } from './table.ts';
import { Gate, pauseFor, waitAt, type Task } from './task.ts';
import { ConnectionLost, Deadlock, LockNotHad, type World } from './world.ts';

const LONGEST_STATEMENT_MS = 3;
const SLOW_STATEMENT_MS = 500;

/** A row's lock, given to those who wait for it in the order in which they came. */
export interface Lock {
  holder: Transaction;
  readonly waiting: Transaction[];
}

/** What a transaction needs of its store. */
interface Server {
  readonly world: World;
  readonly name: string;
  readonly open: Set<Transaction>;
  readonly onCommit: readonly (() => void)[];
  readonly locks: Map<string, Lock>;
  nextTransactionId(): number;
}

/** What one connection to a store does from its begin to its end. */
export class Transaction implements Connection {
  readonly store: Server;
  /** Drawn at the first write, as PostgreSQL does. */
  id: number | undefined;
  #over = false;
  readonly #writes = new Map<Table<unknown>, Map<string, unknown>>();
  readonly #held = new Set<string>();
  readonly #process: Process;
  #waitsAt: string | undefined;
  #waits = 0;
  /** Opened when what it waits for is had, or will not be. */
  readonly #decided = new Gate();

  constructor(store: Server, process: Process) {
    this.store = store;
    this.#process = process;
    store.open.add(this);
    process.connections.add(this);
  }

  whenStopped(): void {
    if (this.#waitsAt !== undefined) return;
    const { scheduler } = this.store.world;
    const { pausedSince } = this.#process;
    scheduler.at(scheduler.now + IDLE_IN_TRANSACTION_MS, () => {
      // It may have gone on meanwhile, and have been stopped again.
      if (this.#isStopped() && this.#process.pausedSince === pausedSince) this.end();
    });
  }

  #isStopped(): boolean {
    return this.#process.pausedUntil > this.store.world.now;
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

  /**
   * `SELECT … FOR UPDATE`, or what an UPDATE or INSERT of the key waits for. The server keeps the line: it gives the lock also to a process
   * that is stopped meanwhile, and ends the transaction of whoever has waited for too long. False then when `waitMs` says how long, as
   * `SET LOCAL lock_timeout` does; else it throws.
   */
  *lock(table: Table<never> | Table<unknown>, key: string, waitMs?: number): Task<boolean> {
    this.#refuseIfOver();
    const name = `${table.name}/${key}`;
    const { locks } = this.store;
    const lock = locks.get(name);
    if (lock === undefined) locks.set(name, { holder: this, waiting: [] });
    else if (lock.holder !== this && !(yield* this.#wait(name, { lock, waitMs: waitMs ?? LOCK_TIMEOUT_MS }))) {
      if (waitMs === undefined) throw new LockNotHad(`${this.#process.name} waits for ${name}`);
      return false;
    }
    this.#held.add(name);
    return true;
  }

  *#wait(name: string, { lock, waitMs }: { lock: Lock; waitMs: number }): Task<boolean> {
    const { scheduler, tally } = this.store.world;
    this.#waitsAt = name;
    if (this.#isInCircle()) {
      this.#waitsAt = undefined;
      throw new Deadlock(`${this.#process.name} waits for itself at ${name}`);
    }
    lock.waiting.push(this);
    let isTooLate = false;
    const waiting = (this.#waits += 1);
    scheduler.at(scheduler.now + waitMs, () => {
      if (this.#waitsAt === undefined || this.#waits !== waiting) return;
      isTooLate = true;
      tally.locksNotHad += 1;
      this.end();
    });
    yield* waitAt(this.#decided);
    if (isTooLate) return false;
    this.#refuseIfOver();
    return true;
  }

  /** Its turn has come. The statement ends with that, so that a process which is stopped idles from now on. */
  #give(name: string): void {
    this.#waitsAt = undefined;
    this.#held.add(name);
    this.#decided.open();
    if (this.#isStopped()) this.whenStopped();
  }

  /** As PostgreSQL finds it after `deadlock_timeout`. */
  #isInCircle(): boolean {
    let other = this.#waitedFor();
    while (other !== undefined && other !== this) other = other.#waitedFor();
    return other === this;
  }

  #waitedFor(): Transaction | undefined {
    return this.#waitsAt === undefined ? undefined : this.store.locks.get(this.#waitsAt)?.holder;
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
    this.#leaveLine();
    for (const name of this.#held) this.#release(name);
  }

  #leaveLine(): void {
    if (this.#waitsAt === undefined) return;
    const waiting = this.store.locks.get(this.#waitsAt)?.waiting ?? [];
    waiting.splice(waiting.indexOf(this), 1);
    this.#waitsAt = undefined;
    this.#decided.open();
  }

  #release(name: string): void {
    const { locks } = this.store;
    const lock = locks.get(name);
    invariant(lock?.holder === this, 'who lets go of a lock holds it');
    const next = lock.waiting.shift();
    if (next === undefined) {
      locks.delete(name);
      return;
    }
    lock.holder = next;
    next.#give(name);
  }

  #refuseIfOver(): void {
    if (this.#over) throw new ConnectionLost(`the connection of ${this.#process.name} to ${this.store.name} is gone`);
  }
}
