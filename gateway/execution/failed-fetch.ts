import { Kind, parse, type SelectionSetNode } from 'graphql';

/** A place in a fetch's answer. */
type Path = (string | number)[];

const ENTITIES = '_entities';

/**
 * Where an answer lacks what a fetch should have brought: the response name of each of its root fields or, for a fetch of entities, of each
 * field in each entity. A fetch that fails as a whole has an error there, as if each field had failed by itself.
 */
export function missedPaths(operation: string, variables: Readonly<Record<string, unknown>> | undefined): Path[] {
  const [definition] = parse(operation).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) return [];
  const [first] = definition.selectionSet.selections;
  if (first?.kind !== Kind.FIELD || first.name.value !== ENTITIES || first.selectionSet === undefined) {
    return responseNames(definition.selectionSet).map((name) => [name]);
  }
  const names = responseNames(first.selectionSet);
  const representations = variables?.['representations'];
  const count = Array.isArray(representations) ? representations.length : 0;
  return Array.from({ length: count }, (_, at) => names.map((name): Path => [ENTITIES, at, name])).flat();
}

function responseNames({ selections }: SelectionSetNode): string[] {
  const names = selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [(selection.alias ?? selection.name).value];
    return selection.kind === Kind.INLINE_FRAGMENT ? responseNames(selection.selectionSet) : [];
  });
  return [...new Set(names)].filter((name) => name !== '__typename');
}
