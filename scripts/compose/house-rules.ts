import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  type GraphQLField,
  type GraphQLSchema,
} from 'graphql';

/** Mutations that need no idempotency key: repeating them changes nothing. */
const WITHOUT_KEY = new Set(['login']);
const KEY = 'idempotencyKey';
const RESUME = 'after';

/** What in an API schema breaks a rule of the house, a sentence each, naming the schema coordinate. */
export function brokenRules(schema: GraphQLSchema): string[] {
  return [...mutationsWithoutKey(schema), ...subscriptionsWithoutResume(schema), ...undescribed(schema)];
}

function fieldsOf(
  type: { getFields(): Record<string, GraphQLField<unknown, unknown>> } | null | undefined,
): GraphQLField<unknown, unknown>[] {
  return Object.values(type?.getFields() ?? {});
}

function mutationsWithoutKey(schema: GraphQLSchema): string[] {
  return fieldsOf(schema.getMutationType())
    .filter((field) => !WITHOUT_KEY.has(field.name))
    .filter((field) => field.args.find((argument) => argument.name === KEY)?.type.toString() !== 'ID!')
    .map((field) => `Mutation.${field.name} lacks the argument ${KEY}: ID!, without which it cannot be retried safely`);
}

function subscriptionsWithoutResume(schema: GraphQLSchema): string[] {
  return fieldsOf(schema.getSubscriptionType())
    .filter((field) => field.args.find((argument) => argument.name === RESUME)?.type.toString() !== 'String')
    .map(
      (field) => `Subscription.${field.name} lacks the argument ${RESUME}: String, without which it cannot be resumed`,
    );
}

/** Federation's own and GraphQL's built-in types describe themselves elsewhere; root types hold only described fields. */
const ROOTS = new Set(['Query', 'Mutation', 'Subscription']);
const BUILT_IN = new Set(['String', 'Int', 'Float', 'Boolean', 'ID']);

function undescribed(schema: GraphQLSchema): string[] {
  const coordinates: string[] = [];
  const look = (coordinate: string, { description }: { description?: string | null | undefined }): void => {
    if (!description) coordinates.push(coordinate);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || BUILT_IN.has(type.name)) continue;
    if (!ROOTS.has(type.name)) look(type.name, type);
    if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
    if (isInputObjectType(type))
      for (const field of Object.values(type.getFields())) look(`${type.name}.${field.name}`, field);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of fieldsOf(type)) {
      look(`${type.name}.${field.name}`, field);
      for (const argument of field.args) look(`${type.name}.${field.name}(${argument.name}:)`, argument);
    }
  }
  return coordinates.map((coordinate) => `${coordinate} has no description`);
}
