import { Chance } from './chance.ts';
import { Clients } from './clients.ts';
import { Disturbances } from './disturbances.ts';
import { Safety } from './invariants.ts';
import { LagReader } from './lag-reader.ts';
import type { Bug } from './planted-bugs.ts';
import { heldTooLong, lostWrites, unconverged, undecided, type Unsettled } from './quiet.ts';
import { Scheduler } from './scheduler.ts';
import { startSystem, type System } from './system.ts';
import { CALM, drawWeather } from './weather.ts';
import { Violation, World, type Limits, type Tally } from './world.ts';

const SECOND = 1_000;
/** What is promised of sagas once nothing goes wrong any more. */
const DECIDED_WITHIN_MS = 30 * SECOND;
/** The eight tries of an event that a target will not take are over by then, and every lease that was lost has lapsed. */
const CONVERGED_WITHIN_MS = 240 * SECOND;
const HOLDS_ARE_OVER_MS = 17 * 60 * SECOND;

export const UNLIMITED: Limits = { without: [], orders: Infinity, changes: Infinity };

export interface Options {
  readonly seed: number;
  readonly bug?: Bug | undefined;
  readonly limits?: Limits;
  /** Is told every step. */
  readonly trace?: (line: string) => void;
}

export interface Report {
  readonly seed: number;
  readonly violation: Violation | undefined;
  readonly tally: Tally;
  readonly steps: number;
  /** Virtual milliseconds. */
  readonly endedAt: number;
}

/** Runs one seed: wishes and faults, then the healing, then what must have come of it. The same options give the same run. */
export function simulate({ seed, bug, limits = UNLIMITED, trace }: Options): Report {
  const calmed = Object.fromEntries(
    Object.entries(CALM).filter(([kind]) => limits.without.some((fault) => fault === kind)),
  );
  const weather = { ...drawWeather(new Chance(seed * 3 + 1)), ...calmed };
  const [wishes, faults] = [new Chance(seed * 3 + 2), new Chance(seed * 3)];
  const scheduler = new Scheduler();
  scheduler.trace = trace;
  const world = new World({ scheduler, wishes, faults, weather, bug, limits });
  withoutTheRealWorld(faults, () => {
    try {
      new Run(world).play();
    } catch (error) {
      const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
      world.violation ??= error instanceof Violation ? error : new Violation('no contradiction', said);
    }
  });
  return { seed, violation: world.violation, tally: world.tally, steps: scheduler.steps, endedAt: scheduler.now };
}

class Run {
  readonly #world: World;
  readonly #system: System;
  readonly #clients: Clients;
  readonly #disturbances: Disturbances;
  readonly #safety: Safety;
  #quietSince = 0;

  constructor(world: World) {
    this.#world = world;
    this.#system = startSystem(world);
    this.#clients = new Clients(world, this.#system);
    this.#disturbances = new Disturbances(world, this.#system);
    this.#safety = new Safety(world, this.#system, this.#clients);
    new LagReader(world, this.#system);
    world.scheduler.disturber = this.#disturbances;
  }

  play(): void {
    while (this.#world.now < this.#disturbances.endsAt) this.#pass(SECOND);
    this.#disturbances.heal();
    this.#comesToRest();
    // And goes on: nobody is held up by what was given up.
    this.#clients.comeAgain();
    this.#pass(SECOND);
    this.#comesToRest();
    this.#holdsEnd();
    this.#count();
  }

  /** Safety is looked at every second, and at each commit where it is about a change. */
  #pass(ms: number): void {
    this.#world.scheduler.run(this.#world.now + ms, () => this.#world.violation !== undefined);
    if (this.#world.violation !== undefined) throw this.#world.violation;
    this.#safety.check();
  }

  #comesToRest(): void {
    this.#quietSince = this.#world.now;
    this.#require(DECIDED_WITHIN_MS, () => undecided(this.#system, this.#clients));
    this.#require(DECIDED_WITHIN_MS, () => lostWrites(this.#system, this.#clients));
    this.#require(CONVERGED_WITHIN_MS, () => unconverged(this.#system));
  }

  #require(withinMs: number, unsettled: () => Iterable<Unsettled>): void {
    let [found] = unsettled();
    while (found !== undefined && this.#world.now < this.#quietSince + withinMs) {
      this.#pass(SECOND);
      [found] = unsettled();
    }
    if (found === undefined) return;
    const afterS = (this.#world.now - this.#quietSince) / SECOND;
    this.#world.fail(found.promise, `${found.detail}, ${afterS} s after all was healed`);
  }

  #holdsEnd(): void {
    const { reservations } = this.#system.inventory;
    if (![...reservations.rows.values()].some(({ state }) => state === 'HELD')) return;
    this.#quietSince = this.#world.now;
    while (this.#world.now < this.#quietSince + HOLDS_ARE_OVER_MS) this.#pass(SECOND);
    this.#require(HOLDS_ARE_OVER_MS, () => heldTooLong(this.#system, this.#world.now));
    this.#comesToRest();
  }

  #count(): void {
    const { tally } = this.#world;
    const { orders, inventory } = this.#system;
    for (const { status } of orders.rows.rows.values()) {
      if (status === 'CONFIRMED') tally.confirmed += 1;
      if (status === 'FAILED') tally.failed += 1;
      if (status === 'CANCELLED') tally.cancelled += 1;
    }
    for (const { type } of inventory.operations.rows.values()) if (type === 'EXPIRE') tally.expired += 1;
  }
}

/** The code under test draws its jitter from `Math.random`: from the seed here. Whoever asks for the real time is told off. */
function withoutTheRealWorld(chance: Chance, act: () => void): void {
  const { random } = Math;
  const { now } = Date;
  const { stackTraceLimit } = Error;
  Math.random = chance.next;
  // Lost messages are errors by the thousand, and nobody reads where they were made.
  Error.stackTraceLimit = 0;
  Date.now = () => {
    throw new Error('a simulated run asks for the real time');
  };
  try {
    act();
  } finally {
    Math.random = random;
    Date.now = now;
    Error.stackTraceLimit = stackTraceLimit;
  }
}
