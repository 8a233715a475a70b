import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { openReader } from '#scripts/verify/readers.ts';
import { verify, violationsIn } from '#scripts/verify/verify.ts';
import { REAL_SYSTEM } from '../e2e/start-driver.ts';
import type { Fixture } from '../e2e/start-fixture.ts';
import { placesOf, signInAsAdmin } from '../e2e/started-system.ts';
import { openLossyProxy } from '../support/lossy-proxy.ts';
import { ShopLoad } from '../support/shop-load.ts';
import {
  expectClearErrors,
  kill,
  pause,
  progress,
  tally,
  tellOf,
  type Disturbance,
  type Victim,
} from './disturbances.ts';

/** Whoever joins the shop belongs here: everything else follows. */
const VICTIMS: readonly Victim[] = ['inventory', 'order', 'notification', 'postgres'];

/** Clients at once: some always wait for the same product. */
const CLIENTS = 8;
/** Often enough that each run recovers some lost answers, seldom enough that the load goes on. */
const LOSE_ONE_IN = 12;
/** Of inventory's answers to the order service: more, since each order has two. */
const GREMLIN_LOSES_ONE_IN = 7;
/** Calls answered before each disturbance and after the last. */
const CALLS_BETWEEN = 15;
/** A saga that was asked late tells its client late. */
const TOLD_WITHIN_MS = 4_000;

const TELL_GREMLIN = `mutation ($input: SetGremlinInput!, $key: ID!) {
  setGremlin(input: $input, idempotencyKey: $key) { gremlin { enabled } }
}`;

/** Kills and pauses each part of a shop under load in turn, `rounds` times, and expects that nothing but time was lost. */
export async function disturbShop(fixture: Fixture, rounds: number): Promise<void> {
  const system = await fixture.runReady({ program: REAL_SYSTEM, environment: { GREMLIN_ALLOWED: 'true' } });
  await tellGremlin(fixture, { enabled: true, everyNth: GREMLIN_LOSES_ONE_IN, dropResponses: true });
  await using proxy = await openLossyProxy({ port: fixture.port, loseOneIn: LOSE_ONE_IN });
  using load = new ShopLoad(proxy.url, CLIENTS);
  const disturbances: Disturbance[] = [];
  for (const disturb of Array.from({ length: rounds }, () => [kill, pause]).flat()) {
    for (const victim of VICTIMS) {
      await progress(load, CALLS_BETWEEN, system);
      disturbances.push(await disturb(victim, system));
    }
  }
  await progress(load, CALLS_BETWEEN, system);
  const places = await placesOf(fixture);
  const underWay = await verify(places, { calls: load.record() });
  expect(violationsIn(underWay), 'what holds at any moment').toEqual([]);
  await load.stop();
  proxy.heal();
  await tellGremlin(fixture, { enabled: false });

  expectFelt(load, disturbances);
  expectClearErrors(load.failures, { disturbances, proxy });
  expect(load.recovered, 'calls whose first answer was lost after their effect').toBeGreaterThan(0);
  await load.replayAll();
  expect(load.calls.filter(({ answers }) => answers.at(-1)?.replayed !== true)).toEqual([]);
  const report = await verify(places, { calls: load.record(), waitMs: QUIET_WITHIN_MS });
  expect(violationsIn(report)).toEqual([]);
  expect(report).toMatchObject({ quiet: true, open: {} });
  const statuses = await statusesIn(places.databaseUrls.order);
  console.log(
    `${tellOf(disturbances)}; ${load.calls.length} calls, ${load.failures.length} failures, ${proxy.lost()} answers lost, ` +
      `${load.recovered} calls recovered; orders: ${statuses.join(', ')}; failures ${JSON.stringify(tally(load.failures))}`,
  );
}

/** Every kill was noticed: by an error, or, since an order outlives what it depends on, by one that was not decided at once. */
function expectFelt({ failures, undecidedAt }: ShopLoad, disturbances: readonly Disturbance[]): void {
  const times = [...failures.map(({ at }) => at), ...undecidedAt];
  const felt = ({ at, healthyAt }: Disturbance): boolean =>
    times.some((time) => time >= at && time <= healthyAt + TOLD_WITHIN_MS);
  expect(
    disturbances.filter((one) => one.how === 'killed' && !felt(one)),
    'kills that no client noticed',
  ).toEqual([]);
}

async function tellGremlin(fixture: Fixture, input: Readonly<Record<string, unknown>>): Promise<void> {
  const admin = await signInAsAdmin(fixture);
  await admin.ask(TELL_GREMLIN, { input, key: randomUUID() });
}

/** Orders are decided within half a minute of the end of all trouble; claims of a killed sync lapse after ten seconds. */
const QUIET_WITHIN_MS = 60_000;

async function statusesIn(orderUrl: string): Promise<string[]> {
  await using order = openReader(orderUrl);
  const rows = await order.rows<{ status: string; many: number }>(
    'SELECT status, count(*)::int AS many FROM orders GROUP BY status',
  );
  return rows.map(({ status, many }) => `${many} ${status}`);
}
