/** A step at which time passes: for `ms`, until `gate` is opened, or whichever comes first. */
export interface Pause {
  /** What is done after it, for the trace; empty for what is not worth telling. */
  readonly what: string;
  readonly ms?: number;
  readonly gate?: Gate;
}

/** Work of a process in virtual time. It can be left for ever at each of its pauses. */
export type Task<T> = Generator<Pause, T, void>;

/** A place to wait at until somebody opens it; whoever comes after that waits for the next time. */
export class Gate {
  #waiting: (() => void)[] = [];

  wait(wake: () => void): void {
    this.#waiting.push(wake);
  }

  open(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

export function* pauseFor(ms: number, what = ''): Task<void> {
  yield { ms, what };
}

export function* waitAt(gate: Gate, options: { ms?: number; what?: string } = {}): Task<void> {
  yield { gate, what: options.what ?? '', ...(options.ms !== undefined && { ms: options.ms }) };
}
