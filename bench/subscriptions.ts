import { loadavg } from 'node:os';
import { median, table } from './statistics.ts';
import type { Latency, Throughput } from './subscriptions/clients.ts';
import { mostClients, openServers, type Contender, type Servers } from './subscriptions/contenders.ts';
import { CORES, Peer } from './subscriptions/peer.ts';
import type { Weight } from './subscriptions/weighing.ts';
import { temporaryFolder } from './system.ts';

const RUNS = 5;
const CLIENTS = 1_000;
/** The server always has the next event at hand, and few are written together. */
const PUMPING = { window: 4, warmUpMs: 1_500, forMs: 3_000 };
/** What every contender can keep up with. */
const PACING = { perSecond: 10, events: 50, warmUp: 5 };
const IDLE_CLIENTS = 10_000;
/** Three heartbeats of the gateway, and some seconds. */
const IDLE_MS = 40_000;
const HEARTBEATS = 3;

/** What is measured of one contender, run by run. */
interface Measured {
  readonly throughput: Throughput[];
  readonly latency: Latency[];
}

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
      : 'Servers on one core, clients and subgraph on another.';
  const load = [before, loadavg()].map(([minute = 0]) => minute.toFixed(1)).join(' at the beginning, ');
  return [deliveries, idle, `${cores} Load average ${load} at the end.`].join('\n\n');
}

async function compare(folder: string, clients: Peer): Promise<string> {
  await using servers = await openServers(folder);
  const all = [servers.bound, servers.plain, servers.gateway, servers.eventStream, servers.withRemark];
  const found = new Map(all.map((contender): [Contender, Measured] => [contender, { throughput: [], latency: [] }]));
  for (let run = 1; run <= RUNS; run += 1) {
    for (const [contender, { throughput, latency }] of found) {
      await clients.call('connect', { ...contender.ports, ...contender, clients: CLIENTS, server: undefined });
      throughput.push(await clients.call<Throughput>('pump', { ...PUMPING, server: contender.server.pid }));
      latency.push(await clients.call<Latency>('pace', PACING));
      await clients.call('leave');
      console.error(`run ${run}, ${contender.name}: ${told(throughput.at(-1), latency.at(-1))}`);
    }
  }
  return report(found, servers);
}

const told = (throughput?: Throughput, latency?: Latency): string =>
  `${JSON.stringify(throughput)} ${JSON.stringify(latency)}`;

function report(found: ReadonlyMap<Contender, Measured>, { bound, plain }: Servers): string {
  const rates = new Map(Array.from(found, ([contender, { throughput }]) => [contender, medians(throughput)]));
  const [most, least] = [rates.get(bound), rates.get(plain)];
  const rows = Array.from(found, ([contender, { latency }]) => {
    const { perSecond = NaN, perBusySecond = NaN, clientsBusy = NaN } = rates.get(contender) ?? {};
    return [
      contender.name,
      thousands(perSecond),
      ratio(perSecond, most?.perSecond),
      ratio(perSecond, least?.perSecond),
      thousands(perBusySecond),
      ratio(perBusySecond, most?.perBusySecond),
      ratio(perBusySecond, least?.perBusySecond),
      `${Math.round(clientsBusy * 100)} %`,
      `${median(latency.map(({ p50 }) => p50)).toFixed(1)} ms`,
      `${median(latency.map(({ p99 }) => p99)).toFixed(1)} ms`,
    ];
  });
  const head = [`${CLIENTS} clients`, 'deliveries/s', 'of bare', 'of graphql-ws'];
  const busy = ['per s of its processor', 'of bare', 'of graphql-ws', 'clients busy'];
  return table([...head, ...busy, 'latency p50', 'p99'], rows);
}

interface Rates {
  readonly perSecond: number;
  /** For each second that a processor was at work for the server: the same on a machine that has other work too. */
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
  const connect = (many: number): Promise<void> =>
    clients.call('connect', { ...gateway.ports, ...gateway, clients: many, server: undefined });
  // Code is compiled, and pools are filled.
  await connect(CLIENTS);
  await clients.call('leave');
  const weights = [await gateway.server.call<Weight>('weigh')];
  await connect(count);
  weights.push(await gateway.server.call<Weight>('weigh'));
  const heartbeats = await clients.call<number>('idle', { forMs: IDLE_MS });
  if (heartbeats < HEARTBEATS) throw new Error(`a client was pinged ${heartbeats} times only`);
  weights.push(await gateway.server.call<Weight>('weigh'));
  await clients.call('tellAll');
  weights.push(await gateway.server.call<Weight>('weigh'));
  await clients.call('leave');
  const names = ['nobody', 'connected', `after ${heartbeats} heartbeats`, 'after one more event to all'];
  const rows = weights.map(({ resident, heap }, at) => {
    const each = (bytes: number, base = 0): string =>
      at === 0 ? '' : `${((bytes - base) / count / 1e3).toFixed(1)} KB`;
    const [none] = weights;
    return [
      names[at] ?? '',
      megabytes(resident),
      each(resident, none?.resident),
      megabytes(heap),
      each(heap, none?.heap),
    ];
  });
  return table([`${count} idle subscriptions`, 'resident', 'of each', 'heap and buffers', 'of each'], rows);
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
