import { expect } from 'vitest';
import { SERVICES } from '#scripts/start/services.ts';
import { pause as pauseFor } from '#shared/retry.ts';
import { descendantRunning, descendantsOf, type Started } from '../e2e/start-driver.ts';
import { unclearAmong } from '../support/clear-errors.ts';
import type { LossyProxy } from '../support/lossy-proxy.ts';
import type { Failure } from '../support/persistent-calls.ts';
import { until } from '../support/poll.ts';

/** What can be disturbed, by what its command line says. */
const COMMANDS = {
  user: 'subgraphs/user/main.ts',
  order: 'subgraphs/order/main.ts',
  inventory: 'subgraphs/inventory/main.ts',
  notification: 'subgraphs/notification/main.ts',
  sync: 'subgraphs/sync/main.ts',
  gateway: 'gateway/main.ts',
  postgres: 'postgres -D',
} as const;
export type Victim = keyof typeof COMMANDS;
/** Whoever joins the system belongs among them: everything else follows. */
export const VICTIMS = Object.keys(COMMANDS) as readonly Victim[];

export interface Disturbance {
  readonly victim: Victim;
  readonly how: 'killed' | 'paused';
  readonly at: number;
  readonly healthyAt: number;
}

/** A way to disturb one part of a system. */
export type Disturb = (victim: Victim, system: Started) => Promise<Disturbance>;

/** A load that is making calls. */
interface Load {
  readonly answered: number;
}

/** Waits until so many more calls are answered: proof that load is running, or runs again. */
export async function progress(load: Load, calls: number, system: Started): Promise<void> {
  const goal = load.answered + calls;
  await until(() => load.answered >= goal, { what: `the load's progress; the system says:\n${system.output()}` });
}

/** Kills outright, and waits until everything is ready again. */
export async function kill(victim: Victim, system: Started): Promise<Disturbance> {
  const pid = descendantRunning(system.pid, COMMANDS[victim]);
  const at = Date.now();
  process.kill(pid, 'SIGKILL');
  const isGone = (): boolean => !descendantsOf(system.pid).some((running) => running.pid === pid);
  await until(isGone, { what: `the end of ${victim}` });
  await allReady(victim, system);
  return { victim, how: 'killed', at, healthyAt: Date.now() };
}

/** Long enough for callers to give up on a service (2 s), short enough for the server not to end statements (15 s). */
const PAUSED_MS = 3_000;

/** Stops a process and all below it for some seconds, as a machine does that swaps or moves; then lets them go on. */
export async function pause(victim: Victim, system: Started): Promise<Disturbance> {
  const pid = descendantRunning(system.pid, COMMANDS[victim]);
  const at = Date.now();
  process.kill(pid, 'SIGSTOP');
  const below = descendantsOf(pid).map((running) => running.pid);
  for (const one of below) signal(one, 'SIGSTOP');
  await pauseFor(PAUSED_MS);
  for (const one of [...below, pid]) signal(one, 'SIGCONT');
  await allReady(victim, system);
  return { victim, how: 'paused', at, healthyAt: Date.now() };
}

/** It may have ended meanwhile. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function allReady(victim: Victim, system: Started): Promise<void> {
  const areReady = async (): Promise<boolean> =>
    (await Promise.all(SERVICES.map(({ portOffset }) => isReady(system.port + portOffset)))).every(Boolean);
  await until(areReady, { what: `the recovery of ${victim}; the system says:\n${system.output()}` });
}

async function isReady(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(3_000) });
  const { status } = (await response.json()) as { status: string };
  return response.ok && status === 'ok';
}

/** A busy machine tells a client late that its connection is gone. */
const NOTICED_WITHIN_MS = 500;

/** Nobody was told less than what to do next, or more than what is theirs to know. */
export function expectClearErrors(
  failures: readonly Failure[],
  { disturbances, proxy }: { readonly disturbances: readonly Disturbance[]; readonly proxy: LossyProxy },
): void {
  expect(unclearAmong(failures)).toEqual([]);
  // No answer at all: lost on purpose, or the gateway itself was down.
  const gatewayWasDown = (at: number): boolean =>
    disturbances.some((one) => one.victim === 'gateway' && at >= one.at && at <= one.healthyAt + NOTICED_WITHIN_MS);
  expect(
    proxy.brokenAt.filter((at) => !gatewayWasDown(at)),
    'connections broken while the gateway was up',
  ).toEqual([]);
  const whileUp = failures.filter(({ kind, at }) => kind === 'connection' && !gatewayWasDown(at));
  expect(whileUp.length, 'calls without an answer while the gateway was up').toBeLessThanOrEqual(proxy.lost());
}

/** How many failures there were of each kind. */
export function tally(failures: readonly Failure[]): Record<string, number> {
  const kinds = failures.flatMap(({ kind, errors }) =>
    errors.length === 0 ? [kind] : errors.map(({ extensions }) => extensions?.code ?? 'none'),
  );
  return Object.fromEntries([...Map.groupBy(kinds, (kind) => kind)].map(([kind, list]) => [kind, list.length]));
}

/** What happened, and how long it took until all was well, for a test's own report. */
export function tellOf(disturbances: readonly Disturbance[]): string {
  return disturbances
    .map(({ victim, how, at, healthyAt }) => `${victim} ${how} (healthy after ${healthyAt - at} ms)`)
    .join(', ');
}
