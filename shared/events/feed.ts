import type { Log } from '../log.ts';
import { Refusal } from '../refusal.ts';
import type { Postgres } from '../store/postgres.ts';
import { readState } from '../store/service-state.ts';
import { Wakeup } from '../stream.ts';
import { startWorker } from '../worker.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { eventsAfter } from './outbox.ts';
import type { CloudEvent, PositionedEvent } from './cloud-event.ts';
import { STAMPED } from './stamper.ts';

/** An event of a live stream, with the cursor from which the stream can be resumed behind it. */
export interface FeedEvent {
  readonly event: CloudEvent;
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
   * The events after the cursor, or from now on when there is none; each once and in order. Ends when the signal aborts.
   * Throws `BAD_USER_INPUT` on a malformed cursor, `CURSOR_EXPIRED` when events behind it are already forgotten,
   * `RATE_LIMITED` when the consumer falls too far behind.
   */
  follow(options: FollowOptions): AsyncGenerator<FeedEvent>;
  /** Streams open now. */
  readonly followers: number;
  [Symbol.asyncDispose](): Promise<void>;
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

export async function openFeed(options: { source: string; postgres: Postgres; log: Log }): Promise<Feed> {
  const { source, postgres, log } = options;
  const followers = new Set<Follower>();
  const closing = new AbortController();
  let tail = await readState(postgres.db, 'stamped');

  const reader = startWorker({
    name: 'feed',
    pollMs: POLL_MS,
    log,
    runOnce: async () => {
      const events = await eventsAfter(postgres.db, { source, after: tail, limit: READ_BATCH });
      tail = events.at(-1)?.position ?? tail;
      for (const follower of followers) deliver(follower, events);
      return { events: events.length };
    },
  });
  await postgres.listen(STAMPED, () => reader.wake());

  const toFeedEvent = ({ position, event }: PositionedEvent): FeedEvent => ({
    event,
    cursor: encodeCursor(source, position),
  });

  /** What lies between the cursor and the live tail, read privately for this follower. */
  async function* catchUp(from: number, upTo: number): AsyncGenerator<FeedEvent> {
    for (let at = from; at < upTo;) {
      const events = await eventsAfter(postgres.db, { source, after: at, upTo, limit: READ_BATCH });
      yield* events.map(toFeedEvent);
      at = events.at(-1)?.position ?? upTo;
    }
  }

  async function* follow({ after, signal }: FollowOptions): AsyncGenerator<FeedEvent> {
    const from = after == null ? undefined : decodeCursor(source, after);
    const follower: Follower = { queue: [], overflowed: false, wakeup: new Wakeup() };
    const wake = (): void => follower.wakeup.notify();
    signal.addEventListener('abort', wake);
    followers.add(follower);
    // Registered before anything is awaited: all after `joined` comes by the queue, all up to it by catching up.
    const joined = tail;
    try {
      if (from !== undefined) {
        await refuseIfForgotten(from);
        yield* catchUp(from, joined);
      }
      while (!signal.aborted) {
        if (closing.signal.aborted)
          throw new Refusal('SUBGRAPH_UNAVAILABLE', `The ${source} service is restarting; resume from the cursor.`);
        const woken = follower.wakeup.next;
        for (const event of follower.queue.splice(0)) {
          if (from === undefined || event.position > from) yield toFeedEvent(event);
        }
        if (follower.overflowed)
          throw new Refusal('RATE_LIMITED', 'This subscription fell too far behind; resume from its cursor.');
        if (follower.queue.length === 0) await woken;
      }
    } finally {
      signal.removeEventListener('abort', wake);
      followers.delete(follower);
    }
  }

  async function refuseIfForgotten(from: number): Promise<void> {
    if (from >= (await readState(postgres.db, 'pruned'))) return;
    throw new Refusal('CURSOR_EXPIRED', 'Events behind this cursor are no longer kept; subscribe anew.', {
      field: 'after',
    });
  }

  return {
    follow,
    get followers() {
      return followers.size;
    },
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      for (const follower of followers) follower.wakeup.notify();
      await reader.stop();
    },
  };
}

function deliver(follower: Follower, events: readonly PositionedEvent[]): void {
  if (events.length === 0 || follower.overflowed) return;
  if (follower.queue.length + events.length > LONGEST_QUEUE) follower.overflowed = true;
  else follower.queue.push(...events);
  follower.wakeup.notify();
}
