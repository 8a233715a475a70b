import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import {
  getOperationAST,
  GraphQLError,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLFormattedError,
} from 'graphql';
import { handleProtocols, makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import { WebSocketServer, type ServerOptions } from 'ws';
import type { TokenVerifier } from '../identity/tokens.ts';
import type { Log } from '../log.ts';
import { Refusal } from '../refusal.ts';
import { SERVICE_TOKEN_HEADER, type RequestContext } from './context.ts';
import type { Documents } from './documents.ts';
import { noSuchOperation, toGraphqlError, translateError } from './errors.ts';
import type { Push } from './pushed-stream.ts';
import { firstOf, fromPayload, requestContext } from './request-context.ts';
import { untilExpiry } from './until-expiry.ts';
import { addressOf, SocketClient } from './websocket-client.ts';
import { refuseUpgrade, SocketDoors, type SocketLimits } from './websocket-doors.ts';
import { WebSocketHeartbeat } from './websocket-heartbeat.ts';
import { GOING_AWAY_CLOSE, StreamErrors } from './websocket-operation.ts';

/** What carries out operations: graphql-js in a subgraph, query plans in the gateway. */
export interface WebSocketEngine {
  /** Read at every operation, since a gateway's schema may change. */
  documents(): Documents;
  execute(args: ExecutionArgs): Promise<ExecutionResult> | ExecutionResult;
  /** Results that are asked for one by one and written for this client alone, or a stream that is pushed to all its clients. */
  subscribe(
    args: ExecutionArgs,
    client: SubscribingClient,
  ): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> | Push;
}

interface SubscribingClient {
  /** The network address it comes from, or that of the proxy in between. */
  readonly address: string;
}

interface WebSocketRoute {
  readonly app: FastifyInstance;
  readonly engine: WebSocketEngine;
  readonly verifier: TokenVerifier;
  readonly log: Log;
  readonly limits?: WebSocketLimits;
}

/** What one may differ in from the defaults. */
interface WebSocketLimits extends SocketLimits {
  /** Operations under way on one socket; services that carry many users over one are not limited. */
  readonly operationsPerSocket?: number | undefined;
  /** The period of the pings; a socket that has not answered one until the next is ended. */
  readonly heartbeatMs?: number | undefined;
}

/** The sockets of a server. */
interface OpenSockets {
  /** How many are open now. */
  readonly open: number;
}

const PATH = '/graphql';
/** An operation with its variables; larger ones are closed with 1009. */
const LARGEST_MESSAGE = 1024 * 1024;
/** Who has opened a socket knows what to say on it; who says nothing only holds a place. */
const INIT_WITHIN_MS = 3_000;
/** Below the idle timeouts of proxies (the shortest in wide use is 15 s), and rare enough for ten thousand idle sockets. */
const HEARTBEAT_MS = 12_000;
/** A screen follows a few dozen things; more is a leak in a client, or a script. */
const MOST_OPERATIONS_PER_SOCKET = 200;
/** Two round trips on a bad line; a client that does not answer a close by then is cut off, also when the server stops. */
const CLOSE_WITHIN_MS = 5_000;

type Protocol = Server<{ readonly client: SocketClient }>;

/**
 * Serves GraphQL over WebSocket at `/graphql` by the graphql-transport-ws protocol, queries and mutations too. The token comes in
 * `connection_init`, or in an operation's `extensions` from a service that carries many users over one socket; a fresh one may come in a
 * `ping`. Sockets are closed (1001) when the app closes.
 */
export function serveWebSocket(route: WebSocketRoute): OpenSockets {
  const { app, verifier, log, limits = {} } = route;
  const options: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    maxPayload: LARGEST_MESSAGE,
    handleProtocols,
    closeTimeout: CLOSE_WITHIN_MS,
  };
  const sockets = new WebSocketServer(options);
  const doors = new SocketDoors(limits);
  const heartbeat = new WebSocketHeartbeat(limits.heartbeatMs ?? HEARTBEAT_MS);
  const protocol = speakProtocol(route);

  app.server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    if (request.url?.split('?', 1)[0] !== PATH) return refuseUpgrade(stream, 404);
    const address = addressOf(request);
    if (!doors.admits(address)) return refuseUpgrade(stream, 503);
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const client = new SocketClient({ socket, stream, request, verifier, log });
      doors.enter(address);
      heartbeat.watch(socket);
      const closed = protocol.opened(client.connection, { client });
      socket.once('close', (code, reason) => {
        doors.leave(address);
        client.session.end();
        closed(code, reason.toString()).catch((error: unknown) => client.connection.fail(error));
      });
    });
  });
  app.addHook('preClose', async () => {
    heartbeat.stop();
    for (const socket of sockets.clients) socket.close(GOING_AWAY_CLOSE, 'Going away');
    await new Promise<void>((resolve) => sockets.close(() => resolve()));
  });
  return doors;
}

