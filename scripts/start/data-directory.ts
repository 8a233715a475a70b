import { chmod, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { holdInstanceLock, type InstanceLock } from './instance-lock.ts';
import { errorCode, StartProblem } from './start-problem.ts';

/** Where the system keeps everything. This process is its only user until it is disposed of. */
export interface DataDirectory extends AsyncDisposable {
  readonly path: string;
  readonly secretsFile: string;
  readonly adminFile: string;
  /** Made by the sync service. */
  readonly oracleFile: string;
  /** E-mails, one .eml file each, where no SMTP server takes them. */
  readonly mailFolder: string;
  readonly jwksDirectory: string;
  readonly compileCache: string;
  /** Where the PostgreSQL cluster stands, unless PostgreSQL's own user cannot reach it here. */
  readonly cluster: string;
  /** Names the cluster's place when it stands elsewhere. */
  readonly clusterIdFile: string;
  /** What ran here last was killed, and may still be ending. */
  readonly lastHolderWasKilled: boolean;
}

/** Makes the folder if needed and takes it for this process. Throws a {@link StartProblem} when that is not possible. */
export async function openDataDirectory(path: string, port: number): Promise<DataDirectory> {
  await makeFolder(path);
  const lock = await holdInstanceLock(path, port);
  try {
    const directory = describe(path, lock);
    await mkdir(directory.jwksDirectory, { recursive: true, mode: 0o700 });
    await mkdir(directory.compileCache, { recursive: true, mode: 0o700 });
    return directory;
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw refuse(path, error);
  }
}

function describe(path: string, lock: InstanceLock): DataDirectory {
  return {
    path,
    secretsFile: join(path, 'secrets.json'),
    adminFile: join(path, 'admin.json'),
    oracleFile: join(path, 'oracle.sqlite'),
    mailFolder: join(path, 'mail'),
    jwksDirectory: join(path, 'jwks'),
    compileCache: join(path, 'compile-cache'),
    cluster: join(path, 'postgres'),
    clusterIdFile: join(path, 'cluster-id'),
    lastHolderWasKilled: lock.lastHolderWasKilled,
    [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
  };
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const made = await mkdir(path, { recursive: true, mode: 0o700 });
    // Root's PostgreSQL runs as another user, who must pass through here to its cluster; the files stay unreadable to it.
    if (made !== undefined && process.getuid?.() === 0) await chmod(path, 0o711);
    if (!(await stat(path)).isDirectory())
      throw new StartProblem(`${path} is not a folder; choose another with --data-dir.`);
    await requireWritable(path);
  } catch (error) {
    throw refuse(path, error);
  }
}

/** Tries it: mode bits do not tell of read-only file systems. */
async function requireWritable(path: string): Promise<void> {
  const probe = join(path, `.writable-${process.pid}`);
  await mkdir(probe);
  await rm(probe, { recursive: true });
}

function refuse(path: string, error: unknown): unknown {
  const code = errorCode(error);
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return new StartProblem(
      `A file is in the way of the data directory ${path}; move it, or choose another folder with --data-dir.`,
      {
        cause: error,
      },
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOSPC') {
    return new StartProblem(`The data directory ${path} cannot be written (${code}); choose another with --data-dir.`, {
      cause: error,
    });
  }
  return error;
}

/** What the system itself writes there; anything else is left alone. */
const OWNED =
  /^((secrets\.json|admin\.json|cluster-id)(\..*\.partial)?|jwks|compile-cache|oracle\.sqlite(-.*)?|postgres(\.making-.*)?)$/u;

/** Empties the directory of what the system keeps there, its lock excepted. Nothing of it may be running. */
export async function emptyDataDirectory(directory: DataDirectory): Promise<void> {
  const names = (await readdir(directory.path)).filter((name) => OWNED.test(name));
  await Promise.all(
    names.map((name) => rm(join(directory.path, name), { recursive: true, force: true, maxRetries: 3 })),
  );
  await mkdir(directory.jwksDirectory, { recursive: true, mode: 0o700 });
  await mkdir(directory.compileCache, { recursive: true, mode: 0o700 });
}
