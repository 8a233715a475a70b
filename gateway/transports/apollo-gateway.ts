import type { ApolloServerOptions } from '@apollo/server';
import type { ExecutionResult } from 'graphql';
import type { RequestContext } from '#shared/graphql/context.ts';
import type { OperationRequest } from '../execution/operations.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';

type ApolloGateway = NonNullable<ApolloServerOptions<RequestContext>['gateway']>;
type Executor = NonNullable<Awaited<ReturnType<ApolloGateway['load']>>['executor']>;

interface Served {
  readonly supergraph: Supergraph;
  readonly execute: (request: OperationRequest) => Promise<ExecutionResult>;
}

/** Lets Apollo Server do HTTP, parsing and validation, and hands operations to our executor. */
export function apolloGateway({ supergraph, execute }: Served): ApolloGateway {
  const executor: Executor = async ({ document, request, context }) => {
    const result = await execute({
      document,
      operationName: request.operationName ?? undefined,
      variables: request.variables ?? {},
      context: context as RequestContext,
    });
    return result as Awaited<ReturnType<Executor>>;
  };
  return {
    load: () => Promise.resolve({ schema: supergraph.documents.schema, executor }),
    onSchemaLoadOrUpdate: (callback) => {
      callback({ apiSchema: supergraph.documents.schema, coreSupergraphSdl: supergraph.sdl });
      return () => undefined;
    },
    stop: () => Promise.resolve(),
  };
}
