import { openPostgres, type EmbeddedPostgres, type PostgresOptions } from '#scripts/start/postgres.ts';
import { descendantsOf } from '../e2e/start-driver.ts';
import { send } from './replica.ts';

/** PostgreSQL, as something that is killed and paused. */
export interface Database extends AsyncDisposable {
  readonly kills: number;
  url(name: string): string;
  /** Ends the server without a word, and starts it again; resolves when it takes connections. */
  kill(): Promise<void>;
  /** The server and all its processes neither work nor close their connections. */
  pause(): void;
  resume(): void;
}

export async function openDatabase(options: PostgresOptions): Promise<Database> {
  let server: EmbeddedPostgres = await openPostgres(options);
  let paused: number[] = [];
  let kills = 0;
  const resume = (): void => {
    for (const pid of paused.splice(0).toReversed()) send(pid, 'SIGCONT');
  };
  return {
    get kills() {
      return kills;
    },
    url: (name) => server.url(name),
    kill: async () => {
      kills += 1;
      send(server.pid, 'SIGKILL');
      resume();
      await server.ended;
      server = await openPostgres(options);
    },
    pause: () => {
      // First the one that would start others.
      send(server.pid, 'SIGSTOP');
      paused = [server.pid, ...descendantsOf(server.pid).map(({ pid }) => pid)];
      for (const pid of paused) send(pid, 'SIGSTOP');
    },
    resume,
    [Symbol.asyncDispose]: () => {
      resume();
      return server[Symbol.asyncDispose]();
    },
  };
}
