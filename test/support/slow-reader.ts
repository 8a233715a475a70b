import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Wakeup } from '#shared/stream.ts';
import type { Asked } from './stream-lines.ts';

/** RFC 6455 §5.2. */
const FIN = 0x80;
const MASKED = 0x80;
const LENGTH = 0x7f;
const TWO_BYTES = 126;
const EIGHT_BYTES = 127;
const OPCODE = 0x0f;
const TEXT = 1;
const PING = 9;
const PONG = 10;

/**
 * A subscriber over a TCP connection from which it takes message by message, as it is asked to: what it has not taken stays in the
 * buffers of the systems on the way, until they are full.
 */
export class SlowReader implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #changed = new Wakeup();

  private constructor(socket: Socket) {
    this.#socket = socket;
    // What goes wrong shows when the next message is taken.
    socket.on('error', () => undefined);
    for (const event of ['readable', 'end', 'close']) socket.on(event, () => this.#changed.notify());
  }

  /** Subscribes, by graphql-transport-ws. */
  static async open({ url, token, query, variables }: Asked): Promise<SlowReader> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const reader = new SlowReader(socket);
    socket.write(
      `GET /graphql HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n` +
        'Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
    );
    for (let head = ''; !head.endsWith('\r\n\r\n');) head += (await reader.#take(1)).toString('latin1');
    reader.#send(TEXT, JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
    await reader.next();
    reader.#send(TEXT, JSON.stringify({ type: 'subscribe', id: '1', payload: { query, variables } }));
    return reader;
  }

  /** Takes the next message; rejects when the connection is over. */
  async next(): Promise<string> {
    const parts: Buffer[] = [];
    for (;;) {
      const [first = 0, second = 0] = await this.#take(2);
      const payload = await this.#take(await this.#lengthOf(second & LENGTH));
      const opcode = first & OPCODE;
      if (opcode === PING) this.#send(PONG, payload);
      if (opcode > TEXT) continue;
      parts.push(payload);
      if ((first & FIN) !== 0) return Buffer.concat(parts).toString();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.closed) return;
    this.#socket.destroy();
    await once(this.#socket, 'close');
  }

  async #lengthOf(short: number): Promise<number> {
    if (short === TWO_BYTES) return (await this.#take(2)).readUInt16BE();
    if (short === EIGHT_BYTES) return Number((await this.#take(8)).readBigUInt64BE());
    return short;
  }

  async #take(count: number): Promise<Buffer> {
    if (count === 0) return Buffer.alloc(0);
    for (;;) {
      const { next } = this.#changed;
      const taken = this.#socket.read(count) as Buffer | null;
      if (taken?.length === count) return taken;
      if (this.#socket.readableEnded || this.#socket.destroyed) throw new Error('the connection is over');
      await next;
    }
  }

  #send(opcode: number, payload: string | Buffer): void {
    const body = Buffer.from(payload);
    const length = Buffer.alloc(body.length < TWO_BYTES ? 0 : 2);
    if (length.length > 0) length.writeUInt16BE(body.length);
    const short = body.length < TWO_BYTES ? body.length : TWO_BYTES;
    // A mask of zeros leaves the payload as it is.
    this.#socket.write(Buffer.concat([Buffer.from([FIN | opcode, MASKED | short]), length, Buffer.alloc(4), body]));
  }
}
