import { loadavg } from 'node:os';
import { median, table } from './statistics.ts';
import type { Latency, Throughput } from './subscriptions/clients.ts';
import { mostClients, openServers, type Contender, type Servers } from './subscriptions/contenders.ts';
import { CORES, Peer } from './subscriptions/peer.ts';
import type { Weight } from './subscriptions/weighing.ts';
import { temporaryFolder } from './system.ts';

const RUNS = 5;
const CLIENTS = 1_000;
const PUMPING = { warmUpMs: 1_000, forMs: 2_500 };
/** Events under way: each alone, so that it costs all that it costs; and so many that what has piled up can go out together. */
const WINDOWS = { alone: 1, together: 16 };
/** What every contender can keep up with. */
const PACING = { perSecond: 10, events: 50, warmUp: 5 };
const IDLE_CLIENTS = 10_000;
/** Three heartbeats of the gateway, and some seconds. */
const IDLE_MS = 40_000;
const HEARTBEATS = 3;

/** What is measured of one contender, run by run. */
interface Measured {
  readonly alone: Throughput[];
  readonly together: Throughput[];
  readonly latency: Latency[];
}

type Found = ReadonlyMap<Contender, Measured>;

/** Tells events to a thousand clients, and lets ten thousand wait for one. Gives its report as Markdown. */
export async function measureSubscriptions(): Promise<string> {
  await using folder = await temporaryFolder();
  await using clients = await Peer.start({ file: 'bench/subscriptions/clients.ts', core: 'others' });
  const before = loadavg();
  const deliveries = await compare(folder.path, clients);
  const idle = await weigh(folder.path, clients);
  const cores =
    CORES === undefined
      ? 'Servers and clients share all cores: there is no taskset, or but one core.'
      : 'Servers on one core, clients and subgraphs on another.';
  const load = [before, loadavg()].map(([minute = 0]) => minute.toFixed(1)).join(' at the beginning, ');
  return [deliveries, idle, `${cores} Medians of ${RUNS} runs. Load average ${load} at the end.`].join('\n\n');
}

async function compare(folder: string, clients: Peer): Promise<string> {
  await using servers = await openServers(folder);
  const all = [servers.bound, servers.plain, servers.gateway, servers.eventStream, servers.withRemark];
  const found = new Map(all.map((each): [Contender, Measured] => [each, { alone: [], together: [], latency: [] }]));
  for (let run = 1; run <= RUNS; run += 1) {
    for (const [contender, { alone, together, latency }] of found) {
      const pump = (window: number): Promise<Throughput> =>
        clients.call('pump', { ...PUMPING, window, server: contender.server.pid });
      await connect(clients, contender, CLIENTS);
      alone.push(await pump(WINDOWS.alone));
      together.push(await pump(WINDOWS.together));
      latency.push(await clients.call<Latency>('pace', PACING));
      await clients.call('leave');
      console.error(`run ${run}, ${contender.name}: ${shown([alone.at(-1), together.at(-1), latency.at(-1)])}`);
    }
  }
  return report(found, servers);
}

const connect = (clients: Peer, { ports, transport, query }: Contender, count: number): Promise<void> =>
  clients.call('connect', { ...ports, transport, query, clients: count });

const shown = (measured: readonly (Throughput | Latency | undefined)[]): string =>
  measured
    .flatMap((each = { p50: 0, p99: 0 }) => Object.values(each).map((value: number) => value.toFixed(2)))
    .join(' ');

function report(found: Found, servers: Servers): string {
  const latency = Array.from(found, ([{ name }, measured]) => {
    const times = (which: keyof Latency): string =>
      `${median(measured.latency.map((each) => each[which])).toFixed(1)} ms`;
    return [name, times('p50'), times('p99')];
  });
  const ratesOf = (window: keyof typeof WINDOWS): Map<Contender, Rates> =>
    new Map(Array.from(found, ([contender, measured]) => [contender, medians(measured[window])]));
  return [
    throughputs(`${CLIENTS} clients, each event alone`, ratesOf('alone'), servers),
    throughputs(`${CLIENTS} clients, ${WINDOWS.together} events under way`, ratesOf('together'), servers),
    table([`${PACING.perSecond} events/s to ${CLIENTS} clients`, 'latency p50', 'p99'], latency),
  ].join('\n\n');
}

const HEAD = [
  'deliveries/s',
  'of bare',
  'of graphql-ws',
  'per s of its core',
  'of bare',
  'of graphql-ws',
  'clients busy',
];

function throughputs(title: string, rates: ReadonlyMap<Contender, Rates>, { bound, plain }: Servers): string {
  const [most, least] = [rates.get(bound), rates.get(plain)];
  const rows = Array.from(rates, ([{ name }, { perSecond, perBusySecond, clientsBusy }]) => [
    name,
    thousands(perSecond),
    ratio(perSecond, most?.perSecond),
    ratio(perSecond, least?.perSecond),
    thousands(perBusySecond),
    ratio(perBusySecond, most?.perBusySecond),
    ratio(perBusySecond, least?.perBusySecond),
    `${Math.round(clientsBusy * 100)} %`,
  ]);
  return table([title, ...HEAD], rows);
}

interface Rates {
  readonly perSecond: number;
  /** For each second that a core was at work for the server: hardly another on a machine that has other work too. */
  readonly perBusySecond: number;
  readonly clientsBusy: number;
}

function medians(all: readonly Throughput[]): Rates {
  return {
    perSecond: median(all.map(({ deliveries, seconds }) => deliveries / seconds)),
    perBusySecond: median(all.map(({ deliveries, serverBusy = Number.NaN }) => deliveries / serverBusy)),
    clientsBusy: median(all.map(({ clientsBusy, seconds }) => clientsBusy / seconds)),
  };
}

const thousands = (rate: number): string => `${(rate / 1_000).toFixed(1)} k`;
const ratio = (rate: number, reference = Number.NaN): string => (rate / reference).toFixed(2);

/** The same gateway without clients, with those who wait, and after it has told them something. */
async function weigh(folder: string, clients: Peer): Promise<string> {
  const count = Math.min(IDLE_CLIENTS, await mostClients());
  await using servers = await openServers(folder);
  const { gateway } = servers;
  const weight = (): Promise<Weight> => gateway.server.call('weigh');
  // Code is compiled, and pools are filled.
  await connect(clients, gateway, CLIENTS);
  await clients.call('leave');
  const none = await weight();
  await connect(clients, gateway, count);
  const connected = await weight();
  const heartbeats = await clients.call<number>('idle', { forMs: IDLE_MS });
  if (heartbeats < HEARTBEATS) throw new Error(`a client was pinged ${heartbeats} times only`);
  const waited = await weight();
  await clients.call('tellAll');
  const told = await weight();
  await clients.call('leave');
  const weights = { connected, [`after ${heartbeats} heartbeats`]: waited, 'after one more event to each': told };
  const each = (bytes: number, base: number): string => `${((bytes - base) / count / 1e3).toFixed(1)} KB`;
  const rows = Object.entries(weights).map(([when, { resident, heap }]) => [
    when,
    megabytes(resident),
    each(resident, none.resident),
    megabytes(heap),
    each(heap, none.heap),
  ]);
  const nobody = ['nobody', megabytes(none.resident), '', megabytes(none.heap), ''];
  return table([`${count} idle subscriptions`, 'resident', 'each', 'heap and buffers', 'each'], [nobody, ...rows]);
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
