import fc from 'fast-check';
import { buildSchema, GraphQLError, graphql, validate, parse, type GraphQLFormattedError } from 'graphql';
import { describe, expect, test } from 'vitest';
import { recordedLog } from '#test/support/recorded-log.ts';
import { REFUSAL_CODES, Refusal } from '../refusal.ts';
import { toGraphqlError, translateError } from './errors.ts';

const schema = buildSchema(`
  type Query { fail: Int, list: [Query!] }
  type Mutation { order(input: OrderInput!, note: String, count: Int): Int }
  input OrderInput { customer: CustomerInput!, items: [ItemInput!]! }
  input CustomerInput { name: String!, mobile: String }
  input ItemInput { id: ID!, quantity: Int!, labels: [String!] }
`);

/** What a resolver's error comes to, through graphql-js as in production. */
async function answerTo(thrown: unknown): Promise<{ error: GraphQLFormattedError; lines: readonly unknown[] }> {
  const { log, lines } = recordedLog();
  const rootValue = {
    fail: () => {
      throw thrown;
    },
  };
  const { errors } = await graphql({ schema, source: '{ fail }', rootValue });
  return { error: translateError(errors?.[0], { log, requestId: 'req-1' }), lines };
}

const { log: quiet } = recordedLog();
const translate = (error: unknown): GraphQLFormattedError => translateError(error, { log: quiet, requestId: 'req-1' });

describe('a refusal', () => {
  test.each(REFUSAL_CODES)(
    'with the code %s keeps it, its sentence, field and place, and is not logged',
    async (code) => {
      const { error, lines } = await answerTo(new Refusal(code, 'Because.', { field: 'items.0.id' }));
      expect(error).toEqual({
        message: 'Because.',
        locations: [{ line: 1, column: 3 }],
        path: ['fail'],
        extensions: { code, field: 'items.0.id' },
      });
      expect(lines).toEqual([]);
    },
  );

  test('shows nothing of its cause', async () => {
    const cause = new Error('connect ECONNREFUSED 10.0.0.7');
    const { error } = await answerTo(new Refusal('SUBGRAPH_UNAVAILABLE', 'Not now.', { cause }));
    expect(JSON.stringify(error)).not.toContain('10.0.0.7');
    expect(error.extensions).toEqual({ code: 'SUBGRAPH_UNAVAILABLE' });
  });

  test('is found however often GraphQL has wrapped it', () => {
    const refusal = new Refusal('FORBIDDEN', 'Only an admin may do this.');
    const wrapped = [1, 2, 3].reduce<Error>(
      (originalError, depth) => new GraphQLError(`wrapped ${depth}`, { originalError }),
      refusal,
    );
    expect(translate(wrapped)).toEqual({
      message: 'Only an admin may do this.',
      extensions: { code: 'FORBIDDEN' },
    });
  });

  test('that GraphQL carries from where the context is made is the same, with its HTTP status beside it', () => {
    const carried = toGraphqlError(new Refusal('UNAUTHENTICATED', 'Log in again.'));
    expect(carried.extensions).toEqual({ code: 'UNAUTHENTICATED', http: { status: 401 } });
    expect(translate(carried)).toMatchObject({ message: 'Log in again.', extensions: { code: 'UNAUTHENTICATED' } });
    expect(translate(carried).extensions).not.toHaveProperty('http');
    expect(toGraphqlError(new Refusal('FORBIDDEN', 'No.')).extensions).toEqual({ code: 'FORBIDDEN' });
  });
});

describe('a fault', () => {
  test('is logged with its cause and place, and shows only which request to ask about', async () => {
    const { error, lines } = await answerTo(new Error('duplicate key value violates "users_pkey"'));
    expect(error).toEqual({
      message: 'Something went wrong on our side (request req-1).',
      locations: [{ line: 1, column: 3 }],
      path: ['fail'],
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    });
    expect(lines).toMatchObject([
      { level: 50, msg: 'fault', path: ['fail'], err: { message: 'duplicate key value violates "users_pkey"' } },
    ]);
  });

  test('leaks nothing, whatever it says, carries and was caused by', async () => {
    const marked = fc
      .string({ unit: fc.constantFrom('Ж', '漢', 'ß', '"', ' '), minLength: 4 })
      .map((text) => `Ω${text}`);
    await fc.assert(
      fc.asyncProperty(marked, marked, async (message, secret) => {
        const thrown = Object.assign(new Error(message, { cause: new Error(secret) }), {
          code: secret,
          extensions: { code: secret, field: secret },
          query: secret,
        });
        const text = JSON.stringify((await answerTo(thrown)).error);
        expect(text).not.toContain('Ω');
      }),
    );
  });

  test.each([undefined, null, 'a text', 42, { message: 'an object', extensions: { code: 'FORBIDDEN' } }])(
    'may be thrown as %j, which is no error',
    async (thrown) => {
      const { error, lines } = await answerTo(thrown);
      expect(error.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR' });
      expect(error.message).toBe('Something went wrong on our side (request req-1).');
      expect(lines).toHaveLength(1);
    },
  );

  test('outside GraphQL has no place', () => {
    expect(translate(new TypeError('x is not a function'))).toEqual({
      message: 'Something went wrong on our side (request req-1).',
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    });
  });

  test('of GraphQL itself about a resolver that gave null is ours', async () => {
    const { log, lines } = recordedLog();
    const { errors } = await graphql({ schema, source: '{ list { fail } }', rootValue: { list: [null] } });
    const { message } = translateError(errors?.[0], { log, requestId: 'req-1' });
    expect(message).toBe('Something went wrong on our side (request req-1).');
    expect(lines).toHaveLength(1);
  });
});

describe('a database that cannot be reached', () => {
  test.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'CONNECT_TIMEOUT',
    'CONNECTION_CLOSED',
    '08006',
    '53300',
    '57P01',
    '25P03',
    '55P03',
  ])('is told by %s as a service to try again, and logged as no fault', async (code) => {
    const driver = Object.assign(new Error('at 10.0.0.7:5432'), { code });
    const { error, lines } = await answerTo(new Error('Failed query: select secret', { cause: driver }));
    expect(error.extensions).toEqual({ code: 'SUBGRAPH_UNAVAILABLE' });
    expect(JSON.stringify(error)).not.toMatch(/10\.0\.0\.7|select/);
    expect(lines).toMatchObject([{ level: 40, msg: 'database unreachable' }]);
  });

  test.each(['23505', '22P02', '57014', '42601', 'ENOENT'])('is not what %s means', async (code) => {
    const { error } = await answerTo(Object.assign(new Error('no'), { code }));
    expect(error.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR' });
  });
});

