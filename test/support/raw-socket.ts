import { once } from 'node:events';
import { connect } from 'node:net';
import { WebSocket } from 'ws';

interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A WebSocket on which a test speaks for itself, frame by frame. */
export interface RawSocket extends AsyncDisposable {
  readonly socket: WebSocket;
  readonly closed: Promise<Closed>;
  send(frame: unknown): void;
  /** The next frame that has come. */
  next(): Promise<{ type: string; id?: string; payload?: unknown }>;
}

/** Opens a socket to a service's `/graphql`. */
export async function openRawSocket(url: string): Promise<RawSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws');
  const closed = Promise.withResolvers<Closed>();
  const frames: string[] = [];
  let arrived = Promise.withResolvers<void>();
  socket.on('message', (data: Buffer) => {
    frames.push(data.toString());
    arrived.resolve();
  });
  socket.on('close', (code, reason) => closed.resolve({ code, reason: reason.toString() }));
  // What goes wrong shows in the close code.
  socket.on('error', () => undefined);
  await once(socket, 'open');
  return {
    socket,
    closed: closed.promise,
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    next: async () => {
      while (frames.length === 0) {
        arrived = Promise.withResolvers<void>();
        await arrived.promise;
      }
      return JSON.parse(frames.shift() ?? '') as { type: string };
    },
    [Symbol.asyncDispose]: async () => {
      socket.terminate();
      await closed.promise;
    },
  };
}

/** The status line that an upgrade request for this request target is answered with. */
export async function upgradeStatus(url: string, target: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `GET ${target} HTTP/1.1\r\nHost: any\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString().split('\r\n', 1)[0] ?? '';
}
