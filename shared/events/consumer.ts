import type { CloudEvent } from '../cloud-event.ts';
import type { Log } from '../log.ts';
import { backoffMs, type Backoff } from '../retry.ts';
import { isUnreachable, transact, type Database, type Transaction } from '../store/postgres.ts';
import { startWorker, type Counts, type Worker } from '../worker.ts';
import type { Bus, Subscription } from './bus.ts';
import { startLedgerSweeper } from './ledger-sweeper.ts';
import { claim, receive, renew, settle, type LedgerEntry, type Settlement } from './ledger.ts';
import { afterFailure } from './retrying.ts';

export interface ConsumerOptions {
  /** Names the cursor on the bus and the events in the ledger; every replica of a service uses the same. */
  readonly durable: string;
  /** Event types it takes, `*` standing for one token. */
  readonly subjects: readonly string[];
  /** Has the table `event_ledger`. */
  readonly db: Database;
  readonly bus: Bus;
  readonly log: Log;
  /**
   * Does what is to be done about an event. It must be idempotent (guarded by revision, or by an id derived from the event's): an event
   * is handled again when its outcome could not be written. It ends by itself: a call that never returns keeps its place for ever.
   */
  readonly handle: (event: CloudEvent) => Promise<void>;
  /** Is something away that `handle` needs, rather than the event at fault? What {@link isUnreachable} says of PostgreSQL when left out. */
  readonly isUnreachable?: (error: unknown) => boolean;
}

/** Leaves at least two of a service's ten connections to its requests when every handler holds one. */
const MOST_AT_ONCE = 8;
/** The events of a process that was killed or paused are taken over after this and one poll. Claims that are still worked on are renewed. */
export const CLAIM_MS = 3_000;
/** New events and freed places wake the worker; the poll is for retries that fall due. */
const POLL_MS = 500;
/** Short at first, since most outages are a restart. */
const OUTAGE_BACKOFF: Backoff = { firstMs: 100, longestMs: 5_000 };

/**
 * Handles other services' events: each is stored in the ledger before the bus moves on, then handled, events of one record of a source in
 * their order and those of different records at once. What fails is tried again while only its own record waits, and given up as a dead
 * letter at last; while what the handler needs is away, everything waits without end and nothing counts as failed.
 *
 * ```mermaid
 * stateDiagram-v2
 *   [*] --> PENDING: stored
 *   PENDING --> IN_FLIGHT: claimed
 *   RETRYING --> IN_FLIGHT: due again
 *   IN_FLIGHT --> IN_FLIGHT: the claim lapsed, its process being gone
 *   IN_FLIGHT --> APPLIED: handled
 *   IN_FLIGHT --> RETRYING: failed, or something needed is away
 *   IN_FLIGHT --> DEAD_LETTERED: failed for the last time
 * ```
 *
 * `wake()` makes it look for events and for due retries. Closing it waits for the handlers that run.
 */
