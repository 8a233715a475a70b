import type { Task } from './task.ts';

/** Decides, before each step of a process, whether something befalls it. Virtual milliseconds. */
export interface Disturber {
  beforeStep(process: Process, what: string): Disturbance | undefined;
}

export type Disturbance =
  { readonly kind: 'CRASH'; readonly downMs: number } | { readonly kind: 'PAUSE'; readonly forMs: number };

/** What runs on a machine of its own: a replica of a service, a broker, a target. What it keeps outside a store is lost with it. */
export interface Process {
  readonly name: string;
  /** Another for every life: what was begun in an earlier one never goes on. */
  life: number;
  up: boolean;
  /** Stopped (SIGSTOP) until then; it keeps its connections, and what they hold. */
  pausedUntil: number;
  pausedSince: number;
  /** What goes on when it does. */
  readonly held: (() => void)[];
  readonly connections: Set<Connection>;
  readonly boot: (process: Process) => void;
}

/** What a process holds at a store. */
export interface Connection {
  /** The process is gone, and the store sees it. */
  end(): void;
  /** The process is stopped: the store sees nothing of it. */
  whenStopped(): void;
}

interface Running {
  readonly process: Process;
  readonly life: number;
  readonly task: Task<void>;
  /** Counts its pauses: who is woken twice goes on once. */
  pauses: number;
  /** What it does next. */
  what: string;
}

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

/**
 * Runs tasks in virtual time, one step after the other: the same seed gives the same run. Nothing waits for real, and steps of the same
 * moment go in the order in which they were asked for.
 */
export class Scheduler {
  now = 0;
  steps = 0;
  /** Told every step when somebody wants to read them. */
  trace: ((line: string) => void) | undefined;
  disturber: Disturber | undefined;
  readonly #heap: Entry[] = [];
  #order = 0;

  at(ms: number, act: () => void): void {
    this.#order += 1;
    push(this.#heap, { at: ms, order: this.#order, act });
  }

  say(who: string, what: string): void {
    this.trace?.(`${(this.now / 1_000).toFixed(3).padStart(9)}  ${who.padEnd(14)} ${what}`);
  }

  process(name: string, boot: (process: Process) => void = () => undefined): Process {
    const process: Process = {
      name,
      life: 0,
      up: true,
      pausedUntil: 0,
      pausedSince: 0,
      held: [],
      connections: new Set(),
      boot,
    };
    boot(process);
    return process;
  }

  /** Starts a task on a process; it ends with the process. */
  spawn(process: Process, task: Task<void>): void {
    const running: Running = { process, life: process.life, task, pauses: 0, what: 'begins' };
    this.at(this.now, () => this.#resume(running, 0));
  }

  crash(process: Process, downMs: number): void {
    if (!process.up) return;
    this.say(process.name, `CRASHES for ${downMs} ms`);
    process.life += 1;
    process.up = false;
    process.pausedUntil = 0;
    process.held.length = 0;
    for (const connection of process.connections) connection.end();
    const { life } = process;
    this.at(this.now + downMs, () => {
      if (process.life === life) this.start(process);
    });
  }

  start(process: Process): void {
    if (process.up) return;
    this.say(process.name, 'STARTS');
    process.up = true;
    process.boot(process);
  }

  pause(process: Process, forMs: number): void {
    this.say(process.name, `IS STOPPED for ${forMs} ms`);
    if (process.pausedUntil <= this.now) process.pausedSince = this.now;
    process.pausedUntil = Math.max(process.pausedUntil, this.now + forMs);
    for (const connection of process.connections) connection.whenStopped();
    const { life, pausedUntil } = process;
    if (pausedUntil === Infinity) return;
    this.at(pausedUntil, () => {
      if (process.life === life && process.pausedUntil === pausedUntil) this.goOn(process);
    });
  }

  /** Lets a stopped process go on. */
  goOn(process: Process): void {
    process.pausedUntil = this.now;
    for (const resume of process.held.splice(0)) this.at(this.now, resume);
  }

  /** Lets time pass until then, or until `done` says so. */
  run(until: number, done: () => boolean = () => false): void {
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      pop(this.#heap);
      this.now = Math.max(this.now, next.at);
      next.act();
      if (done()) return;
    }
    this.now = Math.max(this.now, Number.isFinite(until) ? until : this.now);
  }

  #resume(running: Running, pauses: number): void {
    const { process, task } = running;
    if (running.pauses !== pauses || running.life !== process.life) return;
    if (this.now < process.pausedUntil) {
      process.held.push(() => this.#resume(running, pauses));
      return;
    }
    const disturbance = this.disturber?.beforeStep(process, running.what);
    if (disturbance?.kind === 'CRASH') return this.crash(process, disturbance.downMs);
    if (disturbance?.kind === 'PAUSE') {
      this.pause(process, disturbance.forMs);
      return this.#resume(running, pauses);
    }
    this.steps += 1;
    if (running.what !== '') this.say(process.name, running.what);
    this.#step(running, task);
  }

  #step(running: Running, task: Task<void>): void {
    const { done, value } = task.next();
    if (done === true) return;
    running.pauses += 1;
    running.what = value.what;
    const { pauses } = running;
    const resume = (): void => this.#resume(running, pauses);
    if (value.gate !== undefined) value.gate.wait(() => this.at(this.now, resume));
    if (value.ms !== undefined) this.at(this.now + value.ms, resume);
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Entry[], entry: Entry): void {
  heap.push(entry);
  for (let at = heap.length - 1; at > 0;) {
    const parent = (at - 1) >> 1;
    if (!swapIfBefore(heap, at, parent)) return;
    at = parent;
  }
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  for (let at = 0; ;) {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    const least = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left;
    if (least >= heap.length || !swapIfBefore(heap, least, at)) return;
    at = least;
  }
}

function swapIfBefore(heap: Entry[], one: number, other: number): boolean {
  const [a, b] = [heap[one]!, heap[other]!];
  if (!isBefore(a, b)) return false;
  [heap[one], heap[other]] = [b, a];
  return true;
}
