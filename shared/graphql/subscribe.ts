import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { mapStream } from '../stream.ts';
import type { RequestContext } from './context.ts';

/** How far a stream has come, where it has no event to tell. */
interface Checkpoint {
  readonly checkpoint: string;
}

interface ValueEvent<Value> {
  readonly value: Value;
  readonly cursor?: string;
  readonly stream?: StreamKind;
}

/**
 * What whoever shares or resumes a stream must know of it, when it is not a log of changes that all subscribers see alike:
 * `state`: it begins with the present state of things, so who comes later needs one of their own, and who was cut off simply asks again;
 * `own`: it is told to this subscriber from its own beginning to its own end.
 */
export type StreamKind = 'state' | 'own';

/**
 * What a subscription resolver yields: the field's value, and the cursor behind it, where it has one, which goes out as
 * `extensions.cursor`; or a checkpoint, which is for those who have asked for them: `{"data": null, "extensions": {"cursor", "checkpoint": true}}`.
 */
export type StreamEvent<Value> = ValueEvent<Value> | Checkpoint;

/**
 * GraphQL's Subscribe algorithm (spec §6.2.3), with what is known of the event's place in each result's `extensions`. Results are not yet
 * translated.
 */
export async function subscribeWithCursor(
  args: ExecutionArgs,
): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
  const stream = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in stream)) return stream;
  const wanted = (args.contextValue as RequestContext).checkpoints === true;
  return mapStream(passing(stream as AsyncGenerator<StreamEvent<unknown>>, wanted), async (event) => {
    if ('checkpoint' in event) return { data: null, extensions: { cursor: event.checkpoint, checkpoint: true } };
    const { cursor, stream: kind } = event;
    const result = await execute({ ...args, rootValue: event });
    if (cursor === undefined && kind === undefined) return result;
    const place = { ...(cursor !== undefined && { cursor }), ...(kind !== undefined && { stream: kind }) };
    return { ...result, extensions: { ...result.extensions, ...place } };
  });
}

/** The stream, without checkpoints unless they are wanted. Its `return()` goes straight to the source. */
function passing<Event extends object>(source: AsyncGenerator<Event>, checkpoints: boolean): AsyncGenerator<Event> {
  if (checkpoints) return source;
  const next = async (): Promise<IteratorResult<Event>> => {
    for (;;) {
      const step = await source.next();
      if (step.done === true || !('checkpoint' in step.value)) return step;
    }
  };
  const stream: AsyncGenerator<Event> = {
    next,
    return: (value) => source.return(value),
    throw: (error) => source.throw(error),
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => void (await source.return(undefined)),
  };
  return stream;
}

/** The resolvers of a subscription field whose events carry its value. */
export function streaming<Given, Value>(
  subscribe: (parent: unknown, given: Given, context: RequestContext) => AsyncGenerator<StreamEvent<Value>>,
): {
  readonly subscribe: typeof subscribe;
  readonly resolve: (event: ValueEvent<Value>) => Value;
} {
  return { subscribe, resolve: resolveEvent };
}

/** The `resolve` of every subscription field: the event is the root value. */
function resolveEvent<Value>(event: ValueEvent<Value>): Value {
  return event.value;
}
