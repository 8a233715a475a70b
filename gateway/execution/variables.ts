import { getVariableValues, type GraphQLError, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';

export type Variables = Record<string, unknown>;

/** An attacker must not make us list every mistake in a large input. */
const MOST_ERRORS = 10;

/** Variables coerced by the schema, with defaults applied; or what is wrong with them, each naming its field. */
export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Readonly<Variables>,
): { readonly variables: Variables } | { readonly errors: readonly GraphQLError[] } {
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], given, {
    maxErrors: MOST_ERRORS,
  });
  return coerced === undefined ? { errors } : { variables: coerced };
}
