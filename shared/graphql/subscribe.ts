import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { mapStream } from '../stream.ts';
import type { RequestContext } from './context.ts';

/** What a subscription resolver yields: the field's value, and the cursor behind it, where it has one, which goes out as `extensions.cursor`. */
export interface StreamEvent<Value> {
  readonly value: Value;
  readonly cursor?: string;
}

/**
 * GraphQL's Subscribe algorithm (spec §6.2.3), with the event's cursor in each result's `extensions`. Results are not yet translated.
 */
export async function subscribeWithCursor(
  args: ExecutionArgs,
): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
  const stream = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in stream)) return stream;
  return mapStream(stream as AsyncIterable<StreamEvent<unknown>>, async (event) => {
    const result = await execute({ ...args, rootValue: event });
    return event.cursor === undefined
      ? result
      : { ...result, extensions: { ...result.extensions, cursor: event.cursor } };
  });
}

/** The resolvers of a subscription field whose events carry its value. */
export function streaming<Given, Value>(
  subscribe: (parent: unknown, given: Given, context: RequestContext) => AsyncGenerator<StreamEvent<Value>>,
): {
  readonly subscribe: typeof subscribe;
  readonly resolve: (event: StreamEvent<Value>) => Value;
} {
  return { subscribe, resolve: resolveEvent };
}

/** The `resolve` of every subscription field: the event is the root value. */
function resolveEvent<Value>(event: StreamEvent<Value>): Value {
  return event.value;
}
