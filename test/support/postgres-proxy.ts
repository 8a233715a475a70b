import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a client and a PostgreSQL server. */
interface PostgresProxy extends AsyncDisposable {
  readonly url: string;
  /** How many connections it has refused so far. */
  readonly refused: number;
  /** Ends its connections as a failing network does. */
  reset(): void;
  /** What it says to new connections instead of the server, before it ends them: an error of this SQLSTATE; nothing with `undefined`. */
  refuse(code: string | undefined): void;
  /** From now on new connections go to the server. */
  admit(): void;
}

export async function openProxy(url: string): Promise<PostgresProxy> {
  const { hostname, port } = new URL(url);
  const clients = new Set<Socket>();
  let refusing = false;
  let refused = 0;
  let refusal: Buffer | undefined;
  const proxy = createServer((client) => {
    clients.add(client);
    client.on('error', () => client.destroy());
    client.on('close', () => clients.delete(client));
    if (refusing) {
      refused += 1;
      if (refusal === undefined) client.resetAndDestroy();
      else client.end(refusal);
      return;
    }
    const server = connect(Number(port), hostname);
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    server.on('error', () => server.destroy());
    client.pipe(server).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const proxied = new URL(url);
  proxied.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return {
    url: proxied.href,
    get refused() {
      return refused;
    },
    reset: () => clients.forEach((client) => client.resetAndDestroy()),
    refuse: (code) => {
      refusing = true;
      refusal = code === undefined ? undefined : fatalError(code);
    },
    admit: () => {
      refusing = false;
    },
    [Symbol.asyncDispose]: async () => {
      clients.forEach((client) => client.destroy());
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

/** An ErrorResponse (PostgreSQL documentation, "Message Formats"): its length counts itself, each field is a letter and a string that ends with a zero. */
function fatalError(code: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0Mthe proxy was told to say so\0\0`);
  const length = Buffer.alloc(4);
  length.writeInt32BE(fields.length + length.length);
  return Buffer.concat([Buffer.from('E'), length, fields]);
}
