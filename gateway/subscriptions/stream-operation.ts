import {
  isNullableType,
  GraphQLString,
  Kind,
  parse,
  print,
  visit,
  type ArgumentNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
  type VariableDefinitionNode,
} from 'graphql';
import { canonicalJson } from '#shared/canonical-json.ts';
import { invariant } from '#shared/invariant.ts';
import { subscriptionPlan } from '../execution/executor.ts';
import type { Variables } from '../execution/variables.ts';
import type { PlannedOperation, Subgraph, Supergraph } from '../supergraph/supergraph.ts';
import type { UpstreamOperation } from './upstream.ts';

/** The argument of a subscription's root field behind whose cursor it begins. */
const AFTER = 'after';
/** What the engine calls it in the operations that it sends; no client can be in its way, since the planner has renamed nothing into it. */
const CURSOR_VARIABLE = 'engineCursor';

/** One subscription as the engine sees it: what to ask of whom, and what makes it the same as another one. */
export interface StreamOperation {
  readonly subgraph: Subgraph;
  /** The root field's name in the schema. */
  readonly field: string;
  /** Can it be asked again behind a cursor? */
  readonly resumable: boolean;
  /** The cursor behind which its client wants to begin. */
  readonly after: string | undefined;
  /** Two subscriptions with the same key, of the same identity, are told the same: operation and variables, but not where they begin. */
  readonly key: string;
  /** The operation for the subgraph, beginning behind this cursor, or with what comes from now on. */
  readonly upstream: (cursor: string | undefined) => UpstreamOperation;
}

/** What follows from the document alone: worked out once for all who send it. */
interface Prepared {
  readonly subgraph: Subgraph;
  readonly field: string;
  readonly query: string;
  readonly used: readonly string[];
  readonly resumable: boolean;
  readonly after: ValueNode | undefined;
  readonly keyText: string;
  readonly keyVariables: readonly string[];
}

const prepared = new WeakMap<PlannedOperation, Prepared>();

/** Reads a planned subscription with its coerced variables. */
export function streamOperation(
  supergraph: Supergraph,
  { planned, document }: { readonly planned: PlannedOperation; readonly document: DocumentNode },
  variables: Readonly<Variables>,
): StreamOperation {
  const known = prepared.get(planned) ?? prepare(supergraph, planned, document);
  prepared.set(planned, known);
  const { subgraph, field, resumable, query, used } = known;
  const given = Object.fromEntries(used.map((name) => [name, variables[name]]));
  const shared = Object.fromEntries(known.keyVariables.map((name) => [name, variables[name] ?? null]));
  return {
    subgraph,
    field,
    resumable,
    after: textOf(known.after, variables),
    key: `${known.keyText}\n${canonicalJson(shared)}`,
    upstream: (cursor) => ({
      query,
      variables: resumable ? { ...given, [CURSOR_VARIABLE]: cursor ?? null } : given,
    }),
  };
}

function prepare(supergraph: Supergraph, planned: PlannedOperation, document: DocumentNode): Prepared {
  const { primary } = subscriptionPlan(planned.plan);
  const subgraph = supergraph.subgraphs.find(({ name }) => name === primary.serviceName);
  invariant(subgraph !== undefined, `the supergraph's subgraph ${primary.serviceName} is one of its own`);
  const sent = parse(primary.operation);
  const [operation] = sent.definitions;
  invariant(operation?.kind === Kind.OPERATION_DEFINITION, 'a fetch begins with its operation');
  const root = rootField(operation.selectionSet, sent);
  const field = root.name.value;
  const resumable = takesCursor(supergraph.documents.schema, field);
  const begun = root.arguments?.find(({ name }) => name.value === AFTER)?.value;
  const asked = resumable ? print(behindVariable(sent, root)) : primary.operation;
  const own = ownDefinitions(document, planned.operation);
  const keyText = print(resumable ? withoutCursor(own, field) : own);
  return {
    subgraph,
    field,
    query: asked,
    used: variablesIn(asked).filter((name) => name !== CURSOR_VARIABLE),
    resumable,
    after: begun,
    keyText,
    keyVariables: variablesIn(keyText).toSorted(),
  };
}

