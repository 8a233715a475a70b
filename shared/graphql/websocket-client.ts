import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { TokenVerifier } from '../identity/tokens.ts';
import type { Log } from '../log.ts';
import type { RequestContext } from './context.ts';
import type { Push } from './pushed-stream.ts';
import { fromPayload } from './request-context.ts';
import { SocketConnection } from './websocket-connection.ts';
import { PushedOperation } from './websocket-operation.ts';
import { SocketSession } from './websocket-session.ts';

interface ClientOptions {
  readonly socket: WebSocket;
  /** What the socket runs over. */
  readonly stream: Duplex;
  readonly request: IncomingMessage;
  readonly verifier: TokenVerifier;
  readonly log: Log;
}

interface PushedRequest {
  readonly push: Push;
  readonly id: string;
  readonly context: RequestContext;
  /** Does a token of its own come with the operation? */
  readonly ownToken: boolean;
}

/** Who is at the other end of a socket: the connection, whom it speaks for, and the streams that are pushed to it. */
export class SocketClient {
  readonly connection: SocketConnection;
  readonly session: SocketSession;
  /** The network address it comes from, or that of the proxy in between. */
  readonly address: string;
  /** What lasts as long as the socket's token. */
  readonly #pushed = new Set<PushedOperation>();
  #fresh: RequestContext | undefined;

  constructor({ socket, stream, request, verifier, log }: ClientOptions) {
    this.address = addressOf(request);
    this.connection = new SocketConnection({ socket, stream, log, onPing: (payload) => this.#answerPing(payload) });
    this.session = new SocketSession({
      headers: request.headers,
      verifier,
      log,
      close: (code, reason) => this.connection.close(code, reason),
    });
  }

  /** Begins a stream when it is first asked for its results, none of which it gives: they go straight to the connection. */
  pushed({ push, id, context, ownToken }: PushedRequest): AsyncGenerator<never, undefined> {
    const { connection } = this;
    const operation: PushedOperation = new PushedOperation({
      push,
      id,
      connection,
      onEnd: () => this.#pushed.delete(operation),
    });
    if (ownToken) return operation.stream;
    this.#pushed.add(operation);
    // The token was replaced while the operation's was verified.
    if (this.#fresh !== undefined && this.#fresh.authorization !== context.authorization)
      operation.refresh(this.#fresh);
    return operation.stream;
  }

  /** A ping with `authorization` brings a fresh token, and is answered with how long it lasts; any other is echoed. */
  async #answerPing(payload: Record<string, unknown> | undefined): Promise<void> {
    const authorization = fromPayload(payload)('authorization');
    let answer = payload;
    if (authorization !== undefined && authorization !== '') {
      await this.#refresh(authorization);
      const { expiresAt } = this.session;
      answer = expiresAt === undefined ? undefined : { expiresAt: expiresAt.toISOString() };
    }
    await this.connection.send(JSON.stringify({ type: 'pong', ...(answer && { payload: answer }) }));
  }

  async #refresh(authorization: string): Promise<void> {
    const context = await this.session.refresh(authorization);
    if (context === undefined) return;
    this.#fresh = context;
    for (const operation of this.#pushed) if (!operation.refresh(context)) this.session.refuse();
  }
}

/** Where a request comes from, as far as the connection itself tells. */
export function addressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? 'unknown';
}
