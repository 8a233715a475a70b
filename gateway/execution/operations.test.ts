import { parse } from 'graphql';
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { until } from '#test/support/poll.ts';
import { recordedLog } from '#test/support/recorded-log.ts';
import { contextOf } from '#test/support/request-context.ts';
import { smallSupergraph } from '#test/support/small-supergraph.ts';
import { SubscriptionEngine } from '../subscriptions/engine.ts';
import { subscriptionMetrics } from '../subscriptions/metrics.ts';
import type { Upstream } from '../subscriptions/upstream.ts';
import { buildSupergraph, type Subgraph } from '../supergraph/supergraph.ts';
import { executeOperation, socketEngine, type OperationRequest } from './operations.ts';
import { SupergraphsInUse } from './supergraphs-in-use.ts';

const OLD = buildSupergraph(smallSupergraph({ more: { letters: 'extend type Query { oldest: String }' } }), {});
const NEW = buildSupergraph(
  smallSupergraph({
    more: { letters: 'extend type Query { longest: String }' },
    urls: { letters: 'http://x.example/graphql' },
  }),
  {},
);

/** Every subgraph answers with where it is. */
function open(): SupergraphsInUse {
  return new SupergraphsInUse(OLD, {
    log: recordedLog().log,
    connect: ({ url }: Subgraph) => ({
      source: { process: () => Promise.resolve({ data: { newest: url, oldest: url, longest: url } }) },
      upstream: {} as Upstream,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  });
}

function engineOf(inUse: SupergraphsInUse): ReturnType<typeof socketEngine> {
  const subscriptions = new SubscriptionEngine({
    serving: inUse.current,
    metrics: subscriptionMetrics(new Registry()),
    limits: { inAll: 1, perClient: 1 },
    resumeWithinMs: 0,
  });
  inUse.onReplaced((next) => subscriptions.replace(next));
  return socketEngine({ inUse, subscriptions });
}

const { schema } = OLD.documents;
const request = (text: string): OperationRequest => ({
  document: parse(text),
  schema,
  operationName: undefined,
  variables: {},
  context: contextOf(),
});

describe('an operation that was validated before another supergraph served', () => {
  test('is executed by the one that has validated it, as long as it may be used', async () => {
    await using inUse = open();
    inUse.onReplaced(() => new Promise<void>(() => undefined));
    inUse.replace(NEW);
    expect(await executeOperation(inUse, request('{ oldest }'))).toEqual({
      data: { oldest: 'http://letters.example/graphql' },
    });
  });

  test('is validated anew when that one is gone', async () => {
    await using inUse = open();
    inUse.replace(NEW);
    await until(() => inUse.of(schema) === undefined);
    expect(await executeOperation(inUse, request('{ newest }'))).toEqual({
      data: { newest: 'http://x.example/graphql' },
    });
    const { data, errors } = await executeOperation(inUse, request('{ oldest }'));
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
  });

  test('is validated anew when it is a subscription, which would outlive that one', async () => {
    await using inUse = open();
    inUse.onReplaced(() => new Promise<void>(() => undefined));
    inUse.replace(NEW);
    const document = parse('subscription { renamed { gone } }');
    const args = { schema, document, contextValue: contextOf() };
    const push = engineOf(inUse).subscribe(args, { address: '127.0.0.1' });
    if (typeof push !== 'function') throw new Error('the subscription is not pushed');
    const ended = Promise.withResolvers<unknown>();
    push({ write: () => true, end: ended.resolve });
    expect(await ended.promise).toMatchObject({ errors: [{ extensions: { code: 'SUPERGRAPH_REPLACED' } }] });
  });
});

test('a socket reads documents by the supergraph that serves now', async () => {
  await using inUse = open();
  const engine = engineOf(inUse);
  expect(engine.documents().read('{ oldest }')).toHaveProperty('kind');
  inUse.replace(NEW);
  expect(engine.documents().read('{ oldest }')).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
  expect(engine.documents().schema).toBe(NEW.documents.schema);
});
