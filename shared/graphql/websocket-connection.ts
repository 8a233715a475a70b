import type { Duplex } from 'node:stream';
import { CloseCode, type WebSocket as ProtocolSocket } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Log } from '../log.ts';
import { OperationTurns, type UncheckedMessage } from './websocket-turns.ts';

/**
 * From here on a client is given nothing more until it has taken everything. Twice what Node itself takes for a full connection (so its
 * `drain` event is sure to come), and small beside the megabytes that a kernel buffers for a client which keeps up.
 */
const FULL_BYTES = 128 * 1024;
/** Copying a result behind its operation's id costs less than a frame of its own; from here on, more (measured), and every copy memory. */
const SHARED_FROM_BYTES = 16 * 1024;
/** What a client may send; anything else is not of the protocol, also what only servers send. */
const FROM_CLIENTS: ReadonlySet<unknown> = new Set(['connection_init', 'ping', 'pong', 'subscribe', 'complete']);
const FAULT_REASON = 'Internal server error';

/** Waits until its connection takes more again. */
interface Waiting {
  drained(): void;
}

interface ConnectionOptions {
  readonly socket: WebSocket;
  /** What the socket runs over. */
  readonly stream: Duplex;
  readonly log: Log;
  /** Answers a ping of the protocol. */
  readonly onPing: NonNullable<ProtocolSocket['onPing']>;
}

/** One client's socket, between `ws` and the protocol. */
export class SocketConnection implements ProtocolSocket {
  readonly protocol: string;
  readonly onPing: NonNullable<ProtocolSocket['onPing']>;
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #log: Log;
  readonly #waiting = new Set<Waiting>();
  readonly #closed: Promise<void>;
  #turns: OperationTurns | undefined;
  #corked = false;

  constructor({ socket, stream, log, onPing }: ConnectionOptions) {
    this.protocol = socket.protocol;
    this.onPing = onPing;
    this.#socket = socket;
    this.#stream = stream;
    this.#log = log;
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
    stream.on('drain', () => this.#drained());
    // `ws` has closed the socket with the code that fits.
    socket.on('error', ({ message }) => log.debug({ reason: message }, 'a client broke the WebSocket protocol'));
  }

  /** Operations under way. */
  get operations(): number {
    return this.#turns?.size ?? 0;
  }

  /**
   * Sends one message in two parts, of which the second may be shared among clients. False when the connection is full: then `waiting` is
   * told when it has drained.
   */
  write(head: Buffer, shared: Buffer, waiting: Waiting): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return true;
    this.#cork();
    if (shared.length < SHARED_FROM_BYTES) {
      this.#socket.send(Buffer.concat([head, shared]), { binary: false });
    } else {
      this.#socket.send(head, { binary: false, fin: false });
      this.#socket.send(shared, { binary: false });
    }
    if (!this.#full) return true;
    this.#uncork();
    if (!this.#full) return true;
    this.#waiting.add(waiting);
    return false;
  }

  /** It does not wait any more. */
  forget(waiting: Waiting): void {
    this.#waiting.delete(waiting);
  }

  /**
   * Resolves when the message is on its way, or the socket has closed: only then does graphql-ws leave a stream, which must not be read to
   * its end meanwhile. A client that does not take what it is sent is not listened to.
   */
  send(data: string): Promise<void> {
    if (this.#socket.readyState !== WebSocket.OPEN) return this.#closed;
    return new Promise((resolve) => {
      this.#socket.send(data, () => resolve());
      if (this.#full) this.#socket.pause();
    });
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  onMessage(handle: (data: string) => Promise<void>): void {
    // graphql-ws parses what it is given unless it is parsed already.
    const whileOpen = async (message: UncheckedMessage | undefined): Promise<void> => {
      if (this.#socket.readyState === WebSocket.OPEN) await handle(message as string);
    };
    const turns = new OperationTurns(whileOpen);
    this.#turns = turns;
    this.#socket.on('message', (data: Buffer) => {
      turns.take(read(data)).catch((error: unknown) => this.fail(error));
    });
  }

  /** Closes the socket for a bug of ours. */
  fail(error: unknown): void {
    this.#log.error({ err: error }, 'fault on a socket');
    this.close(CloseCode.InternalServerError, FAULT_REASON);
  }

  get #full(): boolean {
    return this.#stream.writableLength >= FULL_BYTES;
  }

  #drained(): void {
    if (this.#socket.isPaused) this.#socket.resume();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const each of waiting) each.drained();
  }

  /** What comes within one turn of the event loop goes out by one system call. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#stream.cork();
    setImmediate(() => this.#uncork());
  }

  #uncork(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#stream.uncork();
  }
}

function read(data: Buffer): UncheckedMessage | undefined {
  try {
    const message = JSON.parse(data.toString()) as UncheckedMessage | null;
    return FROM_CLIENTS.has(message?.type) ? (message ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}
