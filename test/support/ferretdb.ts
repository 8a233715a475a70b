import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from './planted-tree.ts';

/** The MongoDB-compatible server that scripts/ci-servers.sh builds (scripts/ferretdb), if it has. */
export function locateFerretdb(): string | undefined {
  const program = join(projectRoot, '.servers', 'ferretdb');
  return existsSync(program) ? program : undefined;
}

/** Starts one with its databases in `folder`. It ends when it is disposed of, and when this process ends, however it does. */
export async function startFerretdb(
  program: string,
  folder: string,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = spawn(program, ['--data', folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  const lines = createInterface(server.stdout);
  const [url] = (await Promise.race([
    once(lines, 'line'),
    ended.then(([code]) => {
      throw new Error(`FerretDB ended at its start, with ${code}`);
    }),
  ])) as [string];
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      server.stdin.end();
      await ended;
    },
  };
}
