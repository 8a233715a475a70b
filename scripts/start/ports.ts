import { createServer } from 'node:net';
import { errorCode, StartProblem } from './start-problem.ts';

/** Everything listens here only: the embedded system is for one machine. */
export const HOST = '127.0.0.1';

const POSTGRES_OFFSET = 11_432;
export const HIGHEST_GATEWAY_PORT = 65_535 - POSTGRES_OFFSET;

/** The port of the embedded PostgreSQL beside a gateway on `gatewayPort`. */
export function postgresPort(gatewayPort: number): number {
  return gatewayPort + POSTGRES_OFFSET;
}

export interface NamedPort {
  readonly name: string;
  readonly port: number;
}

/**
 * Throws a {@link StartProblem} that names each port which cannot be had and who needs it.
 * Waits up to `patienceMs` for taken ones: what a killed system left may still be draining.
 */
export async function requireFreePorts(ports: readonly NamedPort[], patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const problems = (await Promise.all(ports.map(problemOf))).filter((problem) => problem !== undefined);
    if (problems.length === 0) return;
    if (Date.now() >= deadline) {
      throw new StartProblem(`${problems.join(', and ')}; choose other ports with --port.`);
    }
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function problemOf({ name, port }: NamedPort): Promise<string | undefined> {
  const code = await tryToListen(port);
  if (code === undefined) return undefined;
  if (code === 'EADDRINUSE') return `port ${port}, which the ${name} needs, is taken by another program`;
  return `port ${port}, which the ${name} needs, cannot be listened on (${code})`;
}

/** The error code of listening on the port, or undefined when that works. */
function tryToListen(port: number): Promise<string | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', (error) => done(errorCode(error) ?? error.message));
    server.listen({ port, host: HOST, exclusive: true }, () => server.close(() => done(undefined)));
  });
}
