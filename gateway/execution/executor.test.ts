import type { GraphQLDataSource } from '@apollo/gateway';
import fc from 'fast-check';
import type { ExecutionResult } from 'graphql';
import { describe, expect, test } from 'vitest';
import { contextOf } from '#test/support/request-context.ts';
import { recordedLog } from '#test/support/recorded-log.ts';
import { smallSupergraph } from '#test/support/small-supergraph.ts';
import { buildSupergraph } from '../supergraph/supergraph.ts';
import { Executor, subscriptionPlan, type SubgraphEvent } from './executor.ts';

const supergraph = buildSupergraph(smallSupergraph(), {});

interface SubgraphAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly Record<string, unknown>[];
}
interface Asked {
  readonly query: string | undefined;
  readonly variables: Record<string, unknown> | undefined;
}

/** A subgraph that gives these answers in turn, and notes what it was asked. An error is thrown. */
function sourceOf(...answers: readonly (SubgraphAnswer | Error)[]): GraphQLDataSource & { asked: Asked[] } {
  const left = [...answers];
  const asked: Asked[] = [];
  return {
    asked,
    process: ({ request: { query, variables } }) => {
      asked.push({ query, variables });
      const answer = left.shift() ?? new Error('asked more often than there are answers');
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as never);
    },
  };
}

interface Run {
  readonly text: string;
  readonly people?: GraphQLDataSource;
  readonly letters?: GraphQLDataSource;
  readonly variables?: Record<string, unknown>;
  readonly event?: SubgraphEvent;
}

async function run({
  text,
  people = sourceOf(),
  letters = sourceOf(),
  variables = {},
  event,
}: Run): Promise<ExecutionResult & { lines: readonly unknown[] }> {
  const document = supergraph.documents.read(text);
  if (!('kind' in document)) throw new AggregateError(document, 'the document is not valid');
  const { log, lines } = recordedLog();
  const planned = supergraph.plan(document, undefined);
  const executor = new Executor(supergraph, { people, letters });
  const execution = { planned, variables, context: contextOf({ log }), ...(event !== undefined && { event }) };
  return { ...(await executor.execute(execution)), lines };
}

const ADA = { __typename: 'Person', id: '1', name: 'Ada' };
const BOTH = '{ person(id: "1") { name letters } }';
const INTERNALS = {
  stacktrace: ['at secret.ts:1'],
  exception: { secret: true },
  service: 'people',
  http: { status: 500 },
};

describe('an operation', () => {
  test('is put together from the subgraphs it needs', async () => {
    const people = sourceOf({ data: { person: { ...ADA } } });
    const letters = sourceOf({ data: { _entities: [{ letters: ['Dear Ada'] }] } });
    const { data, errors } = await run({ text: BOTH, people, letters });
    expect(JSON.parse(JSON.stringify(data))).toEqual({ person: { name: 'Ada', letters: ['Dear Ada'] } });
    expect(errors).toBeUndefined();
    expect(letters.asked[0]?.variables).toEqual({ representations: [{ __typename: 'Person', id: '1' }] });
  });

  test('hands a subgraph only the variables it uses', async () => {
    const people = sourceOf({ data: { person: { ...ADA } } });
    const text = 'query ($id: ID!, $no: Boolean!) { person(id: $id) { name } newest @include(if: $no) }';
    await run({ text, people, variables: { id: '1', no: false } });
    expect(people.asked[0]?.variables).toEqual({ id: '1' });
  });

  test('has null for the fields of a subgraph that fails, with an error that says why, and keeps the rest', async () => {
    const down = {
      message: 'The letters service is not available right now.',
      extensions: { code: 'SUBGRAPH_UNAVAILABLE' },
    };
    const { data, errors } = await run({
      text: BOTH,
      people: sourceOf({ data: { person: { ...ADA } } }),
      letters: sourceOf({ errors: [down] }),
    });
    expect(JSON.parse(JSON.stringify(data))).toEqual({ person: { name: 'Ada', letters: null } });
    expect(errors?.map((error) => error.toJSON())).toMatchObject([down]);
  });
});

