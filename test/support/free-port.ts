import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** A TCP port on 127.0.0.1 that nothing listens on just now. */
export async function freePort(): Promise<number> {
  return (await triedPort(0)) ?? (await freePort());
}

/** Below the ports that systems give to connections: what is connected to while nobody listens there must not be given to the one who connects. */
const LOWEST = 10_000;
const HIGHEST = 30_000;

/** A free port for a server that is stopped and started again: none that a connection could be given meanwhile. */
export async function steadyPort(): Promise<number> {
  const wished = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
  return (await triedPort(wished)) ?? (await steadyPort());
}

/** The port, when it can be listened on; undefined when it is taken. */
async function triedPort(wished: number): Promise<number | undefined> {
  const server = createServer().listen(wished, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return undefined;
  }
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
