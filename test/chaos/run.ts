import { pause } from '#shared/retry.ts';
import type { ShownPipeline } from '#scripts/verify/context.ts';
import { openReader } from '#scripts/verify/readers.ts';
import { verify } from '#scripts/verify/verify.ts';
import { TestClient } from '../support/client.ts';
import { unclearAmong } from '../support/clear-errors.ts';
import { Load } from '../support/load.ts';
import { openLossyProxy } from '../support/lossy-proxy.ts';
import type { NatsProgram } from '../support/nats-server.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { disorderedIn, missedBy, repeatedBy, SyncWatcher, toldOfUsers } from '../support/sync-watcher.ts';
import { openCluster, type Cluster } from './cluster.ts';
import type { ChaosReport } from './report.ts';
import { storm, type Dealt } from './storm.ts';

export interface ChaosOptions {
  readonly durationMs: number;
  readonly seed: number;
  readonly clients: number;
  /** Where the system's data and logs are kept. */
  readonly folder: string;
  readonly nats: NatsProgram;
  /** Aborting ends the storm early; what has happened is checked all the same. */
  readonly stopping: AbortSignal;
  readonly tell: (line: string) => void;
}

const WATCHERS = 3;
/** Often enough that answers are lost all the time, not only in blows. */
const CLIENTS_LOSE_ONE_IN = 15;
/** Everything restarts within seconds; a machine with two cores and a dozen processes may take its time. */
const HEALED_WITHIN_MS = 120_000;
/** What is promised is 30 s; the report says how long it took. */
const DECIDED_WITHIN_MS = 60_000;
const QUIET_WITHIN_MS = 120_000;
/** A run of half an hour makes some ten thousand calls; these are asked again in the end. */
const REPLAYED_CALLS = 2_000;
const EXAMPLES = 20;

/** Starts a system, disturbs it under load, heals it, waits until it rests, and looks for what went wrong. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { durationMs, seed, clients, stopping, tell } = options;
  const random = seededRandom(seed);
  const startedAt = Date.now();
  const say = (what: string): void => tell(`${seconds(Date.now() - startedAt)}: ${what}`);
  await using cluster = await openCluster(options);
  say(`the system is ready; its logs are in ${options.folder}`);
  await using scope = new AsyncDisposableStack();
  const watchers = Array.from({ length: WATCHERS }, () => scope.use(new SyncWatcher(() => signIn(cluster))));
  const lossy = scope.use(await openLossyProxy({ port: cluster.port, loseOneIn: CLIENTS_LOSE_ONE_IN }));
  using load = new Load({ url: lossy.url, clients, random: seededRandom(seed + 1), tokenOf: cluster.tokenOf });
  const dealt: Dealt[] = [];
  const onDealt = (blow: Dealt): void => {
    dealt.push(blow);
    say(`${blow.name} (${seconds(blow.forMs)}); ${load.answered} calls answered`);
  };
  await storm({ cluster, random, durationMs, stopping, onDealt });
  lossy.heal();
  const rest = await comeToRest(cluster, load, say);
  await load.replaySome(REPLAYED_CALLS);
  const seen = await lookAtAll(cluster, load, watchers);
  return {
    ...seen,
    seed,
    ranMs: Date.now() - startedAt,
    tally: load.tally,
    calls: load.calls.length,
    recovered: load.recovered,
    dealt,
    kills: killsIn(cluster),
    answersLost: cluster.links.reduce((sum, { lost }) => sum + lost, lossy.lost()),
    breaks: watchers.reduce((sum, { breaks }) => sum + breaks, 0),
    decidedMs: rest.decidedMs,
    unclear: unclearAmong(load.failures),
    problems: [...rest.problems, ...seen.problems],
  };
}

/** Waits until every process is ready again, then until every call is answered and every order decided. */
async function comeToRest(
  cluster: Cluster,
  load: Load,
  say: (what: string) => void,
): Promise<Pick<ChaosReport, 'decidedMs' | 'problems'>> {
  const problems: string[] = [];
  if (!(await within(HEALED_WITHIN_MS, cluster.allReady))) problems.push('not every process was ready again');
  const healedAt = Date.now();
  say('healed');
  const stopped = load.stop();
  const decided = async (): Promise<boolean> => load.unanswered === 0 && (await undecided(cluster)) === 0;
  if (await within(DECIDED_WITHIN_MS, decided)) await stopped;
  else problems.push(`${load.unanswered} calls have no answer, and ${await undecided(cluster)} orders are undecided`);
  say('every order is decided');
  return { decidedMs: Date.now() - healedAt, problems };
}

/** What the checker finds, what the subscribers saw, and who ended by itself. */
async function lookAtAll(
  cluster: Cluster,
  load: Load,
  watchers: readonly SyncWatcher[],
): Promise<Pick<ChaosReport, 'checked' | 'missed' | 'repeated' | 'problems'>> {
  const admin = await signIn(cluster);
  const shown = async (): Promise<ShownPipeline[]> => (await admin.ask(PIPELINES)).syncPipelines;
  const checking = { calls: load.record(), waitMs: QUIET_WITHIN_MS, mostExamples: EXAMPLES, shown };
  const checked = await verify(cluster.sources, checking);
  const told = await toldOfUsers(cluster.sources);
  await within(QUIET_WITHIN_MS, () => Promise.resolve(watchers.every(({ seen }) => seen.length >= told.length)));
  const crashed = cluster.services.flatMap(({ replicas }) => replicas).filter(({ crashes }) => crashes > 0);
  const disordered = watchers.flatMap(({ seen }) => disorderedIn(seen, told));
  return {
    checked,
    missed: watchers.flatMap(({ seen }) => missedBy(seen, told)),
    repeated: watchers.flatMap(({ seen }) => repeatedBy(seen)),
    problems: [
      ...crashed.map(({ name, crashes }) => `${name} ended by itself, ${crashes} times`),
      ...disordered.map((event) => `a subscriber saw ${event} too late`),
    ],
  };
}

const PIPELINES = `{ syncPipelines {
  id counts { committed applied superseded inFlight deadLettered discarded } lag { records seconds }
} }`;

async function signIn({ url, tokenOf }: Cluster): Promise<TestClient> {
  return new TestClient(url).as(await tokenOf('chaos', 'ADMIN'));
}

async function undecided({ sources }: Cluster): Promise<number> {
  await using order = openReader(sources.databaseUrls.order);
  const [row] = await order.rows<{ many: number }>(
    `SELECT count(*)::int AS many FROM orders WHERE status IN ('PENDING', 'CANCELLING')`,
  );
  return row?.many ?? 0;
}

const BETWEEN_LOOKS_MS = 200;

/** Did it come to hold in this time? */
async function within(ms: number, holds: () => Promise<boolean>): Promise<boolean> {
  for (const deadline = Date.now() + ms; !(await holds()); await pause(BETWEEN_LOOKS_MS))
    if (Date.now() >= deadline) return false;
  return true;
}

function killsIn({ services, database, broker }: Cluster): ChaosReport['kills'] {
  const ofServices = services.map(({ name, replicas }): [string, number] => [
    name,
    replicas.reduce((sum, { kills }) => sum + kills, 0),
  ]);
  return {
    ...Object.fromEntries(ofServices),
    PostgreSQL: database.kills,
    NATS: broker.kills,
    'NATS set back': broker.setBacks,
  };
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
