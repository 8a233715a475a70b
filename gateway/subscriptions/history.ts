import type { Delivery } from './delivery.ts';

/** What a client that was cut off for some seconds has missed; more is read from the subgraph's log. */
const MOST_KEPT = 256;
/** Large results are kept for fewer events. */
const MOST_CHARACTERS = 1024 * 1024;

/** The last results of a stream that have cursors: from any of these cursors it can be resumed without asking the subgraph. */
export class History {
  /** `kept[0]` is only the place at which what is kept begins. */
  readonly #kept: { readonly cursor: string; readonly delivery?: Delivery }[] = [];
  #characters = 0;

  /** The newest place; undefined when none is known. */
  get cursor(): string | undefined {
    return this.#kept.at(-1)?.cursor;
  }

  /** Begins at a place. */
  begin(cursor: string): void {
    this.#kept.push({ cursor });
  }

  add(delivery: Delivery, cursor: string): void {
    this.#kept.push({ cursor, delivery });
    this.#characters += delivery.json.length;
    while (this.#kept.length > MOST_KEPT || (this.#characters > MOST_CHARACTERS && this.#kept.length > 1)) {
      this.#characters -= this.#kept.shift()?.delivery?.json.length ?? 0;
    }
  }

  /** What was told behind a cursor; undefined when the cursor is none of those kept. */
  behind(cursor: string): Delivery[] | undefined {
    const at = this.#kept.findLastIndex((entry) => entry.cursor === cursor);
    if (at === -1) return undefined;
    return this.#kept.slice(at + 1).flatMap(({ delivery }) => (delivery === undefined ? [] : [delivery]));
  }
}
