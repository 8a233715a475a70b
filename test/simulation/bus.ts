import { subjectMatches, type PositionedEvent } from '#shared/cloud-event.ts';
import { TailLost } from '#shared/events/bus.ts';
import { BusLog, type Batch } from './bus-log.ts';
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

/** The bus behind a network of its own: what it is told may be lost on the way. Durables are those of shared/events/postgres-bus.ts. */
export class Bus {
  readonly store: Store;
  readonly #world: World;
  readonly process: Process;
  readonly log: BusLog;
  readonly cursors = new Table<Cursor>('bus_cursors');
  readonly #wakeReaders: (() => void)[] = [];

  constructor(world: World) {
    this.#world = world;
    this.store = new Store(world, 'bus');
    this.process = world.scheduler.process('bus');
    this.log = new BusLog(this.store, (tx, source, after) => this.#beginAgain(tx, source, after));
  }

  /** Resolves once all is stored and acknowledged; throws {@link TailLost} as the port says. */
  *publish(from: Process, source: string, batch: Batch): Task<void> {
    const last = batch.batch.at(-1)?.position ?? 0;
    const head = yield* this.#ask(from, `publish ${source} up to ${last}`, (at) => this.log.publish(at, source, batch));
    for (const wake of this.#wakeReaders) wake();
    if (head !== undefined) throw new TailLost(source, head);
  }

  /** Mirrors `published`. */
  *published(from: Process, source: string): Task<number> {
    return yield* this.#ask(from, `published of ${source}`, (at) =>
      this.store.read(at, '', () => this.log.headOf(source)),
    );
  }

  /** Where a durable stands; mirrors `takenOf`: what it has taken may be gone from the log. */
  position(durable: string, source: string): number {
    return Math.min(this.cursors.rows.get(`${durable}/${source}`)?.position ?? 0, this.log.headOf(source));
  }

  /** The power goes: of a log that is acknowledged before it is synced the tail is lost, and of what its durables have taken any part or none. */
  cutPower(downMs: number): void {
    const { faults, scheduler, tally } = this.#world;
    tally.powerCuts += 1;
    scheduler.crash(this.process, downMs);
    for (const tx of this.store.open) tx.end();
    this.log.loseTails();
    for (const [key, { position, fence }] of this.cursors.rows) {
      if (faults.happens(0.5)) continue;
      this.cursors.rows.set(key, { position: faults.between(0, position), fence: fence + 1 });
    }
  }

  /** Durables go with the stream that was theirs. */
  *#beginAgain(tx: Transaction, source: string, position: number): Task<void> {
    for (const key of [...this.cursors.rows.keys()].filter((each) => each.endsWith(`/${source}`))) {
      yield* tx.lock(this.cursors, key);
      tx.put(this.cursors, key, { position, fence: (tx.get(this.cursors, key)?.fence ?? 0) + 1 });
    }
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
    for (const source of this.log.sources) {
      const { fence } = tx.get(this.cursors, `${durable}/${source}`) ?? { fence: 0 };
      const cursor = { position: this.position(durable, source), fence };
      const events = this.log.after(source, cursor.position, BATCH);
      if (events.length > 0) pages.push({ source, cursor, events });
    }
    return pages;
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
}
