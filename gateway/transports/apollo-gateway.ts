import type { ApolloServerOptions } from '@apollo/server';
import type { RequestContext } from '#shared/graphql/context.ts';
import { executeOperation } from '../execution/operations.ts';
import type { SupergraphsInUse } from '../execution/supergraphs-in-use.ts';
import type { Serving } from '../subscriptions/engine.ts';

type ApolloGateway = NonNullable<ApolloServerOptions<RequestContext>['gateway']>;
type Executor = NonNullable<Awaited<ReturnType<ApolloGateway['load']>>['executor']>;
type SchemaCallback = Parameters<ApolloGateway['onSchemaLoadOrUpdate']>[0];

/** Lets Apollo Server do HTTP, parsing and validation, and hands operations to our executor. */
export function apolloGateway(inUse: SupergraphsInUse): ApolloGateway {
  // A request keeps the schema that it began with, although another one may serve by the time it was validated.
  const executor: Executor = async ({ document, schema, request, context }) => {
    const result = await executeOperation(inUse, {
      document,
      schema,
      operationName: request.operationName ?? undefined,
      variables: request.variables ?? {},
      context: context as RequestContext,
    });
    return result as Awaited<ReturnType<Executor>>;
  };
  return {
    load: () => Promise.resolve({ schema: inUse.current.supergraph.documents.schema, executor }),
    onSchemaLoadOrUpdate: (callback) => {
      tell(callback, inUse.current);
      return inUse.onReplaced((next) => tell(callback, next));
    },
    stop: () => Promise.resolve(),
  };
}

function tell(callback: SchemaCallback, { supergraph }: Serving): void {
  callback({ apiSchema: supergraph.documents.schema, coreSupergraphSdl: supergraph.sdl });
}
