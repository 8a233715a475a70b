import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { WebSocket, type ClientOptions } from 'ws';

interface Closed {
  readonly code: number;
  readonly reason: string;
}

export interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A WebSocket on which a test speaks for itself, frame by frame. */
export interface RawSocket extends AsyncDisposable {
  readonly socket: WebSocket;
  readonly closed: Promise<Closed>;
  send(frame: unknown): void;
  /** The next frame that has come. Rejects when the socket closes without one. */
  next(): Promise<Frame>;
  /** Says that it has come, with this payload, and waits for the acknowledgement. */
  init(payload?: unknown): Promise<void>;
  subscribe(id: string, query: string, rest?: object): void;
}

type RawSocketOptions = ClientOptions & { readonly protocols?: readonly string[] };

/** Opens a socket to a service's `/graphql`. */
export async function openRawSocket(
  url: string,
  { protocols = ['graphql-transport-ws'], ...options }: RawSocketOptions = {},
): Promise<RawSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, [...protocols], options);
  const closed = Promise.withResolvers<Closed>();
  const frames: string[] = [];
  let arrived = Promise.withResolvers<void>();
  socket.on('message', (data: Buffer) => {
    frames.push(data.toString());
    arrived.resolve();
  });
  socket.on('close', (code, reason) => {
    closed.resolve({ code, reason: reason.toString() });
    arrived.resolve();
  });
  const opened = once(socket, 'open');
  // What goes wrong later shows in the close code.
  socket.on('error', () => undefined);
  await opened;
  const send = (frame: unknown): void => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  const next = async (): Promise<Frame> => {
    for (;;) {
      const frame = frames.shift();
      if (frame !== undefined) return JSON.parse(frame) as Frame;
      if (socket.readyState === WebSocket.CLOSED) throw new Error(`closed ${JSON.stringify(await closed.promise)}`);
      arrived = Promise.withResolvers<void>();
      await arrived.promise;
    }
  };
  return {
    socket,
    closed: closed.promise,
    send,
    next,
    init: async (payload) => {
      send({ type: 'connection_init', ...(payload !== undefined && { payload }) });
      const { type } = await next();
      if (type !== 'connection_ack') throw new Error(`${type} instead of an acknowledgement`);
    },
    subscribe: (id, query, rest = {}) => send({ type: 'subscribe', id, payload: { query, ...rest } }),
    [Symbol.asyncDispose]: async () => {
      socket.terminate();
      await closed.promise;
    },
  };
}

/** Sends an upgrade request for this request target, and nothing else. */
export function requestUpgrade(url: string, target: string, headers: readonly string[] = []): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  const lines = [
    `GET ${target} HTTP/1.1`,
    'Host: any',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return socket;
}

/** The status line that an upgrade request for this request target is answered with. */
export async function upgradeStatus(url: string, target: string): Promise<string> {
  const socket = requestUpgrade(url, target);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString().split('\r\n', 1)[0] ?? '';
}
