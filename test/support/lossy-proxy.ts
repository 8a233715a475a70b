import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** Stands before an HTTP server and loses some of its answers: the request has arrived, the client never hears of it. */
export interface LossyProxy extends AsyncDisposable {
  /** Its base URL. */
  readonly url: string;
  /** How many answers it has lost so far. */
  readonly lost: () => number;
  /** When (`Date.now()`) a request found no server, or the server was gone before its answer. */
  readonly brokenAt: readonly number[];
  /** From now on it loses nothing. */
  heal(): void;
}

interface LossyProxyOptions {
  readonly port: number;
  /** One answer in this many is lost. */
  readonly loseOneIn: number;
}

/** Opens one before the server on this port of 127.0.0.1. */
export async function openLossyProxy({ port, loseOneIn }: LossyProxyOptions): Promise<LossyProxy> {
  const sockets = new Set<Socket>();
  const brokenAt: number[] = [];
  let answers = 0;
  let lost = 0;
  let healed = false;

  const loses = (): boolean => {
    answers += 1;
    if (healed || answers % loseOneIn !== 0) return false;
    lost += 1;
    return true;
  };

  function serve(client: Socket): void {
    const server = connect(port, '127.0.0.1');
    // A new connection is made for a request, which may not have arrived yet.
    let awaiting = true;
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (chunk) => {
      awaiting = true;
      server.write(chunk);
    });
    client.on('close', () => server.destroy());
    server.on('data', (chunk) => {
      const begins = awaiting;
      awaiting = false;
      if (begins && loses()) {
        server.destroy();
        client.resetAndDestroy();
      } else client.write(chunk);
    });
    server.on('close', () => {
      if (awaiting && !client.destroyed) brokenAt.push(Date.now());
      if (!client.destroyed) client.resetAndDestroy();
    });
  }

  const listener = createServer(serve).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    lost: () => lost,
    brokenAt,
    heal: () => {
      healed = true;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
