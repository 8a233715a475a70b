import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DEFAULT_PORT } from '#scripts/start/arguments.ts';
import { requireFreePorts } from '#scripts/start/ports.ts';

/** A started system under test. */
export interface Started {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly port: number;
  readonly ended: Promise<number | string>;
  /** All it has written so far. */
  output(): string;
  /** Resolves when the output matches; rejects with the output when it ends or takes too long before. */
  says(pattern: RegExp): Promise<void>;
  /** What a stand-in service tells about itself, asked until it answers and `accept` agrees. */
  ask(portOffset: number, accept?: (answer: Answer) => boolean): Promise<Answer>;
}

interface Answer {
  readonly pid: number;
  readonly starts: number;
  readonly environment: Readonly<Record<string, string>>;
}

const DEADLINE_MS = 60_000;
const POLL_MS = 25;

/** Asks until the answer is neither undefined nor false; throws with `what` at the deadline. */
export async function eventually<T>(
  what: () => string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`never happened: ${what()}`);
    await pause(POLL_MS);
  }
}

/** A temporary folder that root's PostgreSQL can reach, removed with its scope. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'lockstep-start-'));
  await chmod(path, 0o711);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** A gateway port, below the range the system hands out, whose companions are free too. */
export async function freeGatewayPort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 11_000);
    if (await arePortsFree(port)) return port;
  }
}

/** Are a gateway's port and all that go with it free? */
export function arePortsFree(gatewayPort: number): Promise<boolean> {
  const ports = [0, 1, 2, 3, 4, 5, 11_432].map((offset) => ({ name: 'test', port: gatewayPort + offset }));
  return requireFreePorts(ports, 0).then(
    () => true,
    () => false,
  );
}

export interface StartOptions {
  readonly directory: string;
  readonly port: number;
  /** The program that starts it: with stand-ins for the services unless this is {@link REAL_SYSTEM}. */
  readonly program?: string;
  readonly argv?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const PROGRAM = fileURLToPath(new URL('start-stand-in-system.ts', import.meta.url));
/** What `npm start` runs. */
export const REAL_SYSTEM = fileURLToPath(new URL('../../scripts/start.ts', import.meta.url));

/** Runs the system. */
export function startSystem({
  directory,
  port,
  program = PROGRAM,
  argv = [],
  environment = {},
}: StartOptions): Started {
  return drive(process.execPath, [program, '--port', String(port), '--data-dir', directory, ...argv], {
    port,
    environment,
  });
}

/** Runs it as `npm start` does: by npm and a shell. */
export async function startByNpm({ directory, port }: StartOptions, project: string): Promise<Started> {
  const command = `node --version && node ${JSON.stringify(PROGRAM)} --port ${port} --data-dir ${JSON.stringify(directory)}`;
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ name: 'by-npm', version: '1.0.0', scripts: { start: command } }),
  );
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  return drive('npm', ['--prefix', project, 'start'], { port, environment: { PATH: path } });
}

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** Runs the project's own `npm start`; on the default ports when `port` is undefined. */
export function npmStart(directory: string, port: number | undefined): Started {
  const where = port === undefined ? [] : ['--port', String(port)];
  const options = { port: port ?? DEFAULT_PORT, environment: {} };
  return drive('npm', ['--prefix', PROJECT, 'start', '--', ...where, '--data-dir', directory], options);
}

interface DriveOptions {
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
}

function drive(command: string, argv: readonly string[], { port, environment }: DriveOptions): Started {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  const child = spawn(command, argv, {
    env: { ...inherited, NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<number | string>((done) =>
    child.once('close', (code, signal) => done(code ?? signal ?? 'unknown')),
  );
  return {
    process: child,
    pid: child.pid ?? 0,
    port,
    ended,
    output: () => output,
    says: async (pattern) => {
      await eventually(
        () => `${pattern} in:\n${output}`,
        () => {
          if (pattern.test(output)) return true;
          if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode} before ${pattern}:\n${output}`);
          return false;
        },
      );
    },
    ask: (portOffset, accept = () => true) =>
      eventually(
        () => `an answer of service ${portOffset}; it wrote:\n${output}`,
        async () => {
          const answer = await ask(port + portOffset);
          return answer !== undefined && accept(answer) && answer;
        },
      ),
  };
}

async function ask(port: number): Promise<Answer | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) });
    return response.ok ? ((await response.json()) as Answer) : undefined;
  } catch {
    return undefined;
  }
}

interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every process but zombies: those have ended, and wait for a parent that does not look. */
function runningProcesses(): RunningProcess[] {
  const lines = existsSync('/proc/self/stat')
    ? statusLines()
    : execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,comm=']).toString().split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/u.exec(line) ?? [];
    return pid === undefined || state?.startsWith('Z')
      ? []
      : [{ pid: Number(pid), parent: Number(parent), command: command ?? '' }];
  });
}

function statusLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map((pid) => {
      try {
        const [, command, state, parent] =
          /^\d+ \((.*)\) (\S) (\d+)/su.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        return `${pid} ${parent} ${state} ${command}`;
      } catch {
        return '';
      }
    });
}

/** All that a process has started, directly or not. */
export function descendantsOf(pid: number): RunningProcess[] {
  const all = runningProcesses();
  const below = (parent: number): RunningProcess[] =>
    all.filter((process) => process.parent === parent).flatMap((process) => [process, ...below(process.pid)]);
  return below(pid);
}

/** The process below `pid` whose command line contains `text`. Throws when there is none, or more than one. */
export function descendantRunning(pid: number, text: string): number {
  const matching = descendantsOf(pid).filter((process) => commandLineOf(process.pid).includes(text));
  // For a moment a child that was forked has its parent's command line.
  const found = matching.filter(({ parent }) => !matching.some((process) => process.pid === parent));
  if (found.length !== 1) throw new Error(`${found.length} processes below ${pid} run ${text}`);
  return found[0]?.pid ?? 0;
}

function commandLineOf(pid: number): string {
  try {
    return existsSync('/proc/self/cmdline')
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      : execFileSync('ps', ['-o', 'args=', '-p', String(pid)]).toString();
  } catch {
    return '';
  }
}

/** Resolves when none of them runs any more. */
export async function allGone(processes: readonly RunningProcess[]): Promise<void> {
  const remaining = (): RunningProcess[] => {
    const running = new Set(runningProcesses().map(({ pid }) => pid));
    return processes.filter(({ pid }) => running.has(pid));
  };
  await eventually(
    () =>
      `the end of ${remaining()
        .map(({ pid, command }) => `${command} (${pid})`)
        .join(', ')}`,
    () => remaining().length === 0,
  );
}
