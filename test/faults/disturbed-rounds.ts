import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect } from 'vitest';
import { mintAccessToken } from '#shared/identity/tokens.ts';
import { readSecrets } from '#scripts/start/secrets.ts';
import type { ShownPipeline } from '#scripts/verify/context.ts';
import { openReader } from '#scripts/verify/readers.ts';
import { verify, violationsIn } from '#scripts/verify/verify.ts';
import { REAL_SYSTEM } from '../e2e/start-driver.ts';
import type { Fixture } from '../e2e/start-fixture.ts';
import { placesOf, signInAsAdmin } from '../e2e/started-system.ts';
import { Load } from '../support/load.ts';
import { openLossyProxy } from '../support/lossy-proxy.ts';
import { until } from '../support/poll.ts';
import { newRandom } from '../support/seeded-random.ts';
import { SyncWatcher, toldOfUsers } from '../support/sync-watcher.ts';
import {
  expectClearErrors,
  progress,
  tally,
  tellOf,
  type Disturb,
  type Disturbance,
  type Victim,
} from './disturbances.ts';

/** Clients at once: some always wait for the same product; on two cores more of them only wait for each other. */
const CLIENTS = 8;
/** Often enough that each run recovers some lost answers, seldom enough that the load goes on. */
const LOSE_ONE_IN = 12;
/** Of inventory's answers to the order service: more, since each order has two. */
const GREMLIN_LOSES_ONE_IN = 7;
/** Calls answered before each disturbance and after the last: proof that load is running, and runs again. */
const CALLS_BETWEEN = 12;
/** A saga that was asked late tells its client late. */
const TOLD_WITHIN_MS = 4_000;

const TELL_GREMLIN = `mutation ($input: SetGremlinInput!, $key: ID!) {
  setGremlin(input: $input, idempotencyKey: $key) { gremlin { enabled } }
}`;

interface Rounds {
  /** Everybody in turn, in each of these ways. */
  readonly ways: readonly Disturb[];
  readonly victims: readonly Victim[];
}

/** Disturbs parts of a system under load, and expects that nothing but time was lost. */
export async function disturbUnderLoad(fixture: Fixture, { ways, victims }: Rounds): Promise<void> {
  const system = await fixture.runReady({
    program: REAL_SYSTEM,
    environment: { GREMLIN_ALLOWED: 'true' },
  });
  await tellGremlin(fixture, { enabled: true, everyNth: GREMLIN_LOSES_ONE_IN, dropResponses: true });
  await using proxy = await openLossyProxy({ port: fixture.port, loseOneIn: LOSE_ONE_IN });
  await using watcher = new SyncWatcher(() => signInAsAdmin(fixture));
  const tokenOf = await tokensOf(fixture);
  using load = new Load({ url: proxy.url, clients: CLIENTS, random: newRandom('load'), tokenOf });
  const disturbances: Disturbance[] = [];
  for (const disturb of ways) {
    for (const victim of victims) {
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
  await expectSound(load, fixture);
  const told = await toldOfUsers(places);
  await until(() => watcher.seen.length >= told.length, { what: `${told.length} events at the watcher` });
  expect(watcher.seen, 'a subscriber that resumed has seen all, once and in order').toEqual(told);
  const statuses = await statusesIn(places.databaseUrls.order);
  console.log(
    `${tellOf(disturbances)}; ${load.calls.length} calls, ${load.failures.length} failures, ${proxy.lost()} answers lost, ` +
      `${load.recovered} calls recovered; orders: ${statuses.join(', ')}; ${told.length} events told, ` +
      `the watcher resumed ${watcher.breaks} times; failures ${JSON.stringify(tally(load.failures))}`,
  );
}

/** Every kill was noticed: by an error, or, since an order outlives what it depends on, by one that was not decided at once. */
function expectFelt({ failures, undecidedAt }: Load, disturbances: readonly Disturbance[]): void {
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

/** Tokens as the user service makes them: the load outlives those that it is given. */
async function tokensOf({ data }: Fixture): Promise<(id: string, role: 'CUSTOMER' | 'ADMIN') => Promise<string>> {
  const secrets = await readSecrets(join(data, 'secrets.json'));
  if (secrets === undefined) throw new Error(`${data} has no secrets`);
  return async (id, role) => (await mintAccessToken(secrets.jwtPrivateKey, { id, role }, new Date())).token;
}

const PIPELINES = `{ syncPipelines {
  id counts { committed applied superseded inFlight deadLettered discarded } lag { records seconds }
} }`;
/** Orders are decided within half a minute of the end of all trouble; claims of a killed process lapse after seconds. */
const QUIET_WITHIN_MS = 60_000;

/** Once nothing is on its way any more, every invariant holds, and the pipelines are shown as they are. */
async function expectSound(load: Load, fixture: Fixture): Promise<void> {
  const admin = await signInAsAdmin(fixture);
  const shown = async (): Promise<ShownPipeline[]> => (await admin.ask(PIPELINES)).syncPipelines;
  const report = await verify(await placesOf(fixture), { calls: load.record(), waitMs: QUIET_WITHIN_MS, shown });
  expect(violationsIn(report)).toEqual([]);
  expect(report).toMatchObject({ quiet: true, open: {} });
}

async function statusesIn(orderUrl: string): Promise<string[]> {
  await using order = openReader(orderUrl);
  const rows = await order.rows<{ status: string; many: number }>(
    'SELECT status, count(*)::int AS many FROM orders GROUP BY status',
  );
  return rows.map(({ status, many }) => `${many} ${status}`);
}
