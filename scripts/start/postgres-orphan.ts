import { execFile } from 'node:child_process';
import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Account, postgresEnvironment } from './postgres-account.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';

interface OrphanOptions {
  readonly directory: string;
  readonly binaries: PostgresBinaries;
  readonly account: Account;
}

/**
 * Stops the PostgreSQL that still serves this cluster because whoever started it was killed. The caller holds the data
 * directory, so nobody else can be using it. Afterwards the cluster is free, or a start will say why not.
 */
export async function stopOrphan(options: OrphanOptions): Promise<'none' | 'stopped'> {
  const pidFile = join(options.directory, 'postmaster.pid');
  const pid = await readPid(pidFile);
  if (pid === undefined || !isAlive(pid)) return 'none';
  if (!(await mayServe(pid, options.directory))) {
    // A reused process id would keep PostgreSQL from starting; its other safeguard, the shared memory block, still holds.
    await rm(pidFile, { force: true });
    return 'none';
  }
  if (!(await stop(options, 'fast', 10))) await stop(options, 'immediate', 5);
  return 'stopped';
}

async function readPid(pidFile: string): Promise<number | undefined> {
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return pid > 0 ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Where the system tells, whether the process stands in the cluster's folder, as PostgreSQL always does. A zombie stands nowhere. */
async function mayServe(pid: number, directory: string): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(directory));
  } catch {
    return false;
  }
}

const run = promisify(execFile);

async function stop({ directory, binaries, account }: OrphanOptions, mode: string, limitS: number): Promise<boolean> {
  const arguments_ = ['stop', '-D', directory, '-m', mode, '-w', '-t', String(limitS), '-s'];
  try {
    await run(binaries.pgCtl, arguments_, { ...account, cwd: directory, env: postgresEnvironment() });
    return true;
  } catch {
    return false;
  }
}
