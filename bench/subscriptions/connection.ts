import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { EventStreamReader, WebSocketReader, type StreamReader } from './stream-reader.ts';

/** How clients come to what they are told. */
export type Transport = 'ws' | 'sse';

export interface ConnectionOptions {
  readonly port: number;
  readonly transport: Transport;
  readonly query: string;
  /** An event, by its number, and when it was published, in microseconds. */
  readonly onEvent: (number: number, publishedAt: number) => void;
  /** A ping has come, and was answered. */
  readonly onPing: () => void;
  /** It was closed, or told something else than events. */
  readonly onFault: (reason: string) => void;
}

const TEXT = 1;
const PONG = 10;

/** What was read last, by whichever connection: it is done with before the next one reads. */
const shared = Buffer.allocUnsafe(256 * 1024);

/** A client's connection, straight on TCP. Resolves when its operation was sent. */
export async function openConnection(options: ConnectionOptions): Promise<Socket> {
  const { port, transport, query, onFault } = options;
  const sent = Promise.withResolvers<void>();
  const fault = (reason: string): void => {
    sent.reject(new Error(reason));
    onFault(reason);
  };
  const reader = transport === 'ws' ? webSocket(fault) : eventStream(fault);
  const socket = connect({
    host: '127.0.0.1',
    port,
    noDelay: true,
    onread: {
      buffer: shared,
      callback: (bytes) => {
        try {
          reader.take(shared.subarray(0, bytes));
        } catch (error) {
          fault(String(error));
        }
        return true;
      },
    },
  });
  socket.on('error', (error) => fault(String(error)));
  socket.on('end', () => fault('closed by the server'));
  socket.write(transport === 'ws' ? upgrade() : post(query));
  await sent.promise;
  return socket;

  function webSocket(refuse: (reason: string) => void): StreamReader {
    return new WebSocketReader({
      head: (head) => {
        if (!head.startsWith('HTTP/1.1 101')) return refuse(head);
        socket.write(frame(TEXT, Buffer.from('{"type":"connection_init"}')));
      },
      message: (message) => {
        if (!message.startsWith('{"type":"connection_ack"')) return refuse(message);
        socket.write(frame(TEXT, Buffer.from(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }))));
        sent.resolve();
      },
      event: options.onEvent,
      ping: (payload) => {
        socket.write(frame(PONG, payload));
        options.onPing();
      },
    });
  }

  function eventStream(refuse: (reason: string) => void): StreamReader {
    return new EventStreamReader({
      head: (head) => (head.startsWith('HTTP/1.1 200') ? sent.resolve() : refuse(head)),
      message: refuse,
      event: options.onEvent,
      ping: options.onPing,
    });
  }
}

const head = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

function upgrade(): string {
  return head(
    'GET /graphql HTTP/1.1',
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Protocol: graphql-transport-ws',
  );
}

function post(query: string): string {
  const body = JSON.stringify({ query });
  const lines = ['POST /graphql HTTP/1.1', 'Host: 127.0.0.1', 'Accept: text/event-stream'];
  return head(...lines, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`) + body;
}

/** A client's frame: masked, by a mask that changes nothing. */
function frame(kind: number, payload: Buffer): Buffer {
  const { length } = payload;
  const size = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([0x80 | kind, ...size, 0, 0, 0, 0]), payload]);
}
