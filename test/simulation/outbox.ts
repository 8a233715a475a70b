import { revisionOf, type CloudEvent, type PositionedEvent } from '#shared/cloud-event.ts';
import type { Change } from '#shared/events/outbox.ts';
import { untilGap } from '#shared/events/relay.ts';
import { TailLost } from '#shared/events/bus.ts';
import type { Fence } from '#shared/store/lease.ts';
import type { Bus } from './bus.ts';
import { Lease } from './lease.ts';
import type { Process } from './scheduler.ts';
import type { Service } from './service.ts';
import { Table } from './table.ts';
import type { Transaction } from './transaction.ts';
import type { Task } from './task.ts';
import type { World } from './world.ts';

interface OutboxRow {
  readonly seq: number;
  /** Of the transaction that wrote it. */
  readonly xid: number;
  readonly position: number | null;
  readonly event: CloudEvent;
}

interface Relay {
  readonly replica: Process;
  /** The planted bugs have none. */
  readonly fence?: Fence;
  /** Which positions it relays, by the planted bug. */
  readonly part?: number;
}

interface Move {
  readonly from: number;
  readonly to: number;
}

const cursorOf = ({ part }: Relay): string => (part === undefined ? 'relayed' : `relayed ${part}`);

const STAMP_BATCH = 20;
const RELAY_BATCH = 8;
const STAMPER_POLL_MS = 2_000;
const RELAY_POLL_MS = 2_000;

/** A service's events on their way to the bus: the outbox, the stamper that every replica runs and the relay that one at a time does. */
export class Outbox {
  readonly rows = new Table<OutboxRow>('outbox');
  readonly #service: Service;
  readonly #bus: Bus;
  readonly #lease: Lease;
  readonly #wakeStamper: (replica: Process) => void;
  readonly #wakeRelay: (replica: Process) => void;
  #seen = 0;
  #highest = 0;
  #checked = 0;
  readonly #revisions = new Map<string, number>();
  /** Who holds the session lock, when the planted bug keeps one. */
  #leader: { readonly replica: Process; readonly life: number } | undefined;

  constructor(service: Service, bus: Bus) {
    this.#service = service;
    this.#bus = bus;
    this.#lease = new Lease(service, 'relay');
    this.#wakeStamper = service.worker({ pollMs: STAMPER_POLL_MS, runOnce: (replica) => this.#stampOnce(replica) });
    this.#wakeRelay = service.worker({ pollMs: RELAY_POLL_MS, runOnce: (replica) => this.#relay(replica) });
    service.store.onCommit.push(() => this.#watch());
  }

  get #world(): World {
    return this.#service.world;
  }

  /** There is something new: told by the process that has committed it. */
  wake(replica: Process): void {
    this.#wakeStamper(replica);
  }

  /** Mirrors `appendEvents`: `seq` is drawn here, while the record's row is locked, and seen by others only after the commit. */
  *append(tx: Transaction, changes: readonly Change[]): Task<void> {
    if (changes.length === 0) return;
    yield* tx.statement();
    const epoch = tx.get(this.#service.state, 'epoch') ?? 0;
    for (const change of changes) {
      const seq = this.#service.store.nextSequence();
      const event = this.#eventOf(change, revisionOf(epoch, change.version));
      tx.put(this.rows, String(seq), { seq, xid: tx.identify(), position: null, event });
    }
  }

  #eventOf({ type, subject, ownerId, data, occurredAt }: Change, revision: number): CloudEvent {
    return {
      specversion: '1.0',
      id: this.#world.newId(),
      source: this.#service.name,
      type,
      subject,
      time: occurredAt.toISOString(),
      datacontenttype: 'application/json',
      data,
      revision: String(revision),
      ...(ownerId !== undefined && { ownerid: ownerId }),
    };
  }

  /** Mirrors `stampOnce`: the cursor row is locked, then committed rows without a position get the next ones, in `seq` order. */
  *#stampOnce(replica: Process): Task<number> {
    const stamped = yield* this.#service.store.transact(replica, 'stamp', (tx) => this.#stamp(tx));
    if (stamped > 0) for (const each of this.#service.replicas) this.#wakeRelay(each);
    return stamped;
  }

