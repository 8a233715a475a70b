import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import connect from 'postgres';
import { HOST } from './ports.ts';
import { accountFor } from './postgres-account.ts';
import { runnablePostgres } from './postgres-binaries.ts';
import { clusterExists, makeCluster, requireUsableCluster } from './postgres-cluster.ts';
import { stopOrphan } from './postgres-orphan.ts';
import {
  type PostgresProcess,
  type PostgresProcessOptions,
  type PostgresSettings,
  spawnPostgres,
} from './postgres-process.ts';
import { errorCode, StartProblem } from './start-problem.ts';

/** A PostgreSQL server of our own, accepting connections. Disposing of it stops it; it never outlives this process. */
export interface EmbeddedPostgres extends AsyncDisposable {
  /** Such as `18.4`. */
  readonly version: string;
  readonly port: number;
  /** The process id of the server. */
  readonly pid: number;
  /** The cluster was made by this opening. */
  readonly created: boolean;
  /** A server that someone killed had left running was stopped first. */
  readonly tookOver: boolean;
  /** Resolves when the server has ended, for whatever reason, with the last lines of its log. */
  readonly ended: Promise<readonly string[]>;
  /** A connection URL; the superuser's unless a user and password are given. */
  url(database: string, user?: string, password?: string): string;
  /** Stops at once and leaves the tidying to the next opening. */
  kill(): Promise<void>;
}

export interface PostgresOptions {
  /** The cluster's folder: absent, empty or a cluster. As root, another user must be able to reach the folder above it. */
  readonly directory: string;
  readonly port: number;
  /** The password the cluster was, or will be, made with. When absent one is made up, which only fits a new cluster. */
  readonly superuserPassword?: string;
  /** Gets each line of the server's log. */
  readonly log?: (line: string) => void;
  /** Server settings over the defaults, such as `{ fsync: 'off' }`, which also makes the cluster without flushing it. */
  readonly settings?: PostgresSettings;
  /** Aborting ends a start that is under way; a started server is not affected. */
  readonly signal?: AbortSignal;
}

/**
 * Opens the cluster in `directory`, making it first if there is none. The caller must be its only user: a server that still
 * runs on it is stopped. Throws a `StartProblem` of one sentence when that is not possible as things are.
 */
export async function openPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { directory, port, settings = {}, log = () => undefined, signal } = options;
  const superuserPassword = options.superuserPassword ?? randomBytes(18).toString('base64url');
  const account = await accountFor(directory);
  const binaries = await runnablePostgres(account);
  const place = { directory, binaries, account };
  const created = !(await clusterExists(directory));
  if (created) {
    await makeCluster({ ...place, superuserPassword, durable: settings['fsync'] !== 'off', signal });
  } else {
    await requireUsableCluster(place);
  }
  const tookOver = !created && (await stopOrphan(place)) === 'stopped';
  const url = (database: string, user = 'postgres', password = superuserPassword): string =>
    `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${HOST}:${port}/${encodeURIComponent(database)}`;
  const server = await start({ ...place, port, settings, log }, url('postgres'), signal);
  return {
    version: binaries.version,
    port,
    pid: server.pid,
    created,
    tookOver,
    ended: server.ended,
    url,
    kill: () => server.stop('immediate'),
    [Symbol.asyncDispose]: () => server.stop('fast'),
  };
}

/** How long the remains of a killed server may keep its memory: its children notice within a moment, on a busy machine later. */
const REMAINS_LIMIT_MS = 10_000;
const REMAINS = /pre-existing shared memory block|lock file "postmaster\.pid" already exists/u;

async function start(
  options: PostgresProcessOptions,
  url: string,
  signal: AbortSignal | undefined,
): Promise<PostgresProcess> {
  const deadline = Date.now() + REMAINS_LIMIT_MS;
  for (;;) {
    signal?.throwIfAborted();
    const server = spawnPostgres(options);
    const outcome = await awaitReady(server, url, signal);
    if (outcome === 'ready') return server;
    const text = outcome.join('\n');
    if (!REMAINS.test(text) || Date.now() > deadline) throw startProblem(options, outcome);
    await pause(100);
  }
}

function startProblem({ port, directory }: PostgresProcessOptions, lines: readonly string[]): StartProblem {
  if (lines.some((line) => line.includes('Address already in use'))) {
    return new StartProblem(
      `port ${port}, which PostgreSQL needs, is taken by another program; choose other ports with --port.`,
    );
  }
  const telling = lines.findLast((line) => /(FATAL|PANIC|ERROR): /u.test(line)) ?? lines.at(-1) ?? 'it said nothing';
  return new StartProblem(
    `PostgreSQL does not start on ${directory}: ${telling.replace(/^.*?(?=FATAL|PANIC|ERROR)/u, '')}`,
  );
}

/** Recovery after a crash reads at most what `max_wal_size` lets pile up. */
const READY_LIMIT_MS = 120_000;
const READY_POLL_MS = 20;

/** Waits for a real connection; gives the server's last lines when it ended instead. */
async function awaitReady(
  server: PostgresProcess,
  url: string,
  signal: AbortSignal | undefined,
): Promise<'ready' | readonly string[]> {
  const deadline = Date.now() + READY_LIMIT_MS;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const outcome = await Promise.race([server.ended, tryToConnect(url)]);
      if (outcome !== 'not yet') return outcome;
      if (Date.now() > deadline)
        throw new StartProblem('PostgreSQL does not accept connections; its log may tell why.');
      await pause(READY_POLL_MS);
    }
  } catch (error) {
    await server.stop('fast');
    throw error;
  }
}

const WRONG_PASSWORD = '28P01';

async function tryToConnect(url: string): Promise<'ready' | 'not yet'> {
  const sql = connect(url, { max: 1, connect_timeout: 5, onnotice: () => undefined });
  try {
    await sql`select 1`;
    return 'ready';
  } catch (error) {
    if (errorCode(error) !== WRONG_PASSWORD) return 'not yet';
    throw new StartProblem(
      'The kept password does not fit the database: put back the secrets.json that belongs to it, or begin anew with --reset.',
      {
        cause: error,
      },
    );
  } finally {
    await sql.end({ timeout: 0 });
  }
}
