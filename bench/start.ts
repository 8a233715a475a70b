import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { descendantsOf } from './processes.ts';
import { median, table } from './statistics.ts';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
/** Away from the default, so that a system that is at work stays at work. */
const PORT = 20_900;
const RUNS = 5;
/** By then caches are filled, and what only the start needed has been collected. */
const IDLE_MS = 30_000;
/** The panel's last line. */
const READY = /Ctrl-C stops everything/u;

interface Started {
  readonly pid: number;
  readonly tookMs: number;
  /** Resolves when everything has ended. */
  stop(): Promise<void>;
}

/** Times `npm start` from the command to the panel's last line, and weighs what then idles. Gives its report as Markdown. */
export async function measureStart(): Promise<string> {
  const times: Record<'first' | 'later', number[]> = { first: [], later: [] };
  let weights = new Map<string, number>();
  for (let run = 1; run <= RUNS; run += 1) {
    await using folder = await temporaryFolder();
    for (const which of ['first', 'later'] as const) {
      const system = await startSystem(folder.path);
      times[which].push(system.tookMs);
      console.error(`run ${run}, ${which} start: ${seconds(system.tookMs)}`);
      if (run === RUNS && which === 'later') weights = await weigh(system);
      await system.stop();
    }
  }
  const rows = Object.entries(times).map(([which, list]) => [
    which,
    seconds(median(list)),
    list.map(seconds).join(', '),
  ]);
  const memory = [...weights].map(([name, bytes]) => [name, `${Math.round(bytes / 2 ** 20)} MiB`]);
  return [
    table(['start', 'median', 'all'], rows),
    `Resident memory ${IDLE_MS / 1_000} s after the start, nobody using it:`,
    table(['process', 'memory'], memory),
  ].join('\n\n');
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'lockstep-bench-'));
  // Root's PostgreSQL runs as another user.
  await chmod(path, 0o711);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

async function startSystem(folder: string): Promise<Started> {
  const startedAt = performance.now();
  const argv = ['--prefix', PROJECT, 'start', '--', '--port', String(PORT), '--data-dir', join(folder, 'data')];
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

/** Bytes by what they are for. */
async function weigh({ pid }: Started): Promise<Map<string, number>> {
  await pause(IDLE_MS);
  const weights = new Map<string, number>();
  for (const { command, memory } of descendantsOf(pid)) {
    const name = nameOf(command);
    if (name !== undefined) weights.set(name, (weights.get(name) ?? 0) + memory);
  }
  return weights;
}

/** Undefined for what is not of the system: npm's shell. */
function nameOf(command: string): string | undefined {
  if (/postgres/u.test(command)) return 'PostgreSQL (all its processes; what they share is counted in each)';
  if (/node\S* \S*scripts\/start\.ts/u.test(command) && !command.startsWith('sh ')) return 'supervisor';
  return /(\w+)\/main\.ts/u.exec(command)?.[1];
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
