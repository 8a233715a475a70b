import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { operationFromDocument, Supergraph as FederationSupergraph, type Schema } from '@apollo/federation-internals';
import { buildOperationContext } from '@apollo/gateway';
import { QueryPlanner, type QueryPlan } from '@apollo/query-planner';
import { assertValidSchema, print, type DocumentNode, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { httpUrl } from '#shared/config.ts';
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

/** An operation as its client wrote it. */
export interface OperationText {
  readonly text: string;
  readonly operationName: string | undefined;
}

/** A composed supergraph: what clients may ask, and how to get it. */
export interface Supergraph {
  /** The same for the same SDL, anywhere. */
  readonly id: string;
  readonly sdl: string;
  readonly subgraphs: readonly Subgraph[];
  /** What clients see, with the operations checked against it so far. */
  readonly documents: Documents;
  readonly apiSchema: Schema;
  readonly fullSchema: GraphQLSchema;
  /** The plan of one operation of a validated document, made once for all who send the same text. Throws a GraphQL error when no operation has that name. */
  plan(document: DocumentNode, operationName: string | undefined): PlannedOperation;
  /** What was planned and is still known, the most recently used first. */
  plannedOperations(): readonly OperationText[];
}

type RoutingUrls = Readonly<Record<string, string>>;

/** Clients of one system send few distinct documents; the plans of each are some kilobytes. */
const MOST_PLANNED = 1_000;
/** Of all texts together: a document may be as large as a request, and its plans grow with it. */
const MOST_CHARACTERS = 10_000_000;
/** Of the 64 digits of the hash: enough to tell all supergraphs of a system apart, and short enough for a label. */
const ID_LENGTH = 12;

/** Builds a supergraph from its SDL. Throws when the SDL is not one, or a subgraph of it has no address. */
export function buildSupergraph(sdl: string, routingUrls: RoutingUrls): Supergraph {
  const building = buildingSteps(sdl, routingUrls);
  for (let step = building.next(); ; step = building.next()) if (step.done === true) return step.value;
}

/** The same beside other work: what waits is done between the steps, which take some ten milliseconds each. */
export async function buildSupergraphBeside(sdl: string, routingUrls: RoutingUrls): Promise<Supergraph> {
  const building = buildingSteps(sdl, routingUrls);
  for (let step = building.next(); ; step = building.next()) {
    if (step.done === true) return step.value;
    await setImmediate();
  }
}

function* buildingSteps(sdl: string, routingUrls: RoutingUrls): Generator<void, Supergraph> {
  const built = FederationSupergraph.build(sdl);
  yield;
  const subgraphs = built.subgraphsMetadata().map(({ name, url }) => ({ name, url: routingUrls[name] ?? url }));
  refuseNoAddress(subgraphs);
  const apiSchema = built.apiSchema();
  yield;
  const schema = apiSchema.toGraphQLJSSchema();
  yield;
  assertValidSchema(schema);
  const fullSchema = built.schema.toGraphQLJSSchema();
  yield;
  const planner = new QueryPlanner(built);
  const planAnew = (document: DocumentNode, operationName: string | undefined): PlannedOperation => {
    const named = operationName === undefined ? {} : { operationName };
    const operationContext = buildOperationContext({ schema, operationDocument: document, ...named });
    const plan = planner.buildQueryPlan(operationFromDocument(apiSchema, document, named));
    return { plan, operation: operationContext.operation, operationContext };
  };
  const id = createHash('sha256').update(sdl).digest('hex').slice(0, ID_LENGTH);
  return { id, sdl, subgraphs, documents: new Documents(schema), apiSchema, fullSchema, ...keepPlans(planAnew) };
}

function refuseNoAddress(subgraphs: readonly Subgraph[]): void {
  const without = subgraphs.filter(({ url }) => !httpUrl.safeParse(url).success).map(({ name }) => name);
  if (without.length > 0) throw new Error(`no http:// or https:// URL says where to ask ${without.join(', ')}`);
}

/** By text rather than by document: what reads documents anew, as Apollo Server does for another schema, finds the plans that are there. */
function keepPlans(planAnew: Supergraph['plan']): Pick<Supergraph, 'plan' | 'plannedOperations'> {
  const plans = new LRUCache<string, Map<string | undefined, PlannedOperation>>({
    max: MOST_PLANNED,
    maxSize: MOST_CHARACTERS,
    sizeCalculation: (_, text) => text.length,
  });
  return {
    plan: (document, operationName) => {
      const text = textOf(document);
      const ofText = plans.get(text);
      const known = ofText?.get(operationName);
      if (known !== undefined) return known;
      const planned = planAnew(document, operationName);
      if (ofText === undefined) plans.set(text, new Map([[operationName, planned]]));
      else ofText.set(operationName, planned);
      return planned;
    },
    plannedOperations: () =>
      [...plans.entries()].flatMap(([text, ofText]) =>
        [...ofText.keys()].map((operationName) => ({ text, operationName })),
      ),
  };
}

/** What a document was read from. */
export function textOf(document: DocumentNode): string {
  return document.loc?.source.body ?? print(document);
}
