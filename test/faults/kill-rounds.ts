import { expect } from 'vitest';
import { REAL_SYSTEM } from '../e2e/start-driver.ts';
import type { Fixture } from '../e2e/start-fixture.ts';
import { signInAsAdmin, placesOf } from '../e2e/started-system.ts';
import { breachesOf, loadFacts, type Facts } from '../support/invariants.ts';
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
  const facts = await quietFacts(load, fixture);
  expect(breachesOf(facts)).toEqual([]);
  await expectWatcherSawAll(watcher, facts);
  console.log(
    `${tellOf(kills)}; ` +
      `${load.calls.length} calls, ${load.failures.length} failures, ${proxy.lost()} answers lost, ${load.recovered} calls recovered; ` +
      `${facts.users.length} users, ${facts.outbox.length} events; the watcher resumed ${watcher.breaks} times; ` +
      `failures ${JSON.stringify(tally(load.failures))}`,
  );
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

/** A subscriber that resumed from its cursor has seen all that sync ever told, once and in order. */
async function expectWatcherSawAll(watcher: SyncWatcher, { told }: Pick<Facts, 'told'>): Promise<void> {
  await until(() => watcher.seen.length >= told.length, { what: `${told.length} events at the watcher` });
  expect(watcher.seen.map(({ recordId, targetVersion }) => ({ subject: recordId, version: targetVersion }))).toEqual(
    told.map(({ subject, version }) => ({ subject, version })),
  );
}
