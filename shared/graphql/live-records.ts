import type { CloudEvent } from '../cloud-event.ts';
import type { Feed, FeedEvent } from '../events/feed.ts';
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

async function* taken<Value>(
  events: AsyncIterable<FeedEvent>,
  take: (event: CloudEvent) => Value | undefined,
): AsyncGenerator<StreamEvent<Value>> {
  for await (const { event, cursor } of events) {
    const value = take(event);
    if (value !== undefined) yield { value, cursor };
  }
}
