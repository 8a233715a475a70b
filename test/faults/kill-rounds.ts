import { expect } from 'vitest';
import { descendantRunning, descendantsOf, REAL_SYSTEM, type Started } from '../e2e/start-driver.ts';
import type { Fixture } from '../e2e/start-fixture.ts';
import { signInAsAdmin, placesOf } from '../e2e/started-system.ts';
import { breachesOf, loadFacts, type Facts } from '../support/invariants.ts';
import { openLossyProxy, type LossyProxy } from '../support/lossy-proxy.ts';
import { until } from '../support/poll.ts';
import { SyncWatcher } from '../support/sync-watcher.ts';
import { UserLoad, type Failure } from '../support/user-load.ts';

const VICTIMS = ['user', 'sync', 'gateway', 'postgres'] as const;
type Victim = (typeof VICTIMS)[number];

interface Kill {
  readonly victim: Victim;
  readonly at: number;
  readonly healthyAt: number;
}

/** Clients at once; on two cores more of them only wait for each other's password hashes. */
const CLIENTS = 6;
/** Often enough that each run recovers dozens of lost answers, seldom enough that the load goes on. */
const LOSE_ONE_IN = 15;
/** Calls answered before each kill and after the last: proof that load is running, and runs again. */
const CALLS_BETWEEN_KILLS = 40;

/** A busy machine tells a client late that its connection is gone. */
const NOTICED_WITHIN_MS = 500;

const CLEAR_CODES = new Set(['SUBGRAPH_UNAVAILABLE', 'TIMEOUT', 'IDEMPOTENCY_IN_PROGRESS']);
/** Stack frames, files, SQL, addresses and what drivers say. */
const INTERNALS =
  /\bat \S+ \(|node_modules|\.ts\b|\b(select|insert|update|delete)\b.*\b(from|into|set)\b|postgres:|\bE[A-Z]{5,}\b|127\.0\.0\.1|relation "/;

/** Kills each part of a system under load in turn, `rounds` times, and expects that nothing but time was lost. */
export async function killUnderLoad(fixture: Fixture, rounds: number): Promise<void> {
  const system = await fixture.runReady({ program: REAL_SYSTEM });
  await using proxy = await openLossyProxy({ port: fixture.port, loseOneIn: LOSE_ONE_IN });
  await using watcher = new SyncWatcher(() => signInAsAdmin(fixture));
  const load = new UserLoad(proxy.url, CLIENTS);
  const kills: Kill[] = [];
  for (const victim of Array.from({ length: rounds }, () => VICTIMS).flat()) {
    await progress(load, system);
    kills.push(await kill(victim, system, fixture));
  }
  await progress(load, system);
  await load.stop();
  proxy.heal();
  const felt = (one: Kill): boolean => load.failures.some(({ at }) => at >= one.at && at <= one.healthyAt);
  expect(
    kills.filter((one) => !felt(one)),
    'kills that no client noticed',
  ).toEqual([]);
  expectClearErrors(load.failures, { kills, proxy });
  expect(load.recovered, 'calls whose first answer was lost after their effect').toBeGreaterThan(0);

  await load.replayAll();
  expect(load.calls.filter(({ answers }) => answers.at(-1)?.replayed !== true)).toEqual([]);
  const facts = await quietFacts(load, fixture);
  expect(breachesOf(facts)).toEqual([]);
  await expectWatcherSawAll(watcher, facts);
  console.log(
    `killed ${kills.map(({ victim, at, healthyAt }) => `${victim} (healthy after ${healthyAt - at} ms)`).join(', ')}; ` +
      `${load.calls.length} calls, ${load.failures.length} failures, ${proxy.lost()} answers lost, ${load.recovered} calls recovered; ` +
      `${facts.users.length} users, ${facts.outbox.length} events; the watcher resumed ${watcher.breaks} times; ` +
      `failures ${JSON.stringify(tally(load.failures))}`,
  );
}

async function progress(load: UserLoad, system: Started): Promise<void> {
  const goal = load.answered + CALLS_BETWEEN_KILLS;
  await until(() => load.answered >= goal, { what: `the load's progress; the system says:\n${system.output()}` });
}

/** Kills outright, and waits until everything is ready again. */
async function kill(victim: Victim, system: Started, fixture: Fixture): Promise<Kill> {
  const pid = pidOf(victim, system);
  const at = Date.now();
  process.kill(pid, 'SIGKILL');
  const isGone = (): boolean => !descendantsOf(system.pid).some((running) => running.pid === pid);
  await until(isGone, { what: `the end of ${victim}` });
  const areReady = async (): Promise<boolean> =>
    (await Promise.all([0, 1, 5].map((offset) => isReady(fixture.port + offset)))).every(Boolean);
  await until(areReady, { what: `the recovery of ${victim}; the system says:\n${system.output()}` });
  return { victim, at, healthyAt: Date.now() };
}

function pidOf(victim: Victim, system: Started): number {
  switch (victim) {
    case 'user':
    case 'sync':
      return descendantRunning(system.pid, `subgraphs/${victim}/main.ts`);
    case 'gateway':
      return descendantRunning(system.pid, 'gateway/main.ts');
    case 'postgres':
      return descendantRunning(system.pid, 'postgres -D');
  }
}

async function isReady(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(3_000) });
  const { status } = (await response.json()) as { status: string };
  return response.ok && status === 'ok';
}

