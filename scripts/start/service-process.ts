import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { EXIT_CODES } from './start-problem.ts';

/** One run of a service. It exits by itself when its channel to us closes, so none outlives us. */
export interface ServiceProcess {
  readonly pid: number | undefined;
  /** Resolves when it says it is ready; never, if it does not. */
  readonly ready: Promise<void>;
  readonly ended: Promise<ServiceEnding>;
  /** Asks it to drain and insists after {@link DRAIN_LIMIT_MS}. */
  drain(): void;
  kill(): void;
}

/** How a run ended. A refusal is the service's word that it will not run as it is configured. */
export type ServiceEnding =
  { readonly kind: 'refused'; readonly sentence: string } | { readonly kind: 'crashed'; readonly how: string };

export interface ServiceProcessOptions {
  /** Absolute. */
  readonly entry: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void;
}

const QUICK_IMPORTS = new URL('../quick-imports.ts', import.meta.url).href;
/** Longer than any request may take, so that a drain is not cut short. */
const DRAIN_LIMIT_MS = 15_000;
/** A configuration has fewer problems than this; the rest would be a stack trace. */
const REFUSAL_LINES = 20;

export function startService({ entry, environment, onLine }: ServiceProcessOptions): ServiceProcess {
  const child = fork(entry, [], {
    env: { ...environment },
    execArgv: ['--import', QUICK_IMPORTS],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A process group of its own: Ctrl-C is for us, who drain the services in order.
    detached: process.platform !== 'win32',
  });
  const stderr = readLines(child, onLine);
  let timer: NodeJS.Timeout | undefined;
  const ended = endingOf(child, stderr).finally(() => clearTimeout(timer));
  return {
    pid: child.pid,
    ready: readyOf(child),
    ended,
    drain() {
      child.kill('SIGTERM');
      timer ??= setTimeout(() => child.kill('SIGKILL'), DRAIN_LIMIT_MS);
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

function readLines(child: ChildProcess, onLine: ServiceProcessOptions['onLine']): readonly string[] {
  const stderr: string[] = [];
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => onLine('stdout', line));
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      stderr.push(line);
      if (stderr.length > REFUSAL_LINES) stderr.shift();
      onLine('stderr', line);
    });
  }
  return stderr;
}

function readyOf(child: ChildProcess): Promise<void> {
  return new Promise((done) => {
    child.on('message', (message) => {
      if (typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready') done();
    });
  });
}

/** Its last words may still be in the pipe when it exits; a grandchild may hold that open for ever. */
const LAST_WORDS_MS = 1_000;

function endingOf(child: ChildProcess, stderr: readonly string[]): Promise<ServiceEnding> {
  return new Promise((done) => {
    child.once('error', (error) => done({ kind: 'crashed', how: `because ${error.message}` }));
    child.once('exit', (code, signal) => {
      const finish = (): void => done(describeEnding(code, signal, stderr));
      const timer = setTimeout(finish, LAST_WORDS_MS);
      child.once('close', () => {
        clearTimeout(timer);
        finish();
      });
    });
  });
}

function describeEnding(code: number | null, signal: NodeJS.Signals | null, stderr: readonly string[]): ServiceEnding {
  if (code === EXIT_CODES.configuration) {
    return { kind: 'refused', sentence: stderr.join('\n').trim() || 'it refused its configuration without saying why' };
  }
  return { kind: 'crashed', how: signal === null ? `with exit code ${code}` : `by ${signal}` };
}