/** The one root field, which may stand in fragments (spec §5.2.4.1: a subscription has exactly one). */
function rootField({ selections }: SelectionSetNode, document: DocumentNode): FieldNode {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) return selection;
    return rootField(selectionsOf(selection, document), document);
  }
  throw new Error('a subscription has a root field');
}

function selectionsOf(selection: Exclude<SelectionNode, FieldNode>, { definitions }: DocumentNode): SelectionSetNode {
  if (selection.kind === Kind.INLINE_FRAGMENT) return selection.selectionSet;
  const fragment = definitions.find(
    (definition): definition is FragmentDefinitionNode =>
      definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
  );
  invariant(fragment !== undefined, 'a validated document has its fragments');
  return fragment.selectionSet;
}

function takesCursor(schema: GraphQLSchema, field: string): boolean {
  const argument = schema
    .getSubscriptionType()
    ?.getFields()
    [field]?.args.find(({ name }) => name === AFTER);
  return argument !== undefined && isNullableType(argument.type) && argument.type === GraphQLString;
}

/** The document in which the root field begins behind the engine's own variable, and no variable is left without use. */
function behindVariable(document: DocumentNode, root: FieldNode): DocumentNode {
  const argument: ArgumentNode = {
    kind: Kind.ARGUMENT,
    name: { kind: Kind.NAME, value: AFTER },
    value: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: CURSOR_VARIABLE } },
  };
  const definition: VariableDefinitionNode = {
    kind: Kind.VARIABLE_DEFINITION,
    variable: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: CURSOR_VARIABLE } },
    type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: GraphQLString.name } },
  };
  const changed = visit(document, {
    Field: (node) => {
      if (node !== root) return undefined;
      const others = (node.arguments ?? []).filter(({ name }) => name.value !== AFTER);
      return { ...node, arguments: [...others, argument] };
    },
  });
  return visit(withoutUnused(changed), {
    OperationDefinition: (node) => ({
      ...node,
      variableDefinitions: [...(node.variableDefinitions ?? []), definition],
    }),
  });
}

function withoutUnused(document: DocumentNode): DocumentNode {
  const used = new Set(variablesIn(print(document)));
  return visit(document, {
    VariableDefinition: (node) => (used.has(node.variable.name.value) ? undefined : null),
  });
}

/** The operation, whatever its name, and all fragments; other operations of the document are none of its business. */
function ownDefinitions(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  return {
    ...document,
    definitions: document.definitions.flatMap((definition): DefinitionNode[] => {
      if (definition.kind !== Kind.OPERATION_DEFINITION) return [definition];
      if (definition !== operation) return [];
      const { name: _, ...anonymous } = definition;
      return [anonymous];
    }),
  };
}

/** The document without what tells where the stream begins; a field of the same name further down keeps its argument. */
function withoutCursor(document: DocumentNode, field: string): DocumentNode {
  const [operation] = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  invariant(operation?.kind === Kind.OPERATION_DEFINITION, 'a document has its operation');
  const root = rootField(operation.selectionSet, document);
  invariant(root.name.value === field, 'the planner asks for the root field that the client has asked for');
  const changed = visit(document, {
    Field: (node) =>
      node === root
        ? { ...node, arguments: (node.arguments ?? []).filter(({ name }) => name.value !== AFTER) }
        : undefined,
  });
  return withoutUnused(changed);
}

/** The names of the variables that a document uses, each once; a definition alone is no use. */
function variablesIn(text: string): string[] {
  const names = new Set<string>();
  visit(parse(text), {
    VariableDefinition: () => false,
    Variable: ({ name }) => void names.add(name.value),
  });
  return [...names];
}

function textOf(value: ValueNode | undefined, variables: Readonly<Variables>): string | undefined {
  if (value?.kind === Kind.STRING) return value.value;
  const given = value?.kind === Kind.VARIABLE ? variables[value.name.value] : undefined;
  return typeof given === 'string' ? given : undefined;
}
