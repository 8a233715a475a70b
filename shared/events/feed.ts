import type { Log } from '../log.ts';
import { Refusal } from '../refusal.ts';
import type { Database, Postgres } from '../store/postgres.ts';
import { readState } from '../store/service-state.ts';
import { Wakeup } from '../stream.ts';
import { startWorker, type Counts, type Worker } from '../worker.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { eventsAfter } from './outbox.ts';
import type { CloudEvent, PositionedEvent } from '../cloud-event.ts';
import { STAMPED } from './stamper.ts';

/** An event of a live stream, with the cursor from which the stream can be resumed behind it. */
export interface FeedEvent {
  readonly event: CloudEvent;
  readonly cursor: string;
}

/** How far a live stream has come, where it has no event to tell: also from this cursor it can be resumed. */
export interface FeedCheckpoint {
  readonly event?: undefined;
  readonly cursor: string;
}

export interface FollowOptions {
  readonly after?: string | null | undefined;
  /** Ends the stream. */
  readonly signal: AbortSignal;
}

/** A service's own event log, live: the source of its GraphQL subscriptions. Every replica reads the same log. */
export interface Feed {
  /**
   * The events after the cursor, or from now on when there is none; each once and in order. A checkpoint says where "now" is: it comes
   * once, behind what is caught up and before what is live. Ends when the signal aborts.
   * Throws `BAD_USER_INPUT` on a malformed cursor, `CURSOR_EXPIRED` when events behind it are already forgotten,
   * `RATE_LIMITED` when the consumer falls too far behind.
   */
  follow(options: FollowOptions): AsyncGenerator<FeedEvent | FeedCheckpoint>;
  /** Streams open now. */
  readonly followers: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The feed's followers as a metric: streams that nobody reads any more would show as a number that only grows. */
export function followersOf(feed: Feed): { name: string; help: string; read: () => number } {
  return { name: 'lockstep_feed_followers', help: 'Live streams that are open now.', read: () => feed.followers };
}

const READ_BATCH = 500;
/** NOTIFY wakes the feed; the poll is for a notification lost with its connection. */
const POLL_MS = 1_000;
/** A consumer this far behind would take memory without limit; it is ended with a reason and can resume from its cursor. */
const LONGEST_QUEUE = 1_000;

interface Follower {
  readonly queue: PositionedEvent[];
  readonly wakeup: Wakeup;
  overflowed: boolean;
}

/** Opens the feed of a service's own outbox, from where it stands now. */
export async function openFeed(options: FeedOptions): Promise<Feed> {
  const feed = new OutboxFeed(options, await readState(options.postgres.db, 'stamped'));
  await options.postgres.listen(STAMPED, () => feed.wake());
  return feed;
}

interface FeedOptions {
  readonly source: string;
  readonly postgres: Postgres;
  readonly log: Log;
}

class OutboxFeed implements Feed {
  readonly #source: string;
  readonly #db: Database;
  readonly #followers = new Set<Follower>();
  readonly #reader: Worker;
  #tail: number;
  #closing = false;

  constructor({ source, postgres, log }: FeedOptions, tail: number) {
    this.#source = source;
    this.#db = postgres.db;
    this.#tail = tail;
    this.#reader = startWorker({ name: 'feed', pollMs: POLL_MS, log, runOnce: () => this.#readOnce() });
  }

  get followers(): number {
    return this.#followers.size;
  }

  wake(): void {
    this.#reader.wake();
  }

  async *follow({ after, signal }: FollowOptions): AsyncGenerator<FeedEvent | FeedCheckpoint> {
    const from = after == null ? undefined : decodeCursor(this.#source, after);
    const follower: Follower = { queue: [], overflowed: false, wakeup: new Wakeup() };
    const wake = (): void => follower.wakeup.notify();
    signal.addEventListener('abort', wake);
    this.#followers.add(follower);
    // Registered before anything is awaited: all after `joined` comes by the queue, all up to it by catching up.
    const joined = this.#tail;
    try {
      if (from !== undefined) yield* this.#catchUp(from, joined);
      yield { cursor: encodeCursor(this.#source, Math.max(from ?? 0, joined)) };
      yield* this.#live(follower, { from: from ?? 0, signal });
    } finally {
      signal.removeEventListener('abort', wake);
      this.#followers.delete(follower);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    for (const follower of this.#followers) follower.wakeup.notify();
    await this.#reader.stop();
  }

  /** What lies between the cursor and the live tail, read privately for one follower. */
  async *#catchUp(from: number, upTo: number): AsyncGenerator<FeedEvent> {
    for (let at = from; at < upTo;) {
      const events = await eventsAfter(this.#db, { source: this.#source, after: at, upTo, limit: READ_BATCH });
      await this.#requireKept(at);
      for (const event of events) yield this.#toFeedEvent(event);
      at = events.at(-1)?.position ?? upTo;
    }
  }

  /** Asked after a read, so that what was read cannot have been forgotten in part. */
  async #requireKept(after: number): Promise<void> {
    if (after >= (await readState(this.#db, 'pruned'))) return;
    throw new Refusal('CURSOR_EXPIRED', 'Events behind this cursor are no longer kept; subscribe anew.', {
      field: 'after',
    });
  }

  async *#live(follower: Follower, { from, signal }: { from: number; signal: AbortSignal }): AsyncGenerator<FeedEvent> {
    while (!signal.aborted) {
      if (this.#closing) {
        throw new Refusal('SUBGRAPH_UNAVAILABLE', `The ${this.#source} service is restarting; resume from the cursor.`);
      }
      const woken = follower.wakeup.next;
      for (const event of follower.queue.splice(0)) if (event.position > from) yield this.#toFeedEvent(event);
      if (follower.overflowed) {
        throw new Refusal('RATE_LIMITED', 'This subscription fell too far behind; resume from its cursor.');
      }
      if (follower.queue.length === 0) await woken;
    }
  }

  async #readOnce(): Promise<Counts> {
    const events = await eventsAfter(this.#db, { source: this.#source, after: this.#tail, limit: READ_BATCH });
    this.#tail = events.at(-1)?.position ?? this.#tail;
    for (const follower of this.#followers) deliver(follower, events);
    return { events: events.length };
  }

  #toFeedEvent({ position, event }: PositionedEvent): FeedEvent {
    return { event, cursor: encodeCursor(this.#source, position) };
  }
}

function deliver(follower: Follower, events: readonly PositionedEvent[]): void {
  if (events.length === 0 || follower.overflowed) return;
  if (follower.queue.length + events.length > LONGEST_QUEUE) follower.overflowed = true;
  else follower.queue.push(...events);
  follower.wakeup.notify();
}
