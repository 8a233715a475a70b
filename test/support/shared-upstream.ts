import type { Upstream, UpstreamEvent, UpstreamOperation } from '#gateway/subscriptions/upstream.ts';
import type { RequestContext } from '#shared/graphql/context.ts';

/** Says which subscriptions are one to the subgraph. */
export type ShareKey = (operation: UpstreamOperation, context: RequestContext) => string;

/** An upstream that asks its subgraph once for all subscriptions of one key, and tells each of them every event from the first on. */
export function shareUpstream(upstream: Upstream, keyOf: ShareKey): Upstream {
  const shared = new Map<string, Promise<Recording>>();
  return {
    subscribe: async (operation, context) => {
      const key = keyOf(operation, context);
      const known = shared.get(key) ?? upstream.subscribe(operation, context).then(record);
      shared.set(key, known);
      return replay(await known);
    },
    [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose](),
  };
}

interface Recording {
  readonly events: UpstreamEvent[];
  /** Resolves with the next event, whichever that is. */
  next: Promise<unknown>;
}

function record(events: AsyncIterable<UpstreamEvent>): Recording {
  const iterator = events[Symbol.asyncIterator]();
  const recording: Recording = { events: [], next: Promise.resolve() };
  const read = async (): Promise<void> => {
    const step = await iterator.next();
    if (step.done === true) return;
    recording.events.push(step.value);
    recording.next = read();
  };
  recording.next = read();
  return recording;
}

async function* replay(recording: Recording): AsyncGenerator<UpstreamEvent> {
  for (let at = 0; ; at += 1) {
    while (recording.events.length <= at) await recording.next;
    yield recording.events[at]!;
  }
}
