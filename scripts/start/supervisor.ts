import { resolve } from 'node:path';
import { HOST } from './ports.ts';
import { environmentOf, type System } from './service-environment.ts';
import { startService } from './service-process.ts';
import type { ServiceEntry } from './services.ts';
import { StartProblem } from './start-problem.ts';
import { type SupervisedService, superviseService } from './supervised-service.ts';
import type { Terminal } from './terminal.ts';

/** Every service of the system, kept running. Disposing of it drains the gateway first, then the subgraphs together. */
export interface Supervisor extends AsyncDisposable {
  /** Resolves when each has been ready once. */
  readonly ready: Promise<void>;
  /** Rejects with a {@link StartProblem} when a service refuses its configuration; never resolves. */
  readonly refusal: Promise<never>;
  /** Ends all at once. */
  kill(): void;
}

interface SupervisorOptions {
  readonly system: System;
  readonly projectDirectory: string;
  readonly terminal: Terminal;
}

/** A service that says nothing for this long is worth a line. */
const REMINDER_MS = 15_000;

/** Starts all services together: they migrate their own databases and wait for one another. */
export function superviseServices(options: SupervisorOptions): Supervisor {
  const { services } = options.system;
  const supervised = services.map((entry) => ({ entry, service: supervise(entry, options) }));
  const waiting = new Set(services.map(({ name }) => name));
  for (const { entry, service } of supervised) void service.ready.then(() => waiting.delete(entry.name));
  const reminder = setInterval(() => {
    if (waiting.size > 0) options.terminal.warn(`still waiting for ${[...waiting].join(', ')} to be ready`);
  }, REMINDER_MS);
  const stopAll = (kind: ServiceEntry['kind']): Promise<unknown> =>
    Promise.all(supervised.filter(({ entry }) => entry.kind === kind).map(({ service }) => service.stop()));
  return {
    ready: Promise.all(supervised.map(({ service }) => service.ready)).then(() => undefined),
    refusal: Promise.race(supervised.map(({ entry, service }) => refusalOf(entry, service))),
    kill: () => supervised.forEach(({ service }) => service.kill()),
    async [Symbol.asyncDispose]() {
      clearInterval(reminder);
      await stopAll('gateway');
      await stopAll('subgraph');
    },
  };
}

async function refusalOf(entry: ServiceEntry, service: SupervisedService): Promise<never> {
  throw new StartProblem(`${entry.name} cannot run as it is configured: ${await service.refused}`);
}

function supervise(entry: ServiceEntry, { system, projectDirectory, terminal }: SupervisorOptions): SupervisedService {
  const process_ = {
    entry: resolve(projectDirectory, entry.entry),
    environment: environmentOf(entry, system),
    onLine: (stream: 'stdout' | 'stderr', line: string) => terminal.serviceLine(entry.name, stream, line),
  };
  return superviseService(() => startService(process_), {
    onReady: (tookMs) =>
      terminal.done(`${entry.name} on http://${HOST}:${system.gatewayPort + entry.portOffset}`, tookMs),
    onCrash: (how, delayMs) =>
      terminal.warn(`${entry.name} ended ${how}; it is started again in ${(delayMs / 1_000).toFixed(1)} s`),
  });
}