describe("a subgraph's error", () => {
  test('keeps message, code, field and path, and nothing of how it came about', async () => {
    const error = {
      message: 'No.',
      path: ['person', 'name'],
      extensions: { ...INTERNALS, code: 'FORBIDDEN', field: 'name' },
    };
    const { errors } = await run({
      text: '{ person(id: "1") { name } }',
      people: sourceOf({ data: { person: null }, errors: [error] }),
    });
    expect(errors?.map((each) => each.toJSON())).toEqual([
      { message: 'No.', path: ['person', 'name'], extensions: { code: 'FORBIDDEN', field: 'name' } },
    ]);
  });

  test('in an entity has the path of the client’s own document', async () => {
    const people = sourceOf({ data: { people: [{ ...ADA }, { ...ADA, id: '2' }] } });
    const letters = sourceOf({
      data: { _entities: [{ letters: [] }, { letters: null }] },
      errors: [{ message: 'No.', path: ['_entities', 1, 'letters'], extensions: { code: 'FORBIDDEN' } }],
    });
    const { errors } = await run({ text: '{ people { letters } }', people, letters });
    expect(errors?.map(({ path }) => path)).toEqual([['people', 1, 'letters']]);
  });

  test.each([
    ['has no code', [{ message: 'select * from secrets', extensions: INTERNALS }]],
    ['has no extensions', [{ message: 'select * from secrets' }]],
    ['has a code that is no text', [{ message: 'select * from secrets', extensions: { code: { secret: true } } }]],
  ])('that %s is a fault: logged, and shown without detail', async (_, failures) => {
    const people = sourceOf({ data: { person: null }, errors: failures });
    const { errors, lines } = await run({ text: '{ person(id: "1") { name } }', people });
    expect(errors?.map((each) => each.toJSON())).toEqual([
      { message: 'Something went wrong on our side (request req-1).', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ]);
    expect(JSON.stringify(lines)).toContain('select * from secrets');
  });

  test('leaks nothing that the subgraph adds to it', async () => {
    const secret = fc.constantFrom('Ω-secret');
    const extras = fc.dictionary(
      fc.string().filter((name) => !['code', 'field', '__proto__'].includes(name)),
      secret,
    );
    await fc.assert(
      fc.asyncProperty(extras, async (extensions) => {
        const failure = { message: 'No.', extensions: { ...extensions, code: 'FORBIDDEN' } };
        const { errors } = await run({ text: '{ newest }', letters: sourceOf({ data: null, errors: [failure] }) });
        expect(errors).toHaveLength(1);
        expect(JSON.stringify(errors)).not.toContain('Ω');
      }),
      { numRuns: 30 },
    );
  });
});

test.each([
  ['throws', sourceOf(new Error('connect ECONNREFUSED 10.0.0.7'))],
  ['answers with fewer entities than asked', sourceOf({ data: { _entities: [] } })],
  ['answers with no entities', sourceOf({ data: { other: 1 } })],
])('a subgraph that %s is a fault of its fields only, logged and shown without detail', async (_, letters) => {
  const { data, errors, lines } = await run({
    text: BOTH,
    people: sourceOf({ data: { person: { ...ADA } } }),
    letters,
  });
  expect(JSON.parse(JSON.stringify(data))).toEqual({ person: { name: 'Ada', letters: null } });
  expect(errors?.map(({ message }) => message)).toEqual(['Something went wrong on our side (request req-1).']);
  expect(lines).toHaveLength(1);
});

describe('an event of a subscription', () => {
  const text = 'subscription { renamed { name letters } }';

  test('takes the place of the first fetch, and the rest is fetched', async () => {
    const people = sourceOf();
    const letters = sourceOf({ data: { _entities: [{ letters: ['Dear Ada'] }] } });
    const { data } = await run({ text, people, letters, event: { data: { renamed: { ...ADA } } } });
    expect(JSON.parse(JSON.stringify(data))).toEqual({ renamed: { name: 'Ada', letters: ['Dear Ada'] } });
    expect(people.asked).toEqual([]);
  });

  test('answers the first fetch only: the same subgraph is asked for the rest', async () => {
    const people = sourceOf({ data: { _entities: [{ name: 'Charles' }] } });
    const letters = sourceOf({ data: { _entities: [{ penPal: { __typename: 'Person', id: '2' } }] } });
    const { data } = await run({
      text: 'subscription { renamed { name penPal { name } } }',
      people,
      letters,
      event: { data: { renamed: { ...ADA } } },
    });
    expect(JSON.parse(JSON.stringify(data))).toEqual({ renamed: { name: 'Ada', penPal: { name: 'Charles' } } });
    expect(people.asked.map(({ variables }) => variables)).toEqual([
      { representations: [{ __typename: 'Person', id: '2' }] },
    ]);
  });

  test('with an error has it cleaned as any other', async () => {
    const failure = { message: 'No.', path: ['renamed', 'name'], extensions: { ...INTERNALS, code: 'FORBIDDEN' } };
    const event = { data: { renamed: { ...ADA, name: null } }, errors: [failure] };
    const { errors } = await run({ text, letters: sourceOf({ data: { _entities: [{ letters: [] }] } }), event });
    expect(errors?.map((each) => each.toJSON())).toEqual([
      { message: 'No.', path: ['renamed', 'name'], extensions: { code: 'FORBIDDEN' } },
    ]);
  });

  test('can be executed any number of times from one plan', async () => {
    for (const name of ['Ada', 'Augusta']) {
      const letters = sourceOf({ data: { _entities: [{ letters: [name] }] } });
      const { data } = await run({ text, letters, event: { data: { renamed: { ...ADA, name } } } });
      expect(data).toMatchObject({ renamed: { name, letters: [name] } });
    }
  });

  test('comes from the primary of its plan, and nothing else has one', () => {
    const planOf = (document: string): Parameters<typeof subscriptionPlan>[0] =>
      supergraph.plan(supergraph.documents.read(document) as never, undefined).plan;
    expect(subscriptionPlan(planOf(text)).primary.serviceName).toBe('people');
    expect(subscriptionPlan(planOf('subscription { renamed { name } }')).rest).toBeUndefined();
    expect(() => subscriptionPlan(planOf('{ newest }'))).toThrow('a subscription is planned as one');
  });
});
