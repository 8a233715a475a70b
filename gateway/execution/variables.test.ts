import { Kind, type OperationDefinitionNode } from 'graphql';
import { describe, expect, test } from 'vitest';
import { translateError } from '#shared/graphql/errors.ts';
import { contextOf } from '#test/support/request-context.ts';
import { smallSupergraph } from '#test/support/small-supergraph.ts';
import { buildSupergraph } from '../supergraph/supergraph.ts';
import { coerceVariables } from './variables.ts';

const { documents } = buildSupergraph(smallSupergraph(), {});

function operationOf(text: string): OperationDefinitionNode {
  const document = documents.read(text);
  const operation = 'kind' in document ? document.definitions[0] : undefined;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
  return operation;
}

const RENAME = operationOf('mutation ($input: RenameInput!) { rename(input: $input) { id } }');
const LIST = operationOf('query ($first: Int = 5, $kinds: [Kind!]) { people(first: $first, kinds: $kinds) { id } }');
const coerce = (operation: OperationDefinitionNode, given: Record<string, unknown>): unknown =>
  coerceVariables(documents.schema, operation, given);

describe('variables', () => {
  test('are coerced by the schema, with defaults of the operation and of input fields', () => {
    expect(coerce(RENAME, { input: { id: 7, names: { text: 'Ada' } } })).toEqual({
      variables: { input: { id: '7', names: [{ text: 'Ada', weight: 1 }] } },
    });
    expect(coerce(LIST, { kinds: 'HERE' })).toEqual({ variables: { first: 5, kinds: ['HERE'] } });
  });

  test('tell null from what is left out', () => {
    expect(coerce(LIST, { first: null })).toEqual({ variables: { first: null } });
    expect(coerce(LIST, {})).toEqual({ variables: { first: 5 } });
  });

  test('that the operation does not declare are left out', () => {
    expect(coerce(LIST, { first: 1, representations: [{ __typename: 'Person' }] })).toEqual({
      variables: { first: 1 },
    });
  });

  test.each([
    ['input', {}],
    ['names', { input: { id: '1' } }],
    ['names.1.text', { input: { id: '1', names: [{ text: 'a' }, {}] } }],
    ['names.0.weight', { input: { id: '1', names: [{ text: 'a', weight: 'heavy' }] } }],
  ])('that are bad are refused by the field %s', (field, given) => {
    const coerced = coerceVariables(documents.schema, RENAME, given);
    const errors = 'errors' in coerced ? coerced.errors : [];
    expect(errors.map((error) => translateError(error, contextOf()).extensions)).toEqual([
      { code: 'BAD_USER_INPUT', field },
    ]);
  });

  test('with thousands of mistakes are told a few of them', () => {
    const names = Array.from({ length: 5_000 }, () => ({ text: 1 }));
    const { errors } = coerce(RENAME, { input: { id: '1', names } }) as { errors: unknown[] };
    expect(errors.length).toBeGreaterThan(1);
    expect(errors.length).toBeLessThanOrEqual(11);
  });
});
