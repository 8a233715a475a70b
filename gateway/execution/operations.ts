import {
  getOperationAST,
  GraphQLError,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import type { RequestContext } from '#shared/graphql/context.ts';
import { noSuchOperation } from '#shared/graphql/errors.ts';
import type { WebSocketEngine } from '#shared/graphql/websocket.ts';
import type { Serving, SubscriptionEngine } from '../subscriptions/engine.ts';
import { textOf, type PlannedOperation } from '../supergraph/supergraph.ts';
import type { SupergraphsInUse } from './supergraphs-in-use.ts';
import { coerceVariables, type Variables } from './variables.ts';

/** A validated document, and which of its operations to carry out how. */
export interface OperationRequest {
  readonly document: DocumentNode;
  /** By which the document was validated: that of a supergraph that is in use, or was. */
  readonly schema: GraphQLSchema;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Variables>;
  readonly context: RequestContext;
}

type Ready = { readonly planned: PlannedOperation; readonly variables: Variables; readonly context: RequestContext };
type Errors = { readonly errors: readonly GraphQLError[] };

interface Engines {
  readonly inUse: SupergraphsInUse;
  readonly subscriptions: SubscriptionEngine;
}

/** Carries out a query or mutation. */
export async function executeOperation(inUse: SupergraphsInUse, request: OperationRequest): Promise<ExecutionResult> {
  const serving = inUse.of(request.schema) ?? inUse.current;
  const ready = prepare(serving, request);
  if ('errors' in ready) return ready;
  if (ready.planned.operation.operation === 'subscription') return { errors: [notStreamed()] };
  return serving.executor.execute(ready);
}

/** Carries out operations that come over a socket. A subscription begins on the supergraph that serves now, whichever validated it. */
export function socketEngine({ inUse, subscriptions }: Engines): WebSocketEngine {
  return {
    documents: () => inUse.current.supergraph.documents,
    execute: (args) => executeOperation(inUse, fromArgs(args)),
    subscribe: (args, { address }) => {
      const request = fromArgs(args);
      const checkpoints = request.context.checkpoints === true;
      return (sink) => subscriptions.subscribe({ ...request, transport: 'graphql-ws', address, checkpoints }, sink);
    },
  };
}

function prepare(serving: Serving, request: OperationRequest): Ready | Errors {
  const { operationName, variables: given, context } = request;
  const { supergraph } = serving;
  const document = documentFor(serving, request);
  if (!('kind' in document)) return { errors: document };
  if (getOperationAST(document, operationName) == null) return { errors: [noSuchOperation()] };
  const planned = supergraph.plan(document, operationName);
  const coerced = coerceVariables(supergraph.documents.schema, planned.operation, given);
  return 'errors' in coerced ? coerced : { planned, variables: coerced.variables, context };
}

/** What another supergraph has validated is validated anew, so that no plan is made of what it was not made for. */
function documentFor(
  { supergraph: { documents } }: Serving,
  { document, schema }: Pick<OperationRequest, 'document' | 'schema'>,
): DocumentNode | readonly GraphQLError[] {
  return schema === documents.schema ? document : documents.read(textOf(document));
}

function fromArgs({ document, schema, operationName, variableValues, contextValue }: ExecutionArgs): OperationRequest {
  return {
    document,
    schema,
    operationName: operationName ?? undefined,
    variables: variableValues ?? {},
    context: contextValue as RequestContext,
  };
}

/** Subscriptions are streamed by who stands before: what comes here has not sent its text, or asks for no stream. */
function notStreamed(): GraphQLError {
  return new GraphQLError('A subscription is answered by a stream: send its text, and take one in "Accept".', {
    extensions: { code: 'NOT_ACCEPTABLE', http: { status: 406 } },
  });
}
