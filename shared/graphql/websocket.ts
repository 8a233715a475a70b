import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { GraphQLError, type ExecutionArgs, type ExecutionResult, type FormattedExecutionResult } from 'graphql';
import type { Context, SubscribePayload } from 'graphql-ws';
import { useServer, type Extra } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { CLOCK_TOLERANCE_S, type TokenVerifier } from '../identity/tokens.ts';
import type { Viewer } from '../identity/viewer.ts';
import type { Log } from '../log.ts';
import { Refusal } from '../refusal.ts';
import { cancellable } from '../stream.ts';
import type { RequestContext } from './context.ts';
import type { Documents } from './documents.ts';
import { translateError } from './errors.ts';
import { firstOf, fromHeaders, fromPayload, requestContext } from './request-context.ts';

/** What carries out operations: graphql-js in a subgraph, query plans in the gateway. */
export interface WebSocketEngine {
  /** Read at every operation, since a gateway's schema may change. */
  documents(): Documents;
  execute(args: ExecutionArgs): Promise<ExecutionResult> | ExecutionResult;
  subscribe(args: ExecutionArgs): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult>;
}

interface WebSocketRoute {
  readonly app: FastifyInstance;
  readonly engine: WebSocketEngine;
  readonly verifier: TokenVerifier;
  readonly log: Log;
}

type Errors = { readonly errors?: readonly GraphQLError[] | undefined };
type Socket = Context<Record<string, unknown> | undefined, Extra & { expiry?: NodeJS.Timeout }>;

/** Close code for a token that is bad or has expired (graphql-transport-ws: "Unauthorized"). */
const UNAUTHORIZED_CLOSE = 4401;
/** "Try Again Later" in IANA's registry of close codes: the token's issuer cannot be asked. */
const TRY_AGAIN_CLOSE = 1013;
/** An operation with its variables; larger ones are closed with 1009. */
const LARGEST_MESSAGE = 1024 * 1024;
const PATH = '/graphql';

/**
 * Serves GraphQL over WebSocket at `/graphql` by the graphql-transport-ws protocol, queries and mutations too. The token comes in
 * `connection_init`, or in an operation's `extensions` from a service that carries many users over one socket. Sockets are closed (1001)
 * when the app closes.
 */
export function serveWebSocket({ app, engine, verifier, log }: WebSocketRoute): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE });
  const contexts = new WeakMap<SubscribePayload, RequestContext>();
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (request.url?.split('?', 1)[0] !== PATH) return refuseUpgrade(socket);
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  };
  app.server.on('upgrade', upgrade);

  const translate = (context: RequestContext, { errors, ...rest }: Errors): FormattedExecutionResult =>
    errors === undefined ? rest : { ...rest, errors: errors.map((error) => translateError(error, context)) };

  const opened = useServer<Record<string, unknown> | undefined, { expiry?: NodeJS.Timeout }>(
    {
      onConnect: (socket) => admit(socket, verifier),
      onDisconnect: (socket) => clearTimeout(socket.extra.expiry),
      onSubscribe: async (socket, _id, payload) => {
        const header = firstOf(
          fromPayload(payload.extensions),
          fromPayload(socket.connectionParams),
          fromHeaders(socket.extra.request.headers),
        );
        try {
          const checkpoints = payload.extensions?.['checkpoints'] === true;
          const context = { ...(await requestContext({ header, verifier, log })), checkpoints };
          contexts.set(payload, context);
          return executionArgs(engine.documents(), payload, context);
        } catch (error) {
          if (error instanceof GraphQLError) return [error];
          throw error;
        }
      },
      execute: (args) => engine.execute(args),
      subscribe: async (args) => {
        const stream = await engine.subscribe(args);
        const { viewer } = args.contextValue as RequestContext;
        return Symbol.asyncIterator in stream ? untilExpiry(stream, viewer) : stream;
      },
      // oxlint-disable-next-line max-params -- graphql-ws's own signature
      onNext: (_socket, _id, _payload, args, result) => translate(args.contextValue as RequestContext, result),
      // oxlint-disable-next-line max-params -- graphql-ws's own signature
      onError: (_socket, _id, payload, errors) => {
        const context = contexts.get(payload) ?? { log, requestId: 'unknown' };
        return errors.map((error) => translateError(error, context));
      },
    },
    sockets,
  );

  app.addHook('preClose', () => opened.dispose());
}

/** Checks the token at the door and closes the socket when it expires: a stream must not outlive the right to it. */
async function admit(socket: Socket, verifier: TokenVerifier): Promise<boolean> {
  const header = firstOf(fromPayload(socket.connectionParams), fromHeaders(socket.extra.request.headers));
  const { socket: connection } = socket.extra;
  try {
    const viewer = await verifier.viewer(header('authorization'));
    if (viewer.kind === 'anonymous') return true;
    const close = (): void => connection.close(UNAUTHORIZED_CLOSE, 'The token has expired; log in again.');
    socket.extra.expiry = setTimeout(close, viewer.expiresAt.getTime() - Date.now()).unref();
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    connection.close(error.code === 'UNAUTHENTICATED' ? UNAUTHORIZED_CLOSE : TRY_AGAIN_CLOSE, error.message);
    return false;
  }
}

/**
 * Ends a stream whose token came with the operation: closing a socket at the expiry of its own token does not reach those. As late as
 * verification would still take the token, so that a gateway's socket is closed first.
 */
function untilExpiry<T>(stream: AsyncGenerator<T>, viewer: Viewer): AsyncGenerator<T> {
  if (viewer.kind === 'anonymous') return stream;
  const lastsMs = viewer.expiresAt.getTime() + CLOCK_TOLERANCE_S * 1_000 - Date.now();
  return cancellable(async function* limited(signal) {
    let expired = false;
    const end = (): void => void stream.return(undefined);
    const expire = (): void => {
      expired = true;
      end();
    };
    const timer = setTimeout(expire, lastsMs).unref();
    signal.addEventListener('abort', end, { once: true });
    try {
      yield* stream;
    } finally {
      clearTimeout(timer);
    }
    if (expired) throw new Refusal('UNAUTHENTICATED', 'The token has expired; log in again.');
  });
}

function executionArgs(
  documents: Documents,
  payload: SubscribePayload,
  contextValue: RequestContext,
): ExecutionArgs | readonly GraphQLError[] {
  const document = documents.read(payload.query);
  if (!('kind' in document)) return document;
  return {
    schema: documents.schema,
    document,
    contextValue,
    ...(payload.operationName != null && { operationName: payload.operationName }),
    ...(payload.variables != null && { variableValues: payload.variables }),
  };
}

function refuseUpgrade(socket: Duplex): void {
  // Node no longer listens on an upgraded socket, and a client that has gone meanwhile is no fault of ours.
  socket.on('error', () => socket.destroy());
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
}
