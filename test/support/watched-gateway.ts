import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a process holds once its garbage was collected. */
export interface Footprint {
  readonly memoryBytes: number;
  /** How many there are of each kind of what keeps it running: sockets, timers. */
  readonly resources: Readonly<Record<string, number>>;
}

export interface WatchMessage {
  readonly ask?: 'footprint';
  /** From now on so many bytes are kept for each connection that comes: the leak that the test must see. */
  readonly keepPerSocket?: number;
}

/** A gateway in a process of its own that tells what it holds. */
export interface WatchedGateway extends AsyncDisposable {
  readonly url: string;
  footprint(): Promise<Footprint>;
  leak(bytesPerSocket: number): void;
}

const MAIN = fileURLToPath(new URL('watched-gateway-main.ts', import.meta.url));
const QUICK_IMPORTS = new URL('../../scripts/quick-imports.ts', import.meta.url).href;

/** Resolves when it is ready. */
export async function startWatchedGateway(environment: Readonly<Record<string, string>>): Promise<WatchedGateway> {
  const child = fork(MAIN, [], {
    env: { ...environment },
    execArgv: ['--import', QUICK_IMPORTS],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const gone = ended.then(([code]) => {
    throw new Error(`the watched gateway has ended with ${String(code)}`);
  });
  gone.catch(() => undefined);
  await Promise.race([once(child, 'message'), gone]);
  const tell = (message: WatchMessage): void => void child.send(message);
  return {
    url: `http://127.0.0.1:${environment['PORT']}`,
    footprint: async () => {
      tell({ ask: 'footprint' });
      const [footprint] = (await Promise.race([once(child, 'message'), gone])) as [Footprint];
      return footprint;
    },
    leak: (keepPerSocket) => tell({ keepPerSocket }),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
