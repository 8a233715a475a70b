import type { Delivery } from '../subscriptions/delivery.ts';
import type { StreamFormat } from './stream-format.ts';

/** Below the 15 s after which the most impatient proxies cut an idle connection. */
const HEARTBEAT_MS = 12_000;
const COMMENT = Buffer.from(':\n\n');
/** The empty `data` line makes a browser's EventSource tell the event at all. */
const COMPLETE = 'event: complete\ndata:\n\n';

const nextEvent = (json: string): string => `${unfinishedEvent(json)}\n`;
/** An event to which more lines are added before the empty one. */
const unfinishedEvent = (json: string): string => `event: next\ndata: ${json}\n`;

/** One result as a whole stream: how a query or mutation is answered to those who take nothing but events. */
export function completedStream(json: string): string {
  return nextEvent(json) + COMPLETE;
}

/** GraphQL over SSE, distinct connections mode (the protocol of graphql-sse): one stream is one operation. */
export const eventStream: StreamFormat = {
  transport: 'sse',
  contentType: 'text/event-stream; charset=utf-8',
  opening: COMMENT,
  heartbeat: { frame: COMMENT, everyMs: HEARTBEAT_MS },
  frames: (delivery) => [delivery.framed(nextEvent)],
  ending: ({ errors }) => (errors.length === 0 ? COMPLETE : completedStream(JSON.stringify({ errors }))),
};

/**
 * The same with the cursor as each event's id: a browser's EventSource keeps the last one, and sends it as `Last-Event-ID`. The id stands
 * behind the data, so that the bytes before it are the same for all.
 */
export const resumableEventStream: StreamFormat = {
  ...eventStream,
  frames: (delivery) => {
    const id = idLine(delivery);
    if (delivery.checkpoint) return id === undefined ? [] : [id];
    return id === undefined ? eventStream.frames(delivery) : [delivery.framed(unfinishedEvent), id];
  },
};

/** Undefined when the cursor cannot stand on one line: a subgraph that is not ours may call anything a cursor. */
function idLine({ cursor }: Delivery): Buffer | undefined {
  return cursor !== undefined && /^[\x21-\x7E]+$/.test(cursor) ? Buffer.from(`id: ${cursor}\n\n`) : undefined;
}
