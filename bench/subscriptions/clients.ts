import { readFileSync } from 'node:fs';
import { pause } from '#shared/retry.ts';
import { Crowd, type CrowdOptions } from './crowd.ts';
import { answer, ready } from './peer.ts';

// The process of the clients, which also says when what is published: it alone knows how far they are.

/** How much a server delivers while it has always something to deliver. */
export interface Throughput {
  readonly deliveries: number;
  readonly seconds: number;
  /** Seconds of a processor that the server, and that the clients took for them; undefined where the system does not tell. */
  readonly serverBusy: number | undefined;
  readonly clientsBusy: number;
}

/** Milliseconds from an event's publishing to its arrival, of all events at all clients. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

interface Pumping {
  readonly server: number;
  /** Events under way: the next is published when the slowest client has got the one that was published so many before. */
  readonly window: number;
  readonly warmUpMs: number;
  readonly forMs: number;
}

interface Pacing {
  readonly perSecond: number;
  readonly events: number;
  /** First events that do not count. */
  readonly warmUp: number;
}

let crowd: Crowd | undefined;
function present(): Crowd {
  if (crowd === undefined) throw new Error('nobody is connected');
  return crowd;
}

answer({
  connect: async (options: CrowdOptions): Promise<void> => {
    crowd = await Crowd.open(options);
  },
  leave: (): void => {
    crowd?.[Symbol.dispose]();
    crowd = undefined;
  },
  pump: (given: Pumping): Promise<Throughput> => present().unlessFault(pump(present(), given)),
  pace: (given: Pacing): Promise<Latency> => present().unlessFault(pace(present(), given)),
  idle: async ({ forMs }: { forMs: number }): Promise<number> => {
    await present().unlessFault(pause(forMs), 2 * forMs);
    return present().pings;
  },
  tellAll: (): Promise<void> => present().unlessFault(tellAll(present())),
});
ready({ port: 0, publisher: 0 });

function pump(all: Crowd, { server, window, warmUpMs, forMs }: Pumping): Promise<Throughput> {
  const { promise, resolve } = Promise.withResolvers<Throughput>();
  const mark = (number: number) => ({ number, at: performance.now(), ...busy(server) });
  const from = performance.now();
  let [begin, end]: (ReturnType<typeof mark> | undefined)[] = [];
  all.onAll = (number) => {
    const now = performance.now();
    if (begin === undefined && now - from >= warmUpMs) begin = mark(number);
    else if (begin !== undefined && end === undefined && now - begin.at >= forMs) end = mark(number);
    if (end === undefined) all.publish(number + window);
    if (begin === undefined || end === undefined || number < all.published) return;
    resolve({
      deliveries: (end.number - begin.number) * all.clients,
      seconds: (end.at - begin.at) / 1_000,
      serverBusy: end.server === undefined ? undefined : end.server - (begin.server ?? 0),
      clientsBusy: end.clients - begin.clients,
    });
  };
  all.publish(all.published + window);
  return promise;
}

async function pace(all: Crowd, { perSecond, events, warmUp }: Pacing): Promise<Latency> {
  const last = all.published + warmUp + events;
  const latencies = new Float64Array(events * all.clients);
  let count = 0;
  const done = new Promise<void>((resolve) => {
    all.onAll = (number) => {
      if (number === last - events) all.onLatency = (latency) => (latencies[count++] = latency);
      if (number === last) resolve();
    };
  });
  const timer = setInterval(() => {
    if (all.published < last) all.publish(all.published + 1);
  }, 1_000 / perSecond);
  await done;
  clearInterval(timer);
  all.onLatency = undefined;
  const sorted = latencies.subarray(0, count).toSorted();
  const at = (share: number): number => (sorted[Math.floor(share * (count - 1))] ?? Number.NaN) / 1_000;
  return { p50: at(0.5), p99: at(0.99) };
}

async function tellAll(all: Crowd): Promise<void> {
  const next = all.published + 1;
  const told = new Promise<void>((resolve) => {
    all.onAll = (number) => number === next && resolve();
  });
  all.publish(next);
  await told;
}

/** Ticks of `/proc/<pid>/stat` in a second: the same on all Linux systems there are. */
const TICKS = 100;

function busy(server: number): { server: number | undefined; clients: number } {
  const { user, system } = process.cpuUsage();
  return { server: processorSeconds(server), clients: (user + system) / 1e6 };
}

function processorSeconds(pid: number): number | undefined {
  try {
    // Behind the name, which may hold anything: state is the first field, user and system time the twelfth and thirteenth.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /su, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  } catch {
    return undefined;
  }
}
