import { ApolloServer } from '@apollo/server';
import { expect, test } from 'vitest';
import type { RequestContext } from '#shared/graphql/context.ts';
import { recordedLog } from '#test/support/recorded-log.ts';
import { contextOf } from '#test/support/request-context.ts';
import { smallSupergraph } from '#test/support/small-supergraph.ts';
import { SupergraphsInUse } from '../execution/supergraphs-in-use.ts';
import type { Upstream } from '../subscriptions/upstream.ts';
import { buildSupergraph } from '../supergraph/supergraph.ts';
import { apolloGateway } from './apollo-gateway.ts';

const withField = (field: string, url: string): ReturnType<typeof buildSupergraph> =>
  buildSupergraph(
    smallSupergraph({ more: { letters: `extend type Query { ${field}: String }` }, urls: { letters: url } }),
    {},
  );
const OLD = withField('oldest', 'http://old.example/graphql');
const NEW = withField('longest', 'http://new.example/graphql');

/** Apollo Server before subgraphs that answer with where they are. Operations wait between validation and execution until they are let. */
async function open(): Promise<{
  inUse: SupergraphsInUse;
  ask: (query: string) => Promise<unknown>;
  validated: Promise<void>;
  go: () => void;
  [Symbol.asyncDispose]: () => Promise<void>;
}> {
  const inUse = new SupergraphsInUse(OLD, {
    log: recordedLog().log,
    connect: ({ url }) => ({
      source: { process: () => Promise.resolve({ data: { newest: url, oldest: url, longest: url } }) },
      upstream: {} as Upstream,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  });
  const validated = Promise.withResolvers<void>();
  const allowed = Promise.withResolvers<void>();
  const didResolveOperation = (): Promise<void> => {
    validated.resolve();
    return allowed.promise;
  };
  const apollo = new ApolloServer<RequestContext>({
    gateway: apolloGateway(inUse),
    stopOnTerminationSignals: false,
    plugins: [{ requestDidStart: () => Promise.resolve({ didResolveOperation }) }],
  });
  await apollo.start();
  return {
    inUse,
    ask: async (query) => {
      const { body } = await apollo.executeOperation({ query }, { contextValue: contextOf() });
      return JSON.parse(JSON.stringify(body.kind === 'single' ? body.singleResult : body));
    },
    validated: validated.promise,
    go: allowed.resolve,
    [Symbol.asyncDispose]: async () => {
      await apollo.stop();
      await inUse[Symbol.asyncDispose]();
    },
  };
}

test('an operation that was validated before a replacement is executed by the supergraph before it', async () => {
  await using opened = await open();
  opened.inUse.onReplaced(() => new Promise<void>(() => undefined));
  const asking = opened.ask('{ oldest }');
  await opened.validated;
  opened.inUse.replace(NEW);
  opened.go();
  expect(await asking).toEqual({ data: { oldest: 'http://old.example/graphql' } });
  expect(await opened.ask('{ longest }')).toEqual({ data: { longest: 'http://new.example/graphql' } });
});

test('and by the one that serves when the one before is gone, if it is valid there', async () => {
  await using opened = await open();
  const asking = [opened.ask('{ newest }'), opened.ask('{ oldest }')];
  await opened.validated;
  opened.inUse.replace(NEW);
  await new Promise(setImmediate);
  expect(opened.inUse.of(OLD.documents.schema)).toBeUndefined();
  opened.go();
  expect(await Promise.all(asking)).toMatchObject([
    { data: { newest: 'http://new.example/graphql' } },
    { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
  ]);
});

test('an operation is validated by the supergraph that serves', async () => {
  await using opened = await open();
  opened.go();
  const refused = { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] };
  expect(await opened.ask('{ longest }')).toMatchObject(refused);
  opened.inUse.replace(NEW);
  expect(await opened.ask('{ longest }')).toEqual({ data: { longest: 'http://new.example/graphql' } });
  expect(await opened.ask('{ oldest }')).toMatchObject(refused);
});
