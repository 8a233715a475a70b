/** A message as it was read, before anything of it was checked. */
export interface UncheckedMessage {
  readonly type?: unknown;
  readonly id?: unknown;
}

type Handle = (message: UncheckedMessage | undefined) => Promise<void>;

interface Turn {
  completed: boolean;
  /** The operation that has taken the same id over, and waits. */
  next: UncheckedMessage | undefined;
}

/**
 * Lets the id of an operation that its client has completed be used again. graphql-ws knows an operation by its id alone: what is left of
 * the former one would end the next, or answer it. So the next one waits until nothing is left.
 */
export class OperationTurns {
  readonly #handle: Handle;
  readonly #turns = new Map<string, Turn>();

  /** `handle` resolves when all that the message has set off is over, for an operation at its end. */
  constructor(handle: Handle) {
    this.#handle = handle;
  }

  /** Operations under way. */
  get size(): number {
    return this.#turns.size;
  }

  async take(message: UncheckedMessage | undefined): Promise<void> {
    const { type, id } = message ?? {};
    if (message === undefined || typeof id !== 'string') return this.#handle(message);
    const turn = this.#turns.get(id);
    if (type === 'subscribe' && turn === undefined) return this.#carryOut(id, message);
    if (type === 'subscribe' && turn?.completed === true && turn.next === undefined) {
      turn.next = message;
      return;
    }
    if (type === 'complete' && turn !== undefined) {
      if (turn.next !== undefined) {
        turn.next = undefined;
        return;
      }
      turn.completed = true;
    }
    return this.#handle(message);
  }

  async #carryOut(id: string, message: UncheckedMessage): Promise<void> {
    const turn: Turn = { completed: false, next: undefined };
    this.#turns.set(id, turn);
    try {
      await this.#handle(message);
    } finally {
      this.#turns.delete(id);
    }
    if (turn.next !== undefined) await this.#carryOut(id, turn.next);
  }
}
