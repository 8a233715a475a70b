import { BUSY_MS } from './clients.ts';
import type { Disturbance, Disturber, Process } from './scheduler.ts';
import type { System } from './system.ts';
import { pauseFor, type Task } from './task.ts';
import { CALM } from './weather.ts';
import type { World } from './world.ts';

const SECOND = 1_000;
const IDLE = /^(begins|: begin|stamp: begin|(answers )?(read for|published of) .*)$/;
const AFTERMATH_MS = 20 * SECOND;

/** What befalls a run besides what the network does. */
export class Disturbances implements Disturber {
  readonly #world: World;
  readonly #system: System;
  /** The step at which a process is stopped for good, by process: its other replica has to do without it. */
  readonly #lastSteps = new Map<Process, number>();
  readonly #steps = new Map<Process, number>();
  #told = 0;
  #isOver = false;
  /** Faults go on for some time after the last wish. */
  endsAt = BUSY_MS + AFTERMATH_MS;

  constructor(world: World, system: System) {
    this.#world = world;
    this.#system = system;
    this.#chooseStopped();
    const fate = world.scheduler.process('fate');
    world.scheduler.spawn(fate, this.#restartDatabases());
    world.scheduler.spawn(fate, this.#cutPower());
    if (world.befalls('rewind', 0.25)) world.scheduler.spawn(fate, this.#rewind(fate));
    if (world.befalls('restore', 0.15)) world.scheduler.spawn(fate, this.#restore());
    if (world.befalls('outlivedHold', 0.1)) world.scheduler.spawn(fate, this.#outliveHold());
    const poisoned = world.faults.pick(system.userIds);
    if (world.befalls('poison', 0.2)) system.target.poisoned.add(poisoned);
  }

  /** In some seeds one replica of a service is stopped for ever, wherever it happens to be. */
  #chooseStopped(): void {
    const { faults } = this.#world;
    for (const { replicas } of this.#system.services) {
      const [replica, step] = [faults.pick(replicas), faults.between(50, 1_500)];
      if (this.#world.befalls('stopForEver', 0.25)) this.#lastSteps.set(replica, step);
    }
  }

  beforeStep(process: Process, what: string): Disturbance | undefined {
    if (this.#isOver || !this.#system.processes.includes(process)) return undefined;
    if (this.#isChosen(what)) return this.#kill(SECOND);
    const steps = (this.#steps.get(process) ?? 0) + 1;
    this.#steps.set(process, steps);
    if (steps === this.#lastSteps.get(process)) return { kind: 'PAUSE', forMs: Infinity };
    const { faults, weather, tally } = this.#world;
    // A step that does something is where a crash tells most.
    const weight = what === '' ? 0.2 : 1;
    if (faults.happens(weather.crash * weight)) return this.#kill(faults.between(10, weather.longestDownMs));
    if (!faults.happens(weather.pause * weight)) return undefined;
    tally.pauses += 1;
    return { kind: 'PAUSE', forMs: faults.between(10, weather.longestPauseMs) };
  }

  #kill(downMs: number): Disturbance {
    this.#world.tally.crashes += 1;
    return { kind: 'CRASH', downMs };
  }

  /** Counts the steps that do something: what only looks for work is the same at every poll. */
  #isChosen(what: string): boolean {
    if (what === '' || IDLE.test(what)) return false;
    this.#told += 1;
    return this.#told === this.#world.limits.crashAt;
  }

  *#restartDatabases(): Task<void> {
    const { faults, weather } = this.#world;
    for (;;) {
      yield* pauseFor(SECOND);
      for (const { store } of this.#system.services) if (faults.happens(weather.databaseRestart)) store.restart();
    }
  }

  *#cutPower(): Task<void> {
    const { faults, weather } = this.#world;
    for (;;) {
      yield* pauseFor(SECOND);
      if (faults.happens(weather.powerCut)) this.#system.bus.cutPower(faults.between(10, weather.longestDownMs));
    }
  }

  *#rewind(fate: Process): Task<void> {
    const { faults } = this.#world;
    const { bus } = this.#system;
    for (let round = 0; round < 5; round += 1) {
      yield* pauseFor(faults.between(SECOND, 5 * SECOND));
      const keys = [...bus.cursors.rows.keys()];
      if (keys.length === 0) continue;
      try {
        yield* bus.rewind(fate, faults.pick(keys), faults.between(0, 10));
      } catch (error) {
        this.#world.expected(error);
      }
    }
  }

  /** A backup, and some time later the database back to it. */
  *#restore(): Task<void> {
    const { faults, scheduler } = this.#world;
    const { users, services } = this.#system;
    yield* pauseFor(faults.between(2 * SECOND, BUSY_MS / 2));
    users.backUp();
    yield* pauseFor(faults.between(SECOND, BUSY_MS / 2));
    for (const replica of users.service.replicas) scheduler.crash(replica, 30 * SECOND);
    yield* pauseFor(0);
    users.restore(services);
    for (const replica of users.service.replicas) scheduler.start(replica);
  }

  /** Whoever would confirm a hold is away until about its end: before it, after it, or between it and the sweep. */
  *#outliveHold(): Task<void> {
    const { faults, scheduler } = this.#world;
    const { orders, inventory } = this.#system;
    while (this.#world.now < BUSY_MS) {
      yield* pauseFor(2);
      const held = [...inventory.reservations.rows.values()].find(({ state }) => state === 'HELD');
      if (held === undefined) continue;
      const backAt = held.expiresAt.getTime() + faults.between(-SECOND, 4 * SECOND);
      for (const replica of orders.service.replicas) scheduler.crash(replica, backAt - this.#world.now);
      this.endsAt = backAt + AFTERMATH_MS;
      return;
    }
  }

  /** From here on nothing more goes wrong: what is down starts, and what was stopped for a while goes on. */
  heal(): void {
    const { scheduler, weather } = this.#world;
    this.#isOver = true;
    Object.assign(weather, CALM);
    scheduler.say('fate', 'ALL IS HEALED');
    for (const process of this.#system.processes) {
      scheduler.start(process);
      if (process.pausedUntil !== Infinity) scheduler.goOn(process);
    }
  }
}
