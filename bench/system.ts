import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { descendantsOf } from './processes.ts';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
/** Away from the default, so that a system that is at work stays at work. */
const PORT = 20_900;
/** The panel's last line. */
const READY = /Ctrl-C stops everything/u;

/** The whole system, as a user starts it. */
export interface Started {
  /** The gateway's. */
  readonly port: number;
  /** The data directory. */
  readonly data: string;
  readonly pid: number;
  readonly tookMs: number;
  /** Resolves when everything has ended. */
  stop(): Promise<void>;
}

const dataIn = (folder: string): string => join(folder, 'data');

/** A folder that root's PostgreSQL can reach, removed with its scope. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'lockstep-bench-'));
  await chmod(path, 0o711);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Runs `npm start` with its data in this folder, and resolves when it says that it is ready. */
export async function startSystem(folder: string): Promise<Started> {
  const startedAt = performance.now();
  const argv = ['--prefix', PROJECT, 'start', '--', '--port', String(PORT), '--data-dir', dataIn(folder)];
  const child = spawn('npm', argv, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } });
  let output = '';
  const ready = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (READY.test(output)) ready.resolve();
    });
  }
  const ended = once(child, 'close').then(() => ready.reject(new Error(`npm start ended:\n${output}`)));
  await ready.promise;
  return {
    port: PORT,
    data: dataIn(folder),
    pid: child.pid ?? 0,
    tookMs: performance.now() - startedAt,
    stop: async () => {
      const left = descendantsOf(child.pid ?? 0);
      child.kill('SIGTERM');
      await ended;
      while (left.some(({ pid }) => isAlive(pid))) await pause(50);
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
