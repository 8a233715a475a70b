import { setTimeout as pause } from 'node:timers/promises';
import { openReader } from '#scripts/verify/readers.ts';
import type { ServiceName } from '#scripts/verify/durables.ts';
import type { Cluster, Service } from './cluster.ts';
import type { Link } from './link.ts';
import type { Replica } from './replica.ts';

/** Something that is done to a cluster, and undone by the time it is over. */
export interface Blow {
  readonly name: string;
  /** What it is done to: one blow at a time. */
  readonly subject: string;
  readonly strike: () => Promise<unknown>;
}

interface Chance {
  readonly cluster: Cluster;
  readonly random: () => number;
}

const SECOND_MS = 1_000;
/** From a neighbouring region to another continent: felt by every round trip, and below every limit of ours. */
const LEAST_DELAY_MS = 50;
const MOST_DELAY_MS = 350;
/** Of answers, on a link that loses some. */
const LOSE_ONE_IN = 4;

/** Enough rounds that every service and link has had its turn at everything. */
const ROUNDS = 36;

/**
 * One of each kind of blow, in a drawn order; the next hand deals the services on, from where the seed begins. So a run of any length has
 * its share of every kind.
 */
export function* hands(chance: Chance): Generator<Blow, never> {
  const first = Math.floor(chance.random() * ROUNDS);
  for (let round = first; ; round += 1) yield* shuffled(hand(chance, round), chance.random);
}

function hand(chance: Chance, round: number): Blow[] {
  const { cluster, random } = chance;
  const { services } = cluster;
  const service = (at: number): Service => among(services, round * 3 + at);
  const subgraph = (at: number): Service => among(subgraphsOf(cluster), round + at);
  const link = (at: number): Link => among(cluster.links, round * 3 + at);
  return [
    ...[0, 1, 2].map((at) => killOne(service(at), random)),
    // Three steps a round would come back to the same two services.
    killAll(among(services, round)),
    pauseOne(among(services, round + 2), random),
    round % 2 === 0 ? killRelay(subgraph(0), cluster) : pauseRelay(subgraph(1), chance),
    round % 3 === 2 ? pauseDatabase(chance) : killDatabase(cluster),
    among([setBack, killBroker, pauseBroker], round)(chance),
    cut(link(0)),
    slow(link(1), random),
    freeze(link(2), random),
    forget(among(services, round), random),
  ];
}

const among = <T>(list: readonly T[], at: number): T => {
  const found = list[at % list.length];
  if (found === undefined) throw new RangeError('nothing to choose from');
  return found;
};

const subgraphsOf = ({ services }: Cluster): Service[] => services.filter(({ name }) => name !== 'gateway');

/** From `least` to `most` seconds. */
const seconds = (random: () => number, least: number, most: number): number =>
  (least + random() * (most - least)) * SECOND_MS;

const killOne = ({ name, replicas }: Service, random: () => number): Blow => ({
  name: `kill ${name}`,
  subject: name,
  strike: () => killed(among(replicas, Math.floor(random() * replicas.length))),
});

const killAll = ({ name, replicas }: Service): Blow => ({
  name: `kill all of ${name}`,
  subject: name,
  strike: () => Promise.all(replicas.map(killed)),
});

/** Resolves when another run of it has begun. */
async function killed(replica: Replica): Promise<void> {
  const { pid } = replica;
  replica.kill();
  while (replica.pid === pid) await pause(50);
}

const pauseOne = ({ name, replicas }: Service, random: () => number): Blow => ({
  name: `pause ${name}`,
  subject: name,
  strike: () => paused(among(replicas, Math.floor(random() * replicas.length)), seconds(random, 2, 10)),
});

async function paused(what: { pause(): void; resume(): void }, ms: number): Promise<void> {
  what.pause();
  await pause(ms);
  what.resume();
}

/** Whoever relays at the time; nobody when the database cannot be asked, or does not know. */
const killRelay = ({ name, replicas }: Service, cluster: Cluster): Blow => ({
  name: `kill the relay of ${name}`,
  subject: name,
  strike: async () => {
    const replica = await relayOf(name, replicas, cluster);
    if (replica !== undefined) await killed(replica);
  },
});

const pauseRelay = ({ name, replicas }: Service, { cluster, random }: Chance): Blow => ({
  name: `pause the relay of ${name}`,
  subject: name,
  strike: async () => {
    const replica = await relayOf(name, replicas, cluster);
    if (replica !== undefined) await paused(replica, seconds(random, 4, 10));
  },
});

async function relayOf(
  service: string,
  replicas: readonly Replica[],
  { sources }: Cluster,
): Promise<Replica | undefined> {
  await using reader = openReader(sources.databaseUrls[service as ServiceName]);
  const [lease] = await reader
    .rows<{ holder: string }>(`SELECT holder FROM leases WHERE name = 'relay'`)
    .catch(() => []);
  return replicas.find(({ pid }) => lease?.holder.split(':').at(-2) === String(pid));
}

const killDatabase = ({ database }: Cluster): Blow => ({
  name: 'kill PostgreSQL',
  subject: 'PostgreSQL',
  strike: () => database.kill(),
});

const pauseDatabase = ({ cluster: { database }, random }: Chance): Blow => ({
  name: 'pause PostgreSQL',
  subject: 'PostgreSQL',
  strike: () => paused(database, seconds(random, 1, 4)),
});

/** What is published meanwhile is acknowledged, and gone when the older store is back. */
const setBack = ({ cluster: { broker }, random }: Chance): Blow => ({
  name: 'set NATS back',
  subject: 'NATS',
  strike: async () => {
    await broker.kill();
    await pause(seconds(random, 2, 6));
    await broker.setBack();
  },
});

const killBroker = ({ cluster: { broker } }: Chance): Blow => ({
  name: 'kill NATS',
  subject: 'NATS',
  strike: () => broker.kill(),
});

const pauseBroker = ({ cluster: { broker }, random }: Chance): Blow => ({
  name: 'pause NATS',
  subject: 'NATS',
  strike: () => paused(broker, seconds(random, 2, 8)),
});

const cut = (link: Link): Blow => ({
  name: `cut the link to ${link.name}`,
  subject: `link to ${link.name}`,
  strike: () => Promise.resolve(link.cut()),
});

const slow = (link: Link, random: () => number): Blow => ({
  name: `delay the link to ${link.name}`,
  subject: `link to ${link.name}`,
  strike: async () => {
    link.delay(LEAST_DELAY_MS + random() * (MOST_DELAY_MS - LEAST_DELAY_MS));
    await pause(seconds(random, 2, 6));
    link.heal();
  },
});

const freeze = (link: Link, random: () => number): Blow => ({
  name: `freeze the link to ${link.name}`,
  subject: `link to ${link.name}`,
  strike: async () => {
    link.freeze(random() < 0.5);
    await pause(seconds(random, 2, 8));
    link.heal();
  },
});

const forget = ({ name, link }: Service, random: () => number): Blow => ({
  name: `lose answers of ${name}`,
  subject: `link to ${link.name}`,
  strike: async () => {
    link.loseAnswers(LOSE_ONE_IN);
    await pause(seconds(random, 3, 8));
    link.heal();
  },
});

/** By R. Durstenfeld's shuffle (Algorithm 235, 1964). */
function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const drawn = [...list];
  for (let left = drawn.length; left > 1; left -= 1) {
    const at = Math.floor(random() * left);
    [drawn[left - 1], drawn[at]] = [drawn[at] as T, drawn[left - 1] as T];
  }
  return drawn;
}
