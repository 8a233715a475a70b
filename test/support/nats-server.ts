import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.ts';
import { projectRoot } from './planted-tree.ts';
import { onPath } from './requirements.ts';

export interface NatsProgram {
  readonly path: string;
  readonly version: string;
}

/** The server that scripts/ci-servers.sh builds (scripts/nats-server), and the one on PATH if that is another. */
export function locateNatsServers(): Readonly<Record<'current' | 'older', NatsProgram | undefined>> {
  const built = join(projectRoot, '.servers', 'nats-server');
  const current = existsSync(built) ? programAt(built) : undefined;
  const other = onPath('nats-server');
  const older = other === undefined ? undefined : programAt(other);
  return { current, older: older?.version === current?.version ? undefined : older };
}

function programAt(path: string): NatsProgram {
  return { path, version: /\d+\.\d+\.\d+/.exec(execFileSync(path, ['--version']).toString())?.[0] ?? 'unknown' };
}

/** A server of a test's own, with its own store, that can be stopped in every way and started again on the same port. */
export interface NatsServer extends AsyncDisposable {
  readonly url: string;
  /** The process id of its present run; 0 when it does not run. */
  readonly pid: number;
  /** Starts it, or starts it again, and waits until it serves; from now on with these options, if given. */
  start(options?: readonly string[]): Promise<void>;
  /** Ends it in good order, or at once. */
  stop(how: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Keeps a copy of the store as it is now, while the server is stopped. */
  snapshot(): Promise<void>;
  /** Puts the copy back, while the server is stopped. */
  restore(): Promise<void>;
}

/** The shell kills the server when this process ends, however it does: its own end of the pipe is then closed. */
const GUARDED = 'exec 3<&0; "$@" 2>&1 & pid=$!; echo "pid $pid"; (cat <&3; kill -9 $pid) >/dev/null 2>&1 & wait $pid';
const READY = /Server is ready/;

interface NatsOptions {
  /** For its command line; without any, everybody may use it. */
  readonly options?: readonly string[];
  /** A free one when left out. */
  readonly port?: number;
}

export async function startNatsServer(
  { path }: Pick<NatsProgram, 'path'>,
  { options = [], port: givenPort }: NatsOptions = {},
): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-test-nats-'));
  const [store, copy] = [join(folder, 'store'), join(folder, 'copy')];
  const port = givenPort ?? (await freePort());
  const argv = [path, '--jetstream', '--store_dir', store, '--addr', '127.0.0.1', '--port', String(port)];
  let running: Run | undefined;
  let chosen = options;
  const server: NatsServer = {
    url: `nats://127.0.0.1:${port}`,
    get pid() {
      return running?.pid ?? 0;
    },
    start: async (others = chosen) => {
      chosen = others;
      running = await run([...argv, ...chosen]);
    },
    stop: async (how) => {
      await running?.end(how);
      running = undefined;
    },
    snapshot: async () => {
      // Not over an older one, whose files would be among it.
      await rm(copy, { recursive: true, force: true });
      await cp(store, copy, { recursive: true });
    },
    restore: async () => {
      await rm(store, { recursive: true });
      await cp(copy, store, { recursive: true });
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop('SIGKILL');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  await server.start();
  return server;
}

interface Run {
  readonly pid: number;
  end(how: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

async function run(argv: readonly string[]): Promise<Run> {
  const shell = spawn('sh', ['-c', GUARDED, 'sh', ...argv], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ready = Promise.withResolvers<void>();
  const said: string[] = [];
  let pid = 0;
  createInterface(shell.stdout).on('line', (line) => {
    said.push(line);
    pid ||= Number(/^pid (\d+)$/.exec(line)?.[1] ?? 0);
    if (READY.test(line)) ready.resolve();
  });
  const ended = once(shell, 'exit');
  void ended.then(() => ready.reject(new Error(`nats-server ended at its start:\n${said.join('\n')}`)));
  const end = async (how: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    process.kill(pid, how);
    await ended;
    shell.stdin.end();
  };
  await ready.promise;
  return { pid, end };
}