describe('an error made on purpose', () => {
  test('keeps sentence, code and field, and nothing else it carries', () => {
    const extensions = { code: 'BAD_REQUEST', field: 'first', stacktrace: ['at secret.ts'], http: { status: 400 } };
    expect(translate(new GraphQLError('No.', { extensions }))).toEqual({
      message: 'No.',
      extensions: { code: 'BAD_REQUEST', field: 'first' },
    });
  });

  test('shows no field that is no text', () => {
    const extensions = { code: 'BAD_REQUEST', field: { secret: true } };
    expect(translate(new GraphQLError('No.', { extensions })).extensions).toEqual({ code: 'BAD_REQUEST' });
  });

  test('about the document is a failed validation, of no field', () => {
    const [unknown] = validate(schema, parse('{ nothing }'));
    expect(translate(unknown)).toMatchObject({
      message: 'Cannot query field "nothing" on type "Query".',
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
    const [position] = validate(schema, parse('mutation ($n: Int) { order(input: $n) }'));
    expect(position?.message).toMatch(/^Variable "\$n" of type/);
    expect(translate(position).extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });
});

describe('a bad variable', () => {
  const DOCUMENT =
    'mutation ($input: OrderInput!, $note: String, $count: Int) { order(input: $input, note: $note, count: $count) }';
  const GOOD = { customer: { name: 'Ada' }, items: [{ id: 'a', quantity: 1 }] };

  async function answer(variableValues: Record<string, unknown>): Promise<GraphQLFormattedError> {
    const { errors } = await graphql({ schema, source: DOCUMENT, variableValues });
    expect(errors).toHaveLength(1);
    return translate(errors?.[0]);
  }

  test.each([
    ['items.0.quantity', { input: { ...GOOD, items: [{ id: 'a', quantity: 'many' }] } }],
    ['items.1.quantity', { input: { ...GOOD, items: [GOOD.items[0], { id: 'b' }] } }],
    ['items.0.labels.2', { input: { ...GOOD, items: [{ ...GOOD.items[0], labels: ['a', 'b', null] }] } }],
    ['items.0.id', { input: { ...GOOD, items: [{ id: { is: 'no id' }, quantity: 1 }] } }],
    ['items', { input: { customer: GOOD.customer } }],
    ['items', { input: { ...GOOD, items: null } }],
    ['customer.name', { input: { ...GOOD, customer: {} } }],
    ['customer.mobile', { input: { ...GOOD, customer: { name: 'Ada', mobile: 5 } } }],
    ['customer', { input: { ...GOOD, customer: { name: 'Ada', extra: 1 } } }],
    ['input', { input: 'no object' }],
    ['input', { input: null }],
    ['input', {}],
    ['note', { input: GOOD, note: 7 }],
    ['count', { input: GOOD, count: 2 ** 40 }],
  ])('is BAD_USER_INPUT of the field %s', async (field, variables) => {
    expect((await answer(variables)).extensions).toEqual({ code: 'BAD_USER_INPUT', field });
  });

  test.each([
    ['customer.mobile', { name: 'meet me at ', mobile: 5 }],
    ['customer.mobile', { name: ' at "input.items[0].id"; ', mobile: 5 }],
    ['customer.mobile', { name: '; Field "mine" of required type "X!" was not provided.', mobile: 5 }],
    ['customer.mobile', { name: 'two\nlines', mobile: { deep: 'x at ' } }],
  ])('is of the field %s whatever the client has written into it', async (field, customer) => {
    expect((await answer({ input: { ...GOOD, customer } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field });
  });

  test('that is text where a number belongs is of its variable, though it reads like a path', async () => {
    const { extensions } = await answer({ input: GOOD, count: 'x at "count.secret"; ' });
    expect(extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'count' });
  });
});
