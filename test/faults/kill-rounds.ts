import { expect } from 'vitest';
import type { ShownPipeline } from '#scripts/verify/context.ts';
import { openReader } from '#scripts/verify/readers.ts';
import { verify, violationsIn } from '#scripts/verify/verify.ts';
import { REAL_SYSTEM } from '../e2e/start-driver.ts';
import type { Fixture } from '../e2e/start-fixture.ts';
import { signInAsAdmin, placesOf } from '../e2e/started-system.ts';
import { openLossyProxy } from '../support/lossy-proxy.ts';
import { until } from '../support/poll.ts';
import { SyncWatcher } from '../support/sync-watcher.ts';
import { UserLoad } from '../support/user-load.ts';
import { expectClearErrors, kill, progress, tally, tellOf, type Disturbance, type Victim } from './disturbances.ts';

const VICTIMS: readonly Victim[] = ['user', 'sync', 'gateway', 'postgres'];
/** Clients at once; on two cores more of them only wait for each other's password hashes. */
const CLIENTS = 6;
/** Often enough that each run recovers dozens of lost answers, seldom enough that the load goes on. */
const LOSE_ONE_IN = 15;
/** Calls answered before each kill and after the last: proof that load is running, and runs again. */
const CALLS_BETWEEN_KILLS = 40;

/** Kills each part of a system under load in turn, `rounds` times, and expects that nothing but time was lost. */
export async function killUnderLoad(fixture: Fixture, rounds: number): Promise<void> {
  const system = await fixture.runReady({ program: REAL_SYSTEM });
  await using proxy = await openLossyProxy({ port: fixture.port, loseOneIn: LOSE_ONE_IN });
  await using watcher = new SyncWatcher(() => signInAsAdmin(fixture));
  using load = new UserLoad(proxy.url, CLIENTS);
  const kills: Disturbance[] = [];
  for (const victim of Array.from({ length: rounds }, () => VICTIMS).flat()) {
    await progress(load, CALLS_BETWEEN_KILLS, system);
    kills.push(await kill(victim, system));
  }
  await progress(load, CALLS_BETWEEN_KILLS, system);
  await load.stop();
  proxy.heal();
  const felt = (one: Disturbance): boolean => load.failures.some(({ at }) => at >= one.at && at <= one.healthyAt);
  expect(
    kills.filter((one) => !felt(one)),
    'kills that no client noticed',
  ).toEqual([]);
  expectClearErrors(load.failures, { disturbances: kills, proxy });
  expect(load.recovered, 'calls whose first answer was lost after their effect').toBeGreaterThan(0);

  await load.replayAll();
  expect(load.calls.filter(({ answers }) => answers.at(-1)?.replayed !== true)).toEqual([]);
  await expectSound(load, fixture);
  const told = await toldOfUsers(fixture);
  await expectWatcherSawAll(watcher, told);
  console.log(
    `${tellOf(kills)}; ` +
      `${load.calls.length} calls, ${load.failures.length} failures, ${proxy.lost()} answers lost, ${load.recovered} calls recovered; ` +
      `${told.length} events told; the watcher resumed ${watcher.breaks} times; ` +
      `failures ${JSON.stringify(tally(load.failures))}`,
  );
}

const PIPELINES = `{ syncPipelines {
  id counts { committed applied superseded inFlight deadLettered discarded } lag { records seconds }
} }`;
/** Claims of a killed sync lapse after ten seconds. */
const QUIET_WITHIN_MS = 60_000;

/** Once nothing is on its way any more, every invariant holds, and the pipelines are shown as they are. */
async function expectSound(load: UserLoad, fixture: Fixture): Promise<void> {
  const admin = await signInAsAdmin(fixture);
  const shown = async (): Promise<ShownPipeline[]> => (await admin.ask(PIPELINES)).syncPipelines;
  const report = await verify(await placesOf(fixture), { calls: load.record(), waitMs: QUIET_WITHIN_MS, shown });
  expect(violationsIn(report)).toEqual([]);
  expect(report).toMatchObject({ quiet: true, open: {} });
}

interface Told {
  readonly subject: string;
  readonly version: number;
}

/** What sync has told of users in the system of record, in the order it told it; the version is the target's. */
async function toldOfUsers(fixture: Fixture): Promise<Told[]> {
  await using sync = openReader((await placesOf(fixture)).databaseUrls.sync);
  return await sync.rows<Told>(`
    SELECT subject, (data ->> 'targetVersion')::int AS version FROM outbox
    WHERE data ->> 'entity' = 'USER' AND data ->> 'target' = 'oracle' AND data ->> 'targetVersion' IS NOT NULL ORDER BY position`);
}

/** A subscriber that resumed from its cursor has seen all that sync ever told, once and in order. */
async function expectWatcherSawAll(watcher: SyncWatcher, told: readonly Told[]): Promise<void> {
  await until(() => watcher.seen.length >= told.length, { what: `${told.length} events at the watcher` });
  expect(watcher.seen.map(({ recordId, targetVersion }) => ({ subject: recordId, version: targetVersion }))).toEqual(
    told,
  );
}
