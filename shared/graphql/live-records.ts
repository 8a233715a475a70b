import type { CloudEvent } from '../cloud-event.ts';
import type { Feed, FeedCheckpoint, FeedEvent } from '../events/feed.ts';
import { cancellable } from '../stream.ts';
import type { StreamEvent } from './subscribe.ts';

interface LiveRecords<Value> {
  readonly feed: Feed;
  /** The cursor behind which to begin; from now on when there is none. */
  readonly after?: string | null | undefined;
  /** What a subscriber is given of an event; undefined when it is not theirs, or not what they asked for. */
  readonly take: (event: CloudEvent) => Value | undefined;
}

/** A subscription to a service's own records: its event log, live, as far as the subscriber may see it. */
export function liveRecords<Value>({ feed, after, take }: LiveRecords<Value>): AsyncGenerator<StreamEvent<Value>> {
  return cancellable((signal) => taken(feed.follow({ after, signal }), take));
}

/** A subscriber for whom nothing comes must not be left with a cursor that is forgotten one day: it moves on by checkpoints. */
const CHECKPOINT_EVERY_MS = 60_000;

/** What `take` makes of events; where it makes nothing of them for a while, a checkpoint. */
export async function* taken<Value>(
  events: AsyncIterable<FeedEvent | FeedCheckpoint>,
  take: (event: CloudEvent) => Value | undefined,
): AsyncGenerator<StreamEvent<Value>> {
  let toldAt = Date.now();
  for await (const { event, cursor } of events) {
    const value = event === undefined ? undefined : take(event);
    const due = event === undefined || Date.now() - toldAt >= CHECKPOINT_EVERY_MS;
    if (value !== undefined) yield { value, cursor };
    else if (due) yield { checkpoint: cursor };
    else continue;
    toldAt = Date.now();
  }
}
