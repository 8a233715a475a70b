import { readFileSync } from 'node:fs';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { FastifyInstance } from 'fastify';
import { defaultFieldResolver, execute, parse, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import type { TokenVerifier } from '../identity/tokens.ts';
import { requireService } from '../identity/viewer.ts';
import type { Log } from '../log.ts';
import { outboxStatus } from '../events/outbox.ts';
import { Refusal } from '../refusal.ts';
import type { Database } from '../store/postgres.ts';
import { serveGraphql } from './apollo.ts';
import type { RequestContext } from './context.ts';
import { DateTime } from './date-time.ts';
import { Documents } from './documents.ts';
import { subscribeWithCursor } from './subscribe.ts';
import { serveWebSocket, type WebSocketEngine } from './websocket.ts';

// Resolver maps are typed where they are written; GraphQL calls them with what the schema says.
// oxlint-disable-next-line typescript/no-explicit-any -- the parent and argument types differ from field to field
export type Resolver = GraphQLFieldResolver<any, RequestContext, any>;
export type Resolvers = Record<string, Record<string, unknown>>;
type SchemaModule = Extract<Parameters<typeof buildSubgraphSchema>[0], unknown[]>[number];

interface Subgraph {
  readonly app: FastifyInstance;
  /** The file of the schema it publishes. */
  readonly schemaFile: URL;
  readonly resolvers: Resolvers;
  /** The service's own database, for what the shared runtime answers. */
  readonly db: Database;
  readonly verifier: TokenVerifier;
  readonly log: Log;
}

/** Serves a subgraph over HTTP and WebSocket, with the scalars, service-only operations and rules that all subgraphs share. */
export async function serveSubgraph({ app, schemaFile, resolvers, db, verifier, log }: Subgraph): Promise<void> {
  const shared: Resolvers = {
    DateTime: DateTime as unknown as Record<string, unknown>,
    Query: {
      outboxStatus: (_: unknown, { after }: { after: number }, { viewer }: RequestContext) => {
        requireService(viewer);
        return outboxStatus(db, after);
      },
    },
  };
  const typeDefs = parse(readFileSync(schemaFile, 'utf8'));
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: mergeResolvers(resolvers, shared) } as SchemaModule]);
  restrictEntities(schema);
  await serveGraphql({ app, served: { schema }, verifier, log });
  const documents = new Documents(schema);
  const engine: WebSocketEngine = {
    documents: () => documents,
    execute: (args) => execute(args),
    subscribe: subscribeWithCursor,
  };
  serveWebSocket({ app, engine, verifier, log });
}

function mergeResolvers(...maps: readonly Resolvers[]): Resolvers {
  const merged: Resolvers = {};
  for (const map of maps) {
    for (const [type, fields] of Object.entries(map)) {
      // A scalar is an object of its own class and must stay that.
      merged[type] = merged[type] === undefined ? fields : { ...merged[type], ...fields };
    }
  }
  return merged;
}

/** `_entities` and `_service` answer to services only: any record could be reached through them, and all that is `@inaccessible` is listed. */
function restrictEntities(schema: GraphQLSchema): void {
  const fields = schema.getQueryType()?.getFields() ?? {};
  for (const name of ['_entities', '_service']) {
    const field = fields[name];
    if (field === undefined) continue;
    const resolve: Resolver = field.resolve ?? defaultFieldResolver;
    // oxlint-disable-next-line max-params -- GraphQL's own signature
    field.resolve = (parent, args, context: RequestContext, info): unknown => {
      if (context.voucher === undefined && context.viewer.kind !== 'service') {
        throw new Refusal('FORBIDDEN', `${name} answers to other services only.`);
      }
      return resolve(parent, args, context, info);
    };
  }
}
