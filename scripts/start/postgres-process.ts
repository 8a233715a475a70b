import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { guard } from './guardian.ts';
import { HOST } from './ports.ts';
import { type Account, postgresEnvironment } from './postgres-account.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';

export interface PostgresProcess {
  readonly pid: number;
  /** Resolves when the process has ended, for whatever reason, with the last lines it wrote. */
  readonly ended: Promise<readonly string[]>;
  /** Ends sessions and writes everything down; without patience it leaves that to the next start. May be called again. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
}

export type PostgresSettings = Readonly<Record<string, string | number>>;

export interface PostgresProcessOptions {
  readonly directory: string;
  readonly binaries: PostgresBinaries;
  readonly account: Account;
  readonly port: number;
  readonly settings: PostgresSettings;
  /** Gets each line of the server's log. */
  readonly log: (line: string) => void;
}

/** Enough to tell why a start failed. */
const REMEMBERED_LINES = 40;

/** Six services with pools and a test-suite beside them. Each unused connection costs next to nothing. */
const MAX_CONNECTIONS = 200;

function fixedSettings(port: number): PostgresSettings {
  return { port, listen_addresses: HOST, unix_socket_directories: '', password_encryption: 'scram-sha-256' };
}

/** Fit for a small machine; durability stays as PostgreSQL ships it. */
const DEFAULT_SETTINGS: PostgresSettings = {
  max_connections: MAX_CONNECTIONS,
  // Three worker processes fewer than the default, for reads that are nearly all from memory.
  io_method: 'sync',
  // Compiling takes longer than any of our queries.
  jit: 'off',
  log_checkpoints: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** Starts the server; when it accepts connections is for the caller to find out. */
export function spawnPostgres(options: PostgresProcessOptions): PostgresProcess {
  const { directory, binaries, account } = options;
  const child = spawn(binaries.postgres, ['-D', directory, ...settingArguments(options)], {
    ...account,
    cwd: directory,
    env: postgresEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: Ctrl-C is for us, who stop PostgreSQL when nobody needs it any more.
    detached: true,
  });
  const pid = child.pid;
  const lines = remember(child, options.log);
  const guardian = pid === undefined ? undefined : guard(pid, account);
  const ended = new Promise<readonly string[]>((done) => {
    child.once('error', (error) => done([error.message]));
    child.once('exit', () => guardian?.[Symbol.dispose]());
    child.once('close', () => done(lines));
  });
  return { pid: pid ?? 0, ended, stop: (mode) => stop({ child, ended, mode, options }) };
}

function settingArguments({ port, settings }: PostgresProcessOptions): string[] {
  const all = { ...DEFAULT_SETTINGS, ...settings, ...fixedSettings(port) };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function remember(child: ChildProcess, log: (line: string) => void): readonly string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > REMEMBERED_LINES) lines.shift();
      log(line);
    });
  }
  return lines;
}

/** A fast stop writes a checkpoint, which takes long only on a very slow disk. */
const FAST_STOP_LIMIT_MS = 10_000;
const IMMEDIATE_STOP_LIMIT_MS = 5_000;

interface Stop {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly mode: 'fast' | 'immediate';
  readonly options: PostgresProcessOptions;
}

async function stop({ child, ended, mode, options }: Stop): Promise<void> {
  if (process.platform === 'win32') return stopOnWindows(options, ended, mode);
  if (mode === 'fast') {
    child.kill('SIGINT');
    if (await within(ended, FAST_STOP_LIMIT_MS)) return;
  }
  child.kill('SIGQUIT');
  if (await within(ended, IMMEDIATE_STOP_LIMIT_MS)) return;
  child.kill('SIGKILL');
  await ended;
}

/** Windows knows no signals: `pg_ctl` speaks to PostgreSQL by a pipe instead. */
async function stopOnWindows(
  { binaries, directory }: PostgresProcessOptions,
  ended: Promise<unknown>,
  mode: string,
): Promise<void> {
  await promisify(execFile)(binaries.pgCtl, ['stop', '-D', directory, '-m', mode, '-w'], {
    env: postgresEnvironment(),
  }).catch(() => undefined);
  await ended;
}

/** Whether the promise settles in time. */
async function within(promise: Promise<unknown>, limitMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, limitMs, false);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
