import type { Process } from './scheduler.ts';
import { pauseFor, type Task } from './task.ts';
import { Transaction, type Lock } from './transaction.ts';
import { Deadlock, type World } from './world.ts';

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
  readonly locks = new Map<string, Lock>();
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