  *#stamp(tx: Transaction): Task<number> {
    const { state } = this.#service;
    yield* tx.lock(state, 'stamped');
    yield* tx.statement();
    const last = tx.get(state, 'stamped') ?? 0;
    const next = this.#unstamped(tx).slice(0, STAMP_BATCH);
    if (next.length === 0) return 0;
    for (const [at, row] of next.entries()) tx.put(this.rows, String(row.seq), { ...row, position: last + at + 1 });
    tx.put(state, 'stamped', last + next.length);
    tx.put(state, 'stamped seq', Math.max(...next.map(({ seq }) => seq)));
    yield* tx.statement();
    return next.length;
  }

  #unstamped(tx: Transaction): OutboxRow[] {
    const rows = [...this.rows.rows.values()].filter(({ position }) => position === null);
    if (this.#world.has('seq-cursor')) {
      const last = tx.get(this.#service.state, 'stamped seq') ?? 0;
      return rows.filter(({ seq }) => seq > last).sort((a, b) => a.seq - b.seq);
    }
    if (this.#world.has('xid-seq-cursor')) {
      const running = this.#service.store.oldestRunning();
      return rows.filter(({ xid }) => xid < running).sort((a, b) => a.xid - b.xid || a.seq - b.seq);
    }
    return rows.sort((a, b) => a.seq - b.seq);
  }

  *#relay(replica: Process): Task<number> {
    if (this.#world.has('two-writers-per-source')) {
      return yield* this.#relayOnce({ replica, part: this.#service.replicas.indexOf(replica) });
    }
    if (this.#world.has('lock-held-across-network')) return yield* this.#relayUnderLock(replica);
    return (yield* this.#lease.during(replica, (fence) => this.#relayOnce({ replica, fence }))) ?? 0;
  }

  *#relayUnderLock(replica: Process): Task<number> {
    const leader = this.#leader;
    if (leader !== undefined && leader.life === leader.replica.life) return 0;
    this.#leader = { replica, life: replica.life };
    try {
      return yield* this.#relayOnce({ replica });
    } finally {
      this.#leader = undefined;
    }
  }

  /** Mirrors `relayOnce`: read, publish, and move `relayed` on only from where it was read, and within the fence. */
  *#relayOnce(relay: Relay): Task<number> {
    const { replica, part } = relay;
    const { store, state, name } = this.#service;
    const from = yield* store.read(replica, '', () => state.rows.get(cursorOf(relay)) ?? 0);
    const events = yield* store.read(replica, '', () => this.#after(from, part));
    const batch = part === undefined ? untilGap(events) : events;
    const [first, to] = [batch[0]?.position, batch.at(-1)?.position];
    if (first === undefined || to === undefined) {
      return yield* this.#goBack(relay, { from, to: yield* this.#bus.published(replica, name) });
    }
    try {
      yield* this.#bus.publish(replica, name, { batch, afterGap: first > from + 1 });
    } catch (error) {
      if (error instanceof TailLost) return yield* this.#goBack(relay, { from, to: error.position });
      throw error;
    }
    return yield* this.#move(relay, { from, to });
  }

  /** Mirrors `goBack`: what the bus has lost is told again. */
  *#goBack(relay: Relay, { from, to }: Move): Task<number> {
    if (to >= from || this.#world.has('lost-tail-not-resent')) return 0;
    const moved = yield* this.#move(relay, { from, to });
    this.#world.tally.tailsResent += moved;
    return moved;
  }

  /** Mirrors `moved`. */
  *#move(relay: Relay, move: Move): Task<number> {
    const { replica, fence } = relay;
    const what = `relayed ${move.to}`;
    const advance = (tx: Transaction): Task<number> => this.#advance(tx, cursorOf(relay), move);
    if (fence === undefined) return yield* this.#service.store.transact(replica, what, advance);
    return (yield* this.#lease.fenced(replica, { what, fence }, advance)) ?? 0;
  }

  #after(from: number, part: number | undefined): PositionedEvent[] {
    return [...this.rows.rows.values()]
      .flatMap(({ position, event }) => (position === null ? [] : [{ position, event }]))
      .filter(({ position }) => position > from && (part === undefined || position % 2 === part))
      .sort((a, b) => a.position - b.position)
      .slice(0, RELAY_BATCH);
  }

  /** Mirrors `advanceState`. */
  *#advance(tx: Transaction, cursor: string, { from, to }: Move): Task<number> {
    const { state } = this.#service;
    yield* tx.lock(state, cursor);
    yield* tx.statement();
    if ((tx.get(state, cursor) ?? 0) !== from) return 0;
    tx.put(state, cursor, to);
    return 1;
  }

  /** What a service starts with is committed before anything else happens. */
  seed(change: Change): void {
    const seq = this.#service.store.nextSequence();
    const epoch = this.#service.state.rows.get('epoch') ?? 0;
    const event = this.#eventOf(change, revisionOf(epoch, change.version));
    this.rows.rows.set(String(seq), { seq, xid: 0, position: null, event });
  }

  /** After a restore what is there is not new. */
  begunAgain(stamped: number): void {
    this.#seen = this.rows.rows.size;
    this.#checked = stamped;
    this.#revisions.clear();
  }

  /** Every committed event, told or not. */
  events(): CloudEvent[] {
    return Array.from(this.rows.rows.values(), ({ event }) => event);
  }

  /** Committed events that a reader of positions up to `after` has not seen; mirrors `outboxStatus`. */
  beyond(after: number): OutboxRow[] {
    return [...this.rows.rows.values()].filter(({ position }) => position === null || position > after);
  }

  /** A reader of `position` takes what it sees for all there is, and a record's versions as they come. */
  #watch(): void {
    const { world, name, state } = this.#service;
    if (this.rows.rows.size > this.#seen) {
      for (const { seq } of [...this.rows.rows.values()].slice(this.#seen)) {
        if (seq < this.#highest) world.tally.outOfOrderCommits += 1;
        this.#highest = Math.max(this.#highest, seq);
      }
      this.#seen = this.rows.rows.size;
    }
    const stamped = state.rows.get('stamped') ?? 0;
    if (stamped <= this.#checked) return;
    const fresh = [...this.rows.rows.values()].filter(({ position }) => (position ?? 0) > this.#checked);
    this.#checked = stamped;
    for (const { event, position } of fresh.sort((a, b) => (a.position ?? 0) - (b.position ?? 0))) {
      const record = `${name} ${event.subject}`;
      const before = this.#revisions.get(record) ?? 0;
      // Who tells of another's record goes by that record's revision: after a restore its own may begin again below.
      const revision = (event.data as { targetRevision?: number }).targetRevision ?? Number(event.revision);
      const detail = (): string => `${record} ${revision} at ${position} comes after ${before}`;
      world.claim(revision > before, 'positions follow versions', detail);
      this.#revisions.set(record, revision);
    }
  }
}
