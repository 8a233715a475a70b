import { connect, type Socket } from 'node:net';

interface RawRequest {
  readonly method?: string;
  /** The request target; `/graphql` when left out. */
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** What a server sends to one request, byte by byte. */
export class RawAnswer implements AsyncDisposable {
  readonly socket: Socket;
  readonly #closed = Promise.withResolvers<void>();
  #received = '';
  #arrived = Promise.withResolvers<void>();

  constructor(url: string, { method = 'POST', target = '/graphql', headers = {}, body }: RawRequest) {
    const { hostname, port } = new URL(url);
    const text = body === undefined ? '' : JSON.stringify(body);
    const sent = {
      host: hostname,
      ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      ...headers,
    };
    const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket = connect(Number(port), hostname);
    this.socket.setEncoding('utf8');
    this.socket.on('data', (data: string) => {
      this.#received += data;
      this.#arrived.resolve();
    });
    // What goes wrong shows in what has come.
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.#closed.resolve();
      this.#arrived.resolve();
    });
    this.socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${text}`);
  }

  /** Status line and headers, in lower case. */
  async head(): Promise<string> {
    await this.#until(() => this.#received.includes('\r\n\r\n'), 'a head');
    return this.#received.split('\r\n\r\n', 1)[0]!.toLowerCase();
  }

  /** The chunks of the body so far, when there are at least so many. The last one, empty, says that the body is complete. */
  async chunks(least: number): Promise<string[]> {
    await this.#until(() => chunksOf(this.#received).length >= least, `${least} chunks`);
    return chunksOf(this.#received);
  }

  /** Everything that has come so far. */
  get received(): string {
    return this.#received;
  }

  /** Resolves when the server has closed the connection. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  async #until(there: () => boolean, what: string): Promise<void> {
    while (!there()) {
      if (this.socket.destroyed) throw new Error(`the connection ended before ${what}: ${this.#received}`);
      this.#arrived = Promise.withResolvers<void>();
      await this.#arrived.promise;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }
}

/** Only for bodies of ASCII: chunks are counted in bytes. */
function chunksOf(received: string): string[] {
  let rest = received.slice(received.indexOf('\r\n\r\n') + 4);
  const chunks: string[] = [];
  for (;;) {
    const size = /^([\da-f]+)\r\n/i.exec(rest);
    const length = Number.parseInt(size?.[1] ?? '', 16);
    const from = size?.[0].length ?? 0;
    if (size === null || rest.length < from + length + 2) return chunks;
    chunks.push(rest.slice(from, from + length));
    rest = rest.slice(from + length + 2);
  }
}
