import { setTimeout as pause } from 'node:timers/promises';
import { descendantsOf } from './processes.ts';
import { median, table } from './statistics.ts';
import { startSystem, temporaryFolder, type Started } from './system.ts';

const RUNS = 5;
/** By then caches are filled, and what only the start needed has been collected. */
const IDLE_MS = 30_000;
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
