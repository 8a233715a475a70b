import { Refusal } from '#shared/refusal.ts';
import type { Bug } from './planted-bugs.ts';
import type { Scheduler } from './scheduler.ts';
import type { Chance } from './chance.ts';
import type { Fault, Weather } from './weather.ts';

/** What a run has gone through: a run in which nothing happened proves nothing. */
export const COUNTED = [
  'crashes',
  'pauses',
  'lost',
  'duplicated',
  'delayed',
  'connectionsLost',
  'unknownCommits',
  'databaseRestarts',
  'takeovers',
  'leasesTakenOver',
  'fencedOff',
  'powerCuts',
  'tailsLost',
  'tailsResent',
  'recovered',
  'replayed',
  'refused',
  'deadLettered',
  'outOfOrderCommits',
  'deadlocks',
  'locksNotHad',
  'expired',
  'restores',
  'confirmed',
  'failed',
  'cancelled',
] as const;
export type Counted = (typeof COUNTED)[number];
export type Tally = Record<Counted, number>;

export function newTally(): Tally {
  return Object.fromEntries(COUNTED.map((name) => [name, 0])) as Tally;
}

/** An answer that never came: whether its request had an effect is unknown. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/** A connection to a store that broke: a transaction under way is rolled back, one that was committing may have been committed. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** 40P01: the transaction was chosen to be rolled back, since it waited for itself. */
export class Deadlock extends Error {
  override readonly name = 'Deadlock';
}

/** 55P03: a lock was not to be had in time. */
export class LockNotHad extends Error {
  override readonly name = 'LockNotHad';
}

const SURROUNDINGS = [Unanswered, ConnectionLost, Deadlock, LockNotHad, Refusal];

/** A promise that was broken, with what shows it. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly promise: string;
  constructor(promise: string, detail: string) {
    super(`${promise}: ${detail}`);
    this.promise = promise;
  }
}

/** What is left of a run that is made smaller. */
export interface Limits {
  readonly without: readonly Fault[];
  readonly orders: number;
  readonly changes: number;
  /** Kills whoever is about to take this step, the first of a run being 1; only steps that do something count. */
  readonly crashAt?: number;
}

/** What everything in a run shares. */
export class World {
  readonly scheduler: Scheduler;
  /** What the clients want; apart from the faults, so that leaving out a fault leaves the wishes as they were. */
  readonly wishes: Chance;
  readonly faults: Chance;
  readonly weather: Weather;
  readonly bug: Bug | undefined;
  readonly limits: Limits;
  readonly tally: Tally = newTally();
  violation: Violation | undefined;
  #ids = 0;

  constructor(parts: Pick<World, 'scheduler' | 'wishes' | 'faults' | 'weather' | 'bug' | 'limits'>) {
    this.scheduler = parts.scheduler;
    this.wishes = parts.wishes;
    this.faults = parts.faults;
    this.weather = parts.weather;
    this.bug = parts.bug;
    this.limits = parts.limits;
  }

  get now(): number {
    return this.scheduler.now;
  }

  /** By the one clock of the simulated system. */
  date(): Date {
    return new Date(this.now);
  }

  /** An id in the form of a UUIDv7 that no other has; ids follow time, as v7's do. */
  newId(): string {
    this.#ids += 1;
    return `00000000-0000-7000-8000-${this.#ids.toString(16).padStart(12, '0')}`;
  }

  has(bug: Bug): boolean {
    return this.bug === bug;
  }

  /** Does this befall the run? Drawn also where it is left out, so that the rest stays as it was. */
  befalls(fault: Fault, probability: number): boolean {
    const happens = this.faults.happens(probability);
    return happens && !this.limits.without.includes(fault);
  }

  /** Notes a broken promise, which ends the run: only the first is told, since the others may follow from it. */
  fail(promise: string, detail: string): never {
    const violation = new Violation(promise, detail);
    this.violation ??= violation;
    throw violation;
  }

  claim(condition: boolean, promise: string, detail: () => string): void {
    if (!condition) this.fail(promise, detail());
  }

  /** Lets pass what a process must expect of its surroundings; anything else is a contradiction in the code under test. */
  expected(error: unknown): void {
    if (SURROUNDINGS.some((kind) => error instanceof kind)) return;
    if (error instanceof Violation) throw error;
    this.fail('no contradiction', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}
