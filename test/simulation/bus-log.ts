import type { PositionedEvent } from '#shared/cloud-event.ts';
import type { PublishOptions } from '#shared/events/bus.ts';
import type { Process } from './scheduler.ts';
import type { Store } from './store.ts';
import { Table } from './table.ts';
import type { Task } from './task.ts';
import type { Transaction } from './transaction.ts';
import type { World } from './world.ts';

/**
 * The events of each source as a bus keeps them. In a run whose bus may lose its tail, the log is a stream of JetStream's (nats-publisher.ts):
 * each message is stored by itself behind the one before it or not at all, and acknowledged before it is synced. In the others it is
 * PostgreSQL's (postgres-bus.ts): a batch is one transaction, and stays.
 */
export class BusLog {
  readonly isStream: boolean;
  readonly #store: Store;
  readonly #world: World;
  readonly #events = new Table<PositionedEvent>('bus_events');
  readonly #heads = new Table<number>('bus_sources');
  /** Where a stream begins, which was made anew behind what its source has forgotten; a durable of the old one is no more. */
  readonly #beginnings = new Table<number>('beginnings');
  readonly #onBegin: (tx: Transaction, source: string, after: number) => Task<void>;
  /** How many positions of a source were left out on purpose: see `Users.restore`. */
  readonly skipped = new Map<string, number>();
  readonly #whole = new Map<string, number>();

  constructor(store: Store, onBegin: (tx: Transaction, source: string, after: number) => Task<void>) {
    this.#store = store;
    this.#world = store.world;
    this.isStream = store.world.weather.powerCut > 0;
    this.#onBegin = onBegin;
    store.onCommit.push(() => this.#checkGaps());
  }

  get sources(): string[] {
    return [...this.#heads.rows.keys()];
  }

  /** The last position there is. */
  headOf(source: string): number {
    return this.#heads.rows.get(source) ?? 0;
  }

  at(source: string, position: number): PositionedEvent | undefined {
    return this.#events.rows.get(`${source}/${position}`);
  }

  after(source: string, position: number, limit: number): PositionedEvent[] {
    const events: PositionedEvent[] = [];
    const head = this.headOf(source);
    let next = Math.max(position, this.#beginnings.rows.get(source) ?? 0) + 1;
    for (; next <= head && events.length < limit; next += 1) {
      const event = this.at(source, next);
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  /** Answers with the head when what was published before the batch is not there any more. */
  *publish(at: Process, source: string, { batch, afterGap = false }: Batch): Task<number | undefined> {
    const what = `publish ${source}`;
    if (!this.isStream) {
      yield* this.#store.transact(at, what, (tx) => this.#insert(tx, source, batch));
      return undefined;
    }
    for (const event of batch) {
      const head = yield* this.#store.transact(at, what, (tx) => this.#add(tx, source, { event, afterGap }));
      if (head !== undefined) return head;
    }
    return undefined;
  }

  /** Mirrors `publish` of postgres-bus.ts: INSERT … ON CONFLICT DO NOTHING by (source, position), and `greatest(head, …)`. */
  *#insert(tx: Transaction, source: string, batch: readonly PositionedEvent[]): Task<void> {
    yield* tx.lock(this.#heads, source);
    yield* tx.statement();
    for (const event of batch) {
      const key = `${source}/${event.position}`;
      if (tx.get(this.#events, key) === undefined) tx.put(this.#events, key, event);
    }
    const head = Math.max(tx.get(this.#heads, source) ?? 0, ...batch.map(({ position }) => position));
    tx.put(this.#heads, source, head);
  }

  /** Mirrors a message with the sequence that it expects before it; a stream is made anew where the source says that it goes on after a gap. */
  *#add(tx: Transaction, source: string, { event, afterGap }: Added): Task<number | undefined> {
    yield* tx.lock(this.#heads, source);
    yield* tx.statement();
    const { position } = event;
    const head = tx.get(this.#heads, source) ?? 0;
    if (position <= head) return undefined;
    if (position > head + 1) {
      if (!afterGap) return head;
      tx.put(this.#beginnings, source, position - 1);
      yield* this.#onBegin(tx, source, position - 1);
    }
    tx.put(this.#events, `${source}/${position}`, event);
    tx.put(this.#heads, source, position);
    return undefined;
  }

  /** What was stored last was not synced when the power went. */
  loseTails(): void {
    const { faults, weather, tally, scheduler } = this.#world;
    for (const [source, head] of this.#heads.rows) {
      const most = Math.min(weather.longestTail, head - (this.#beginnings.rows.get(source) ?? 0));
      const left = head - faults.between(0, most);
      if (left === head) continue;
      scheduler.say('bus', `LOSES ${source} from ${left + 1} to ${head}`);
      for (let position = left + 1; position <= head; position += 1) this.#events.rows.delete(`${source}/${position}`);
      this.#heads.rows.set(source, left);
      this.#whole.set(source, Math.min(this.#whole.get(source) ?? 1, left + 1));
      tally.tailsLost += 1;
    }
  }

  /** A reader moves on past what it sees, so nothing may come in below. */
  #checkGaps(): void {
    for (const [source, head] of this.#heads.rows) {
      for (let position = this.#whole.get(source) ?? 1; position <= head; position += 1) {
        if (this.at(source, position) === undefined && position > (this.skipped.get(source) ?? 0)) {
          this.#world.fail('a source has one writer', `${source} ${head} is on the bus before ${position}`);
        }
        this.#whole.set(source, position + 1);
      }
    }
  }
}

export interface Batch extends PublishOptions {
  readonly batch: readonly PositionedEvent[];
}

interface Added {
  readonly event: PositionedEvent;
  readonly afterGap: boolean;
}
