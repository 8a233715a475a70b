import { operationFromDocument, Supergraph as FederationSupergraph, type Schema } from '@apollo/federation-internals';
import { buildOperationContext } from '@apollo/gateway';
import { QueryPlanner, type QueryPlan } from '@apollo/query-planner';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { Documents } from '#shared/graphql/documents.ts';

export type OperationContext = ReturnType<typeof buildOperationContext>;

/** An operation with its plan, ready to be executed any number of times. */
export interface PlannedOperation {
  readonly plan: QueryPlan;
  readonly operation: OperationDefinitionNode;
  readonly operationContext: OperationContext;
}

export interface Subgraph {
  readonly name: string;
  /** Where it answers GraphQL over HTTP, and over WebSocket at the same path. */
  readonly url: string;
}

/** A composed supergraph: what clients may ask, and how to get it. */
export interface Supergraph {
  readonly sdl: string;
  readonly subgraphs: readonly Subgraph[];
  /** What clients see, with the operations checked against it so far. */
  readonly documents: Documents;
  readonly apiSchema: Schema;
  readonly fullSchema: GraphQLSchema;
  /** The plan of one operation of a validated document; kept as long as the document is. Throws a GraphQL error when no operation has that name. */
  plan(document: DocumentNode, operationName: string | undefined): PlannedOperation;
}

/** Builds a supergraph from its SDL. Throws when the SDL is not one. */
export function buildSupergraph(sdl: string, routingUrls: Readonly<Record<string, string>>): Supergraph {
  const built = FederationSupergraph.build(sdl);
  const apiSchema = built.apiSchema();
  const schema = apiSchema.toGraphQLJSSchema();
  const planner = new QueryPlanner(built);
  const plans = new WeakMap<DocumentNode, Map<string, PlannedOperation>>();

  function planAnew(document: DocumentNode, operationName: string | undefined): PlannedOperation {
    const named = operationName === undefined ? {} : { operationName };
    const operationContext = buildOperationContext({ schema, operationDocument: document, ...named });
    const plan = planner.buildQueryPlan(operationFromDocument(apiSchema, document, named));
    return { plan, operation: operationContext.operation, operationContext };
  }

  return {
    sdl,
    subgraphs: built.subgraphsMetadata().map(({ name, url }) => ({ name, url: routingUrls[name] ?? url })),
    documents: new Documents(schema),
    apiSchema,
    fullSchema: built.schema.toGraphQLJSSchema(),
    plan: (document, operationName) => {
      const ofDocument = plans.get(document) ?? new Map<string, PlannedOperation>();
      plans.set(document, ofDocument);
      const planned = ofDocument.get(operationName ?? '') ?? planAnew(document, operationName);
      ofDocument.set(operationName ?? '', planned);
      return planned;
    },
  };
}