const PIPELINE = `{ syncPipeline(id: "users-to-oracle") {
  counts { committed applied superseded inFlight deadLettered } lag { records seconds }
} }`;

/** What is kept once nothing is on its way any more; claims of a killed sync lapse after ten seconds. */
async function quietFacts({ calls }: UserLoad, fixture: Fixture): Promise<Facts> {
  const places = await placesOf(fixture);
  const admin = await signInAsAdmin(fixture);
  const look = async (): Promise<Facts> => {
    const { syncPipeline } = await admin.ask(PIPELINE);
    return { ...(await loadFacts(places)), calls, pipeline: syncPipeline };
  };
  // Not yet quiet, or wrong for ever: the caller's claim tells.
  await until(async () => breachesOf(await look()).length === 0).catch(() => undefined);
  return look();
}

/** Nobody was told less than what to do next, or more than what is theirs to know. */
function expectClearErrors(failures: readonly Failure[], { kills, proxy }: { kills: Kill[]; proxy: LossyProxy }): void {
  const errors = failures.flatMap((failure) => failure.errors);
  expect(errors.filter(({ extensions }) => !CLEAR_CODES.has(extensions?.code ?? 'none'))).toEqual([]);
  expect(errors.filter((error) => INTERNALS.test(JSON.stringify(error)))).toEqual([]);
  expect(failures.filter(({ kind }) => kind === 'other')).toEqual([]);
  // No answer at all: lost on purpose, or the gateway itself was down.
  const gatewayWasDown = (at: number): boolean =>
    kills.some((one) => one.victim === 'gateway' && at >= one.at && at <= one.healthyAt + NOTICED_WITHIN_MS);
  expect(
    proxy.brokenAt.filter((at) => !gatewayWasDown(at)),
    'connections broken while the gateway was up',
  ).toEqual([]);
  const whileUp = failures.filter(({ kind, at }) => kind === 'connection' && !gatewayWasDown(at));
  expect(whileUp.length, 'calls without an answer while the gateway was up').toBeLessThanOrEqual(proxy.lost());
}

/** How many failures there were of each kind. */
function tally(failures: readonly Failure[]): Record<string, number> {
  const kinds = failures.flatMap(({ kind, errors }) =>
    errors.length === 0 ? [kind] : errors.map(({ extensions }) => extensions?.code ?? 'none'),
  );
  return Object.fromEntries([...Map.groupBy(kinds, (kind) => kind)].map(([kind, list]) => [kind, list.length]));
}

/** A subscriber that resumed from its cursor has seen all that sync ever told, once and in order. */
async function expectWatcherSawAll(watcher: SyncWatcher, { told }: Pick<Facts, 'told'>): Promise<void> {
  await until(() => watcher.seen.length >= told.length, { what: `${told.length} events at the watcher` });
  expect(watcher.seen.map(({ recordId, targetVersion }) => ({ subject: recordId, version: targetVersion }))).toEqual(
    told.map(({ subject, version }) => ({ subject, version })),
  );
}
