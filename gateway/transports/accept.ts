import { readRanges, type MediaRange } from '#shared/graphql/accept.ts';
import { answerType } from '#shared/graphql/over-http.ts';

/** A protocol in which subscriptions are answered over HTTP. */
export type StreamType = 'sse' | 'multipart';

/** What `Accept` must hold for each kind of stream, as clients are told. */
export const STREAM_TYPES: Readonly<Record<StreamType, string>> = {
  sse: 'text/event-stream',
  multipart: 'multipart/mixed;subscriptionSpec=1.0',
};
const MULTIPART_VERSION = '1.0';

/** A browser opens a stream of events by GET; Apollo's protocol is for POST. */
export function offeredTo(method: string): readonly StreamType[] {
  return method === 'POST' ? ['sse', 'multipart'] : ['sse'];
}

/** How a client wants to be answered. */
export interface Wanted {
  /**
   * The stream that it likes best. It must be named: who takes anything, as most programs say that they do, waits for an answer that ends.
   */
  readonly stream: StreamType | undefined;
  /** The JSON that it likes best; undefined when it takes none. */
  readonly json: string | undefined;
}

/** Chooses by quality, and among equals what the client names first; of the streams, one that is offered. */
export function wantedBy(accept: string | undefined, offered: readonly StreamType[]): Wanted {
  const [best] = readRanges(accept ?? '')
    .flatMap((range) => {
      const stream = streamOf(range);
      return stream !== undefined && offered.includes(stream) && range.quality > 0 ? [{ ...range, stream }] : [];
    })
    .toSorted((one, other) => other.quality - one.quality || one.position - other.position);
  return { stream: best?.stream, json: answerType(accept) };
}

function streamOf({ media }: MediaRange): StreamType | undefined {
  if (media.essence === 'text/event-stream') return 'sse';
  const version = media.params.get('subscriptionspec');
  return media.essence === 'multipart/mixed' && version === MULTIPART_VERSION ? 'multipart' : undefined;
}
