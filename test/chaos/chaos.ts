import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateNatsServers } from '../support/nats-server.ts';
import { ChaosProblem, HELP, readChaosArguments } from './arguments.ts';
import { isSound, renderChaos } from './report.ts';
import { runChaos } from './run.ts';

/** Runs as the command line says, and prints what came of it; gives the exit code. */
async function chaos(argv: readonly string[]): Promise<number> {
  const { help, ...given } = readChaosArguments(argv);
  if (help) {
    console.log(HELP);
    return 0;
  }
  const { current, older } = locateNatsServers();
  const nats = current ?? older;
  if (nats === undefined) throw new ChaosProblem('There is no nats-server: scripts/ci-servers.sh builds one.');
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-chaos-'));
  // PostgreSQL runs as another user when we are root.
  await chmod(folder, 0o711);
  console.log(`seed ${given.seed}: ${given.minutes} minutes`);
  const tell = (line: string): void => console.log(line);
  const durationMs = given.minutes * 60_000;
  const report = await runChaos({ ...given, durationMs, folder, nats, stopping: stopping.signal, tell });
  console.log(`\n${renderChaos(report)}`);
  if (!isSound(report)) return 1;
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  return 0;
}

try {
  process.exitCode = await chaos(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ChaosProblem)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
