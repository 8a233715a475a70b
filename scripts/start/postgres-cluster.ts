import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Account, canPassThrough, postgresEnvironment } from './postgres-account.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { errorCode, StartProblem } from './start-problem.ts';
import { syncDirectory } from './write-file-atomically.ts';

/** Whether there is anything in the cluster's folder. Throws a {@link StartProblem} when it may not be read. */
export async function clusterExists(directory: string): Promise<boolean> {
  try {
    return (await readdir(directory)).length > 0;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return false;
    if (code === 'ENOTDIR')
      throw new StartProblem(
        `A file is in the way of the database at ${directory}; move it, or begin anew with --reset.`,
      );
    throw new StartProblem(
      `The database at ${directory} cannot be read (${code ?? 'unknown reason'}): it may belong to another user, or begin anew with --reset.`,
      { cause: error },
    );
  }
}

interface ClusterOptions {
  readonly directory: string;
  readonly binaries: PostgresBinaries;
  readonly account: Account;
}

/** Throws a {@link StartProblem} unless these programs can open the cluster. */
export async function requireUsableCluster({ directory, binaries, account }: ClusterOptions): Promise<void> {
  const version = (await readFile(join(directory, 'PG_VERSION'), 'utf8').catch(() => undefined))?.trim();
  if (version === undefined || version === '') {
    throw new StartProblem(
      `The database at ${directory} is incomplete: it has no PG_VERSION; put a copy of it back, or begin anew with --reset.`,
    );
  }
  if (version !== binaries.major) {
    throw new StartProblem(
      `The database at ${directory} was made by PostgreSQL ${version} and this is ${binaries.version}; go back to a version of Lockstep that brings PostgreSQL ${version}, or begin anew with --reset.`,
    );
  }
  if (!(await canPassThrough(directory, account))) {
    throw new StartProblem(
      `PostgreSQL runs as user ${account.uid} and cannot reach ${directory}; make the folders above it passable (chmod o+x), or begin anew with --reset.`,
    );
  }
}

interface NewClusterOptions extends ClusterOptions {
  readonly superuserPassword: string;
  /** False skips flushing to disk: for clusters that need not survive a power cut. */
  readonly durable: boolean;
  readonly signal?: AbortSignal | undefined;
}

const run = promisify(execFile);

/** Makes the cluster beside its place and moves it there when complete, so that an interruption leaves nothing half-made there. */
export async function makeCluster(options: NewClusterOptions): Promise<void> {
  const { directory, account } = options;
  const parent = dirname(directory);
  await mkdir(parent, { recursive: true });
  await removeLeftovers(directory);
  if (!(await canPassThrough(parent, account))) {
    throw new StartProblem(
      `PostgreSQL runs as user ${account.uid} and cannot reach ${parent}; make it passable (chmod o+x).`,
    );
  }
  const partial = `${directory}.making-${randomUUID()}`;
  try {
    await mkdir(partial, { mode: 0o700 });
    await writeFile(join(partial, 'password'), options.superuserPassword, { mode: 0o600 });
    await give([partial, join(partial, 'password')], account);
    await initialize(options, partial);
    await rename(join(partial, 'cluster'), directory);
  } finally {
    await rm(partial, { recursive: true, force: true, maxRetries: 5 });
  }
  if (options.durable) await syncDirectory(parent);
}

/** An interrupted first start leaves its half-made cluster beside the place. */
async function removeLeftovers(directory: string): Promise<void> {
  const prefix = `${basename(directory)}.making-`;
  const leftovers = (await readdir(dirname(directory))).filter((name) => name.startsWith(prefix));
  await Promise.all(
    leftovers.map((name) => rm(join(dirname(directory), name), { recursive: true, force: true, maxRetries: 5 })),
  );
}

async function give(paths: readonly string[], account: Account): Promise<void> {
  const { uid, gid } = account;
  if (uid !== undefined) await Promise.all(paths.map((path) => chown(path, uid, gid)));
}

async function initialize({ binaries, account, durable, signal }: NewClusterOptions, partial: string): Promise<void> {
  const fixed = '--username=postgres --locale=C --encoding=UTF8 --auth=scram-sha-256 --no-instructions'.split(' ');
  const placed = [`--pgdata=${join(partial, 'cluster')}`, `--pwfile=${join(partial, 'password')}`];
  const options = { ...account, cwd: partial, env: postgresEnvironment(), ...(signal && { signal }) };
  try {
    await run(binaries.initdb, [...fixed, ...placed, ...syncArguments(durable)], options);
  } catch (error) {
    if (signal?.aborted === true || !(error instanceof Error && 'stderr' in error)) throw error;
    const reason = String(error.stderr).trim().split('\n')[0] || error.message;
    throw new StartProblem(`PostgreSQL cannot make its cluster in ${dirname(partial)}: ${reason}.`, { cause: error });
  }
}

function syncArguments(durable: boolean): string[] {
  if (!durable) return ['--no-sync'];
  // One flush of the whole file system takes a fifth of the time of a flush per file; only Linux has it.
  return process.platform === 'linux' ? ['--sync-method', 'syncfs'] : [];
}
