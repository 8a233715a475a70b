import { describe, expect, test } from 'vitest';
import { Documents } from '#shared/graphql/documents.ts';
import { smallSupergraph } from '#test/support/small-supergraph.ts';
import { buildSupergraph } from '../supergraph/supergraph.ts';
import { operationIn, subscriptionIn, type HttpOperation } from './http-operation.ts';

const search = new URLSearchParams();
const ofBody = (body: unknown): HttpOperation | undefined => operationIn({ method: 'POST', body, search });
const ofSearch = (text: string): HttpOperation | undefined =>
  operationIn({ method: 'GET', body: undefined, search: new URLSearchParams(text) });
const query = '{ newest }';

describe('the operation of a request', () => {
  test('is read from a body', () => {
    expect(ofBody({ query })).toEqual({ query, operationName: undefined, variables: {}, checkpoints: false });
    expect(ofBody({ query, operationName: 'A', variables: { a: 1 }, extensions: {} })).toEqual({
      query,
      operationName: 'A',
      variables: { a: 1 },
      checkpoints: false,
    });
    expect(ofBody({ query, extensions: { checkpoints: true } })).toMatchObject({ checkpoints: true });
    expect(ofBody({ query, extensions: { checkpoints: 'true' } })).toMatchObject({ checkpoints: false });
    expect(ofBody({ query, operationName: null, variables: null, extensions: null })).toBeDefined();
  });

  test('is read from a URL', () => {
    expect(ofSearch('query={newest}')).toMatchObject({ query: '{newest}', operationName: undefined, variables: {} });
    expect(ofSearch('query={newest}&operationName=A&variables={"a":1}&extensions={}&ticket=t')).toEqual({
      query: '{newest}',
      operationName: 'A',
      variables: { a: 1 },
      checkpoints: false,
    });
  });

  test.each([
    undefined,
    null,
    '',
    'text',
    7,
    [],
    [{ query }],
    {},
    { query: 7 },
    { query: '' },
    { query: { kind: 'x' } },
  ])('is not there in the body %j', (body) => {
    expect(ofBody(body)).toBeUndefined();
  });

  test.each([{ operationName: 7 }, { variables: '{}' }, { variables: [] }, { variables: 7 }, { extensions: 'x' }])(
    'is not there when the body has %j',
    (wrong) => {
      expect(ofBody({ query, ...wrong })).toBeUndefined();
    },
  );

  test.each(['', 'query=', 'query={a}&query={b}', 'query={a}&variables={', 'query={a}&variables=[]'])(
    'is not there in the URL ?%s',
    (text) => {
      expect(ofSearch(text)).toBeUndefined();
    },
  );

  test.each(['query={a}&variables=null', 'query={a}&extensions=1', 'query={a}&operationName=A&operationName=B'])(
    'is not there in the URL ?%s either',
    (text) => {
      expect(ofSearch(text)).toBeUndefined();
    },
  );

  test('is not there for other methods', () => {
    expect(operationIn({ method: 'HEAD', body: { query }, search: new URLSearchParams({ query }) })).toBeUndefined();
  });
});

describe('the subscription of an operation', () => {
  const documents = new Documents(buildSupergraph(smallSupergraph(), {}).documents.schema);
  const found = (text: string, operationName?: string): string | undefined =>
    subscriptionIn({ query: text, operationName, variables: {}, checkpoints: false }, documents)?.operation.name?.value;
  const BOTH = 'subscription S { renamed { id } } query Q { newest }';

  test('is the one that is named', () => {
    expect(found(BOTH, 'S')).toBe('S');
    expect(found(BOTH, 'Q')).toBeUndefined();
    expect(found(BOTH, 'None')).toBeUndefined();
    expect(found(BOTH)).toBeUndefined();
  });

  test('is none when the schema does not allow it, or it cannot be read', () => {
    expect(found('subscription S { nothing }')).toBeUndefined();
    expect(found('subscription S {')).toBeUndefined();
    expect(found('query S { newest } # a subscription')).toBeUndefined();
  });
});