/** An operation, with whose it is. */
interface SocketOperation extends ExecutionArgs {
  readonly client: SocketClient;
  readonly id: string;
  /** Does a token of its own come with the operation? */
  readonly ownToken: boolean;
}

function speakProtocol({ engine, verifier, log, limits }: WebSocketRoute): Protocol {
  const contexts = new WeakMap<SubscribePayload, RequestContext>();
  const most = limits?.operationsPerSocket ?? MOST_OPERATIONS_PER_SOCKET;
  return makeServer<Record<string, unknown> | undefined, { readonly client: SocketClient }>({
    connectionInitWaitTimeout: INIT_WITHIN_MS,
    onConnect: ({ extra: { client }, connectionParams }) => client.session.admit(connectionParams),
    onSubscribe: async ({ extra: { client } }, id, payload) => {
      const own = fromPayload(payload.extensions);
      try {
        if (client.connection.operations > most && own(SERVICE_TOKEN_HEADER) === undefined) throw tooMany(most);
        const checkpoints = payload.extensions?.['checkpoints'] === true;
        const header = firstOf(own, client.session.header);
        const context = { ...(await requestContext({ header, verifier, log })), checkpoints };
        contexts.set(payload, context);
        const args = executionArgs(engine.documents(), payload, context);
        return 'schema' in args ? { ...args, client, id, ownToken: own('authorization') !== undefined } : args;
      } catch (error) {
        if (error instanceof GraphQLError) return [error];
        throw error;
      }
    },
    execute: (args) => engine.execute(args),
    subscribe: (args) => subscribe(engine, args as SocketOperation),
    // oxlint-disable-next-line max-params -- graphql-ws's own signature
    onNext: (_socket, _id, _payload, args, result) => translated(result, args.contextValue as RequestContext),
    // oxlint-disable-next-line max-params -- graphql-ws's own signature
    onError: (_socket, _id, payload, errors) => {
      const context = contexts.get(payload) ?? { log, requestId: 'unknown' };
      return errors.flatMap(eachOf).map((error) => withCursor(translateError(error, context), error));
    },
  });
}

async function subscribe(
  engine: WebSocketEngine,
  args: SocketOperation,
): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
  const { client, id, ownToken } = args;
  const context = args.contextValue as RequestContext;
  const stream = engine.subscribe(args, { address: client.address });
  if (typeof stream === 'function') return client.pushed({ push: stream, id, context, ownToken });
  const asked = await stream;
  return ownToken && Symbol.asyncIterator in asked ? untilExpiry(asked, context.viewer) : asked;
}

function executionArgs(
  documents: Documents,
  payload: SubscribePayload,
  contextValue: RequestContext,
): ExecutionArgs | readonly GraphQLError[] {
  const document = documents.read(payload.query);
  if (!('kind' in document)) return document;
  if (getOperationAST(document, payload.operationName) == null) return [noSuchOperation()];
  return {
    schema: documents.schema,
    document,
    contextValue,
    ...(payload.operationName != null && { operationName: payload.operationName }),
    ...(payload.variables != null && { variableValues: payload.variables }),
  };
}

function tooMany(most: number): GraphQLError {
  const message = `There are more than ${most} operations on this socket; complete some, or open another.`;
  return toGraphqlError(new Refusal('RATE_LIMITED', message));
}

type Errors = { readonly errors?: readonly GraphQLError[] | undefined };

function translated({ errors, ...rest }: Errors, context: RequestContext): FormattedExecutionResult {
  return errors === undefined ? rest : { ...rest, errors: errors.map((error) => translateError(error, context)) };
}

/** graphql-ws carries one error only, and that inside another. */
function eachOf(error: GraphQLError): readonly GraphQLError[] {
  return error.originalError instanceof StreamErrors ? error.originalError.errors : [error];
}

/** From where an ended stream can be resumed. */
function withCursor(shown: GraphQLFormattedError, { extensions: { cursor } }: GraphQLError): GraphQLFormattedError {
  return typeof cursor === 'string' ? { ...shown, extensions: { ...shown.extensions, cursor } } : shown;
}
