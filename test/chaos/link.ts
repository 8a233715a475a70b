import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP link between callers and the servers that take turns behind it. What links do wrong, it does when told. */
export interface Link extends AsyncDisposable {
  readonly name: string;
  /** On 127.0.0.1. */
  readonly port: number;
  /** Answers that it has lost so far: the request had arrived, and the connection was reset instead. */
  readonly lost: number;
  /** Resets every connection; those of one server only, when its port is given. */
  cut(server?: number): void;
  /** From now on everything arrives so much later, in both directions. */
  delay(ms: number): void;
  /**
   * From now on nothing arrives, and nobody is told. With `halfOpen` the servers have seen the callers leave. Until {@link Link.heal}, which
   * resets what was frozen: as a router does that was restarted, and knows nothing of these connections.
   */
  freeze(halfOpen: boolean): void;
  /** From now on one answer in so many is lost. */
  loseAnswers(oneIn: number): void;
  /** From now on it works. */
  heal(): void;
}

interface LinkOptions {
  readonly name: string;
  readonly port: number;
  /** The ports of the servers that may be asked, the next one first. */
  readonly servers: () => readonly number[];
}

interface Weather {
  delayMs: number;
  frozen: boolean;
  loseOneIn: number;
}

interface Connection {
  readonly client: Socket;
  server: { readonly port: number; readonly socket: Socket } | undefined;
  /** Nothing goes through it any more; the next healing ends it. */
  frozen: boolean;
}

const FINE: Readonly<Weather> = { delayMs: 0, frozen: false, loseOneIn: Infinity };

export async function openLink({ name, port, servers }: LinkOptions): Promise<Link> {
  const connections = new Set<Connection>();
  const weather: Weather = { ...FINE };
  let answers = 0;
  let lost = 0;

  const loses = (): boolean => {
    answers += 1;
    if (answers % weather.loseOneIn !== 0) return false;
    lost += 1;
    return true;
  };

  async function serve(client: Socket): Promise<void> {
    const connection: Connection = { client, server: undefined, frozen: weather.frozen };
    connections.add(connection);
    client.on('error', () => undefined);
    client.on('close', () => {
      connections.delete(connection);
      if (!connection.frozen) connection.server?.socket.destroy();
    });
    if (connection.frozen) return void client.resume();
    const server = await firstOf(servers());
    if (server === undefined || client.destroyed || isFrozen(connection)) {
      server?.socket.destroy();
      if (!isFrozen(connection)) end(connection);
      return;
    }
    connection.server = server;
    carry(connection, server.socket);
  }

  function carry(connection: Connection, server: Socket): void {
    const { client } = connection;
    // A new connection is made for a request, which may not have arrived yet.
    let awaiting = true;
    const toServer = delayed((chunk) => server.write(chunk));
    const toClient = delayed((chunk) => client.write(chunk));
    client.on('data', (chunk) => {
      awaiting = true;
      if (!connection.frozen) toServer(chunk, weather.delayMs);
    });
    server.on('data', (chunk) => {
      if (connection.frozen) return;
      const begins = awaiting;
      awaiting = false;
      if (begins && loses()) end(connection);
      else toClient(chunk, weather.delayMs);
    });
    server.on('close', () => {
      if (connection.frozen) return;
      // What it said last may still be on its way.
      setTimeout(() => end(connection), weather.delayMs);
    });
  }

  const end = ({ client, server }: Connection): void => {
    server?.socket.destroy();
    if (!client.destroyed) client.resetAndDestroy();
  };
  const listener = createServer((client) => void serve(client)).listen(port, '127.0.0.1');
  await once(listener, 'listening');
  return {
    name,
    port,
    get lost() {
      return lost;
    },
    cut: (server) => {
      for (const connection of connections)
        if (!connection.frozen && (server === undefined || connection.server?.port === server)) end(connection);
    },
    delay: (ms) => {
      weather.delayMs = ms;
    },
    freeze: (halfOpen) => {
      weather.frozen = true;
      for (const connection of connections) {
        connection.frozen = true;
        if (halfOpen) connection.server?.socket.destroy();
      }
    },
    loseAnswers: (oneIn) => {
      weather.loseOneIn = oneIn;
    },
    heal: () => {
      Object.assign(weather, FINE);
      for (const connection of connections) if (connection.frozen) end(connection);
    },
    [Symbol.asyncDispose]: async () => {
      for (const connection of connections) end(connection);
      listener.close();
      await once(listener, 'close');
    },
  };
}

/** Asked across an `await`, in which the weather may have changed. */
const isFrozen = ({ frozen }: Connection): boolean => frozen;

/** A connection to the first of them that takes one. */
async function firstOf(ports: readonly number[]): Promise<Connection['server']> {
  for (const port of ports) {
    const socket = connect(port, '127.0.0.1');
    const opened = await new Promise<boolean>((done) => {
      socket.once('connect', () => done(true));
      socket.on('error', () => done(false));
    });
    if (opened) return { port, socket };
  }
  return undefined;
}

/** Writes what it is given so much later, in the order in which it was given. */
function delayed(write: (chunk: Buffer) => unknown): (chunk: Buffer, delayMs: number) => void {
  const waiting: Buffer[] = [];
  return (chunk, delayMs) => {
    if (delayMs === 0 && waiting.length === 0) return void write(chunk);
    waiting.push(chunk);
    // Whichever timer is first, the oldest chunk goes first.
    setTimeout(() => {
      const next = waiting.shift();
      if (next !== undefined) write(next);
    }, delayMs);
  };
}
