import { subjectMatches, type PositionedEvent } from '#shared/cloud-event.ts';
import type { Process } from './scheduler.ts';
import { call } from './network.ts';
import type { Service } from './service.ts';
import { Store } from './store.ts';
import { Table } from './table.ts';
import type { Transaction } from './transaction.ts';
import type { Task } from './task.ts';
import type { World } from './world.ts';

interface Cursor {
  readonly position: number;
  /** Another after every write, as the row's `xmin`. */
  readonly fence: number;
}

/** What a durable has not read of a source. */
interface Page {
  readonly source: string;
  readonly cursor: Cursor;
  readonly events: readonly PositionedEvent[];
}

interface Subscription {
  readonly durable: string;
  readonly subjects: readonly string[];
  readonly onBatch: (replica: Process, events: readonly PositionedEvent[]) => Task<void>;
}

/** Few, so that batches have ends in the middle of a record's versions. */
const BATCH = 6;
const PATIENCE_MS = 1_000;
const POLL_MS = 2_000;

/** The bus (shared/events/postgres-bus.ts) behind a network of its own: what it has committed it keeps, what it is told may be lost. */
export class Bus {
  readonly store: Store;
  readonly #world: World;
  readonly process: Process;
  readonly #events = new Table<PositionedEvent>('bus_events');
  readonly heads = new Table<number>('bus_sources');
  readonly cursors = new Table<Cursor>('bus_cursors');
  readonly #wakeReaders: (() => void)[] = [];
  /** How many positions of a source were left out on purpose: see restore.ts. */
  readonly skipped = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
    this.store = new Store(world, 'bus');
    this.process = world.scheduler.process('bus');
    this.store.onCommit.push(() => this.#checkGaps());
  }

  at(source: string, position: number): PositionedEvent | undefined {
    return this.#events.rows.get(`${source}/${position}`);
  }

  /** Mirrors `publish`: INSERT … ON CONFLICT DO NOTHING by (source, position), and `greatest(head, …)`, in one transaction. */
  *publish(from: Process, source: string, batch: readonly PositionedEvent[]): Task<void> {
    const last = batch.at(-1)?.position ?? 0;
    yield* this.#ask(from, `publish ${source} up to ${last}`, (at) =>
      this.store.transact(at, `publish ${source}`, (tx) => this.#insert(tx, source, batch)),
    );
    for (const wake of this.#wakeReaders) wake();
  }

  *#insert(tx: Transaction, source: string, batch: readonly PositionedEvent[]): Task<void> {
    yield* tx.lock(this.heads, source);
    yield* tx.statement();
    for (const event of batch) {
      const key = `${source}/${event.position}`;
      if (tx.get(this.#events, key) === undefined) tx.put(this.#events, key, event);
    }
    const head = Math.max(tx.get(this.heads, source) ?? 0, ...batch.map(({ position }) => position));
    tx.put(this.heads, source, head);
  }

  /** Reads for a durable on every replica of a service. Mirrors `readOnce`: read → `onBatch` → cursor, if nobody has written it meanwhile. */
  subscribe(service: Service, subscription: Subscription): void {
    const wake = service.worker({
      pollMs: POLL_MS,
      runOnce: (replica) => this.#readOnce(replica, subscription),
    });
    this.#wakeReaders.push(() => service.replicas.forEach(wake));
  }

  *#readOnce(replica: Process, { durable, subjects, onBatch }: Subscription): Task<number> {
    const pages = yield* this.#ask(replica, `read for ${durable}`, (at) => this.#pages(at, durable));
    for (const { source, cursor, events } of pages) {
      const to = events.at(-1)?.position ?? cursor.position;
      const wanted = events.filter(({ event }) => subjects.some((subject) => subjectMatches(subject, event.type)));
      const advance = (): Task<void> => this.#advance(replica, `${durable}/${source}`, { ...cursor, position: to });
      if (this.#world.has('acknowledged-before-ledger')) yield* advance();
      if (wanted.length > 0) yield* onBatch(replica, wanted);
      if (!this.#world.has('acknowledged-before-ledger')) yield* advance();
    }
    return pages.length;
  }

  *#pages(at: Process, durable: string): Task<Page[]> {
    return yield* this.store.transact(at, `read for ${durable}`, (tx) => this.#readPages(tx, durable));
  }

  *#readPages(tx: Transaction, durable: string): Task<Page[]> {
    yield* tx.statement();
    const pages: Page[] = [];
    for (const [source, head] of this.heads.rows) {
      const cursor = tx.get(this.cursors, `${durable}/${source}`) ?? { position: 0, fence: 0 };
      const events = this.#after(source, cursor.position, head);
      if (events.length > 0) pages.push({ source, cursor, events });
    }
    return pages;
  }

  #after(source: string, position: number, head: number): PositionedEvent[] {
    const events: PositionedEvent[] = [];
    for (let next = position + 1; next <= head && events.length < BATCH; next += 1) {
      const event = this.at(source, next);
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  /** Mirrors UPDATE bus_cursors … WHERE xmin = fence. */
  *#advance(replica: Process, key: string, { position, fence }: Cursor): Task<void> {
    yield* this.#ask(replica, `move ${key} to ${position}`, (at) =>
      this.store.transact(at, `move ${key}`, (tx) => this.#move(tx, key, { position, fence })),
    );
  }

  *#move(tx: Transaction, key: string, { position, fence }: Cursor): Task<void> {
    yield* tx.lock(this.cursors, key);
    yield* tx.statement();
    const now = tx.get(this.cursors, key)?.fence ?? 0;
    if (now === fence) tx.put(this.cursors, key, { position, fence: now + 1 });
  }

  /** As an operator would: what comes again changes nothing. Mirrors `rewind`. */
  *rewind(at: Process, key: string, position: number): Task<void> {
    yield* this.store.transact(at, `rewind ${key} to ${position}`, (tx) => this.#rewind(tx, key, position));
  }

  *#rewind(tx: Transaction, key: string, position: number): Task<void> {
    yield* tx.lock(this.cursors, key);
    const cursor = tx.get(this.cursors, key);
    if (cursor !== undefined)
      tx.put(this.cursors, key, { position: Math.min(position, cursor.position), fence: cursor.fence + 1 });
  }

  #ask<Answer>(from: Process, what: string, work: (at: Process) => Task<Answer>): Task<Answer> {
    return call(this.#world, { from, to: [this.process], what, timeoutMs: PATIENCE_MS, work });
  }

  /** A reader moves on past what it sees, so nothing may come in below. */
  #checkGaps(): void {
    for (const [source, head] of this.heads.rows) {
      for (let position = this.#whole.get(source) ?? 1; position <= head; position += 1) {
        if (this.at(source, position) === undefined && position > (this.skipped.get(source) ?? 0)) {
          this.#world.fail('a source has one writer', `${source} ${head} is on the bus before ${position}`);
        }
        this.#whole.set(source, position + 1);
      }
    }
  }
  readonly #whole = new Map<string, number>();
}