export async function startConsumer(options: ConsumerOptions): Promise<Subscription> {
  await using opened = new AsyncDisposableStack();
  const { db, bus, log, durable, subjects } = options;
  opened.use(startLedgerSweeper({ db, log }));
  const handling = opened.use(new Handling(options));
  const subscription = opened.use(
    await bus.subscribe({
      durable,
      subjects,
      onBatch: async (events) => {
        await transact(db, (tx) => receive(tx, durable, events));
        handling.wake();
      },
    }),
  );
  const running = opened.move();
  return {
    wake: () => {
      subscription.wake();
      handling.wake();
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** How a handler ended. */
type End = { readonly handled: true } | { readonly handled: false; readonly error: unknown };

/** An event whose handler has ended, and whose ledger entry does not say so yet. */
interface Outcome {
  readonly end: End;
  readonly settlement: Settlement;
}

interface Attempt {
  /** As last claimed or renewed. */
  entry: LedgerEntry;
  readonly ended: Promise<void>;
}

/** The events that are being handled in this process, and the worker that fills the free places. */
class Handling implements AsyncDisposable {
  readonly #options: ConsumerOptions;
  readonly #worker: Worker;
  /** By event id. */
  readonly #running = new Map<string, Attempt>();
  readonly #finished: Outcome[] = [];
  /** How often in a row something was found to be away, and until when (`Date.now()`) nothing is tried for that. */
  #outages = 0;
  #restsUntil = 0;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    const { durable, log } = options;
    this.#worker = startWorker({ name: `consumer ${durable}`, runOnce: () => this.#runOnce(), pollMs: POLL_MS, log });
  }

  wake(): void {
    this.#worker.wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.stop();
    await Promise.all(Array.from(this.#running.values(), ({ ended }) => ended));
    const settlements = this.#finished.map(({ settlement }) => settlement);
    await transact(this.#options.db, (tx) => settle(tx, settlements, new Date()));
  }

  /** Writes what has ended and claims what may come next, in one transaction; then lets that be handled. */
  async #runOnce(): Promise<Counts> {
    const now = new Date();
    const outcomes = [...this.#finished];
    const { written, claimed } = await transact(this.#options.db, async (tx) => {
      const settled = await settle(
        tx,
        outcomes.map(({ settlement }) => settlement),
        now,
      );
      await this.#renewClaims(tx, now);
      return { written: new Set(settled), claimed: await this.#claimNext(tx, now) };
    });
    this.#finished.splice(0, outcomes.length);
    for (const outcome of outcomes) if (written.has(outcome.settlement)) this.#tell(outcome);
    for (const entry of claimed) this.#start(entry);
    return { settled: outcomes.length, claimed: claimed.length };
  }

  async #claimNext(tx: Transaction, now: Date): Promise<LedgerEntry[]> {
    const limit = MOST_AT_ONCE - this.#running.size;
    if (limit <= 0 || now.getTime() < this.#restsUntil) return [];
    return claim(tx, { durable: this.#options.durable, limit, now, until: claimedUntil(now) });
  }

  async #renewClaims(tx: Transaction, now: Date): Promise<void> {
    const halfwayAt = now.getTime() + CLAIM_MS / 2;
    const halfway = [...this.#running.values()].filter(({ entry }) => entry.dueAt.getTime() < halfwayAt);
    if (halfway.length === 0) return;
    const dueAt = claimedUntil(now);
    await renew(
      tx,
      halfway.map(({ entry }) => entry),
      dueAt,
    );
    for (const attempt of halfway) attempt.entry = { ...attempt.entry, dueAt };
  }

  #start(entry: LedgerEntry): void {
    const { event, eventId } = entry;
    const running = this.#running.get(eventId);
    // The claim has lapsed in an outage of the ledger, and this process has got it back: the handler that runs speaks for both.
    if (running !== undefined) running.entry = entry;
    else this.#running.set(eventId, { entry, ended: this.#attempt(event).then((end) => this.#finish(eventId, end)) });
  }

  async #attempt(event: CloudEvent): Promise<End> {
    try {
      await this.#options.handle(event);
      return { handled: true };
    } catch (error) {
      return { handled: false, error };
    }
  }

  #finish(eventId: string, end: End): void {
    const attempt = this.#running.get(eventId);
    this.#running.delete(eventId);
    if (attempt !== undefined) this.#finished.push({ end, settlement: this.#settlementOf(attempt.entry, end) });
    this.wake();
  }

  #settlementOf(entry: LedgerEntry, end: End): Settlement {
    if (end.handled) {
      this.#outages = 0;
      return { entry, state: 'APPLIED' };
    }
    const { isUnreachable: isAway = isUnreachable } = this.#options;
    const now = new Date();
    if (!isAway(end.error)) return afterFailure(entry, reasonOf(end.error), now);
    this.#rest(end.error, now);
    return { entry, state: 'RETRYING', error: reasonOf(end.error), dueAt: new Date(this.#restsUntil) };
  }

  /** Tries nothing for a while: whatever else is waiting needs the same. Handlers that fail side by side are one outage. */
  #rest(error: unknown, now: Date): void {
    if (now.getTime() < this.#restsUntil) return;
    this.#outages += 1;
    this.#restsUntil = now.getTime() + backoffMs(OUTAGE_BACKOFF, this.#outages);
    const { log, durable } = this.#options;
    if (this.#outages === 1) log.warn({ err: error, durable }, 'events wait for what is away');
  }

  #tell({ settlement: { entry, state }, end }: Outcome): void {
    if (end.handled || state === 'RETRYING') return;
    const { event, failures } = entry;
    const { id, type, subject } = event;
    const facts = { err: end.error, durable: entry.durable, event: { id, type, subject }, failures: failures + 1 };
    this.#options.log.error(facts, 'event given up');
  }
}

const claimedUntil = (now: Date): Date => new Date(now.getTime() + CLAIM_MS);

/** What went wrong at bottom: a store's own error rather than the statement that somebody has wrapped around it. */
function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return inner instanceof Error ? inner.message : String(inner);
}
