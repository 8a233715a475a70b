import { startService, type ServiceProcess, type ServiceProcessOptions } from '#scripts/start/service-process.ts';
import { superviseService } from '#scripts/start/supervised-service.ts';

/** One process of a service that is started again whenever it ends, as an orchestrator does. */
export interface Replica extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  /** Resolves when it is ready for the first time. */
  readonly ready: Promise<void>;
  /** Of the present run; undefined before the first. */
  readonly pid: number | undefined;
  /** How often it was killed, and how often it ended by itself after it had been ready. */
  readonly kills: number;
  readonly crashes: number;
  /** Ends it without a word. */
  kill(): void;
  /** It neither works nor closes its connections, until it is resumed or killed. */
  pause(): void;
  resume(): void;
}

interface ReplicaOptions extends ServiceProcessOptions {
  readonly name: string;
  readonly port: number;
}

export function startReplica({ name, port, ...options }: ReplicaOptions): Replica {
  let current: ServiceProcess | undefined;
  let killed: number | undefined;
  let wasReady: number | undefined;
  let kills = 0;
  let crashes = 0;
  const supervised = superviseService(() => (current = startService(options)), {
    onReady: () => {
      wasReady = current?.pid;
    },
    onCrash: (how) => {
      options.onLine('stderr', `ended ${how}`);
      // One that cannot start as things are says so by ending.
      if (killed !== current?.pid && wasReady === current?.pid) crashes += 1;
    },
  });
  const signal = (what: NodeJS.Signals): void => {
    if (current?.pid !== undefined) send(current.pid, what);
  };
  return {
    name,
    port,
    ready: supervised.ready,
    get pid() {
      return current?.pid;
    },
    get kills() {
      return kills;
    },
    get crashes() {
      return crashes;
    },
    kill: () => {
      if (killed === current?.pid) return;
      killed = current?.pid;
      kills += 1;
      signal('SIGKILL');
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    [Symbol.asyncDispose]: () => {
      signal('SIGCONT');
      return supervised.stop();
    },
  };
}

/** It may have ended meanwhile. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
