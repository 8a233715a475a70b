import { execFileSync } from 'node:child_process';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import postgres from 'postgres';
import type { PositionedEvent } from '#shared/cloud-event.ts';
import type { Bus } from '#shared/events/bus.ts';
import { openNatsBus } from '#shared/events/nats-bus.ts';
import { openPostgresBus } from '#shared/events/postgres-bus.ts';
import { openLog } from '#shared/log.ts';
import { eventsAt } from '#shared/testing/bus-listener.ts';
import { locatePostgres } from '#scripts/start/postgres-binaries.ts';
import { openPostgres } from '#scripts/start/postgres.ts';
import { freePort } from '#test/support/free-port.ts';
import { locateNatsServers, startNatsServer } from '#test/support/nats-server.ts';
import { median, table } from './statistics.ts';
import { temporaryFolder } from './system.ts';

const RUNS = 3;
const EVENTS = 20_000;
/** The relay's. */
const BATCH = 500;
/** A user's record. */
const PADDING = 'x'.repeat(400);

interface Rates {
  readonly publish: number;
  readonly consume: number;
}

type Measure = (events: readonly PositionedEvent[]) => Promise<Rates>;

/** Publishes events in the relay's batches, then has one durable read them all; each bus alternating with bare NATS. Gives its report as Markdown. */
export async function measureBus(): Promise<string> {
  await using opened = new AsyncDisposableStack();
  const { current } = locateNatsServers();
  if (current === undefined || locatePostgres() === undefined)
    return 'Needs PostgreSQL, and what scripts/ci-servers.sh builds.';
  const folder = opened.use(await temporaryFolder());
  const server = opened.use(await openPostgres({ directory: `${folder.path}/postgres`, port: await freePort() }));
  const measures: Readonly<Record<string, Measure>> = {
    'PostgreSQL bus': (events) => onPostgres(server.url('postgres'), events),
    'NATS bus': (events) => onNats(current, events),
    'bare NATS, published and fetched in the same batches': (events) => bare(current, events),
  };
  const results = new Map(Object.keys(measures).map((name): [string, Rates[]] => [name, []]));
  for (let run = 1; run <= RUNS; run += 1) {
    const events = eventsAt('bench', 1, EVENTS).map(({ position, event }) => ({
      position,
      event: { ...event, type: 'bench.done', data: { position, PADDING } },
    }));
    for (const [name, measure] of Object.entries(measures)) {
      const rates = await measure(events);
      results.get(name)?.push(rates);
      console.error(`run ${run}, ${name}: ${shown(rates.publish)} published, ${shown(rates.consume)} consumed`);
    }
  }
  const rows = Array.from(results, ([name, all]) => [name, summary(all, 'publish'), summary(all, 'consume')]);
  const version = execFileSync(current.path, ['--version']).toString().trim();
  return `${table(['bus', 'published', 'consumed'], rows)}\n\n${version}, median (least to most) of ${RUNS}.`;
}

const log = openLog({ service: 'bench', level: 'fatal' });

async function onPostgres(superuser: string, events: readonly PositionedEvent[]): Promise<Rates> {
  const sql = postgres(superuser, { max: 1 });
  const name = `bench_${Date.now()}`;
  await sql`CREATE DATABASE ${sql(name)}`;
  await sql.end();
  const url = new URL(superuser);
  url.pathname = `/${name}`;
  await using bus = await openPostgresBus({ url: url.href, name: 'bench', log });
  return await through(bus, events);
}

async function onNats(program: { path: string; version: string }, events: readonly PositionedEvent[]): Promise<Rates> {
  await using server = await startNatsServer(program);
  await using bus = await openNatsBus({ url: server.url, name: 'bench', log });
  return await through(bus, events);
}

async function through(bus: Bus, events: readonly PositionedEvent[]): Promise<Rates> {
  const publish = await rate(async () => {
    for (let at = 0; at < EVENTS; at += BATCH) await bus.publish(events.slice(at, at + BATCH));
  });
  const [first, last] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let heard = 0;
  await using _reading = await bus.subscribe({
    durable: 'bench',
    subjects: ['bench.*'],
    onBatch: (batch) => {
      heard += batch.length;
      first.resolve();
      if (heard >= EVENTS) last.resolve();
      return Promise.resolve();
    },
  });
  // How soon a new durable begins is another question.
  await first.promise;
  return { publish, consume: await rate(() => last.promise, EVENTS - heard) };
}

async function bare(program: { path: string; version: string }, events: readonly PositionedEvent[]): Promise<Rates> {
  await using server = await startNatsServer(program);
  const connection = await connect({ servers: server.url });
  const [manager, client] = [await jetstreamManager(connection), jetstream(connection)];
  await manager.streams.add({ name: 'bench', subjects: ['bench.>'], storage: 'file' });
  await manager.consumers.add('bench', { durable_name: 'bench', ack_policy: 'all', max_ack_pending: BATCH });
  const payloads = events.map(({ event }) => JSON.stringify(event));
  const publish = await rate(async () => {
    for (let at = 0; at < EVENTS; at += BATCH) {
      await Promise.all(payloads.slice(at, at + BATCH).map((payload) => client.publish('bench.done', payload)));
    }
  });
  const consumer = await client.consumers.get('bench', 'bench');
  const consume = await rate(async () => {
    for (let at = 0; at < EVENTS; at += BATCH) {
      const messages = await consumer.fetch({ max_messages: BATCH });
      let acknowledged: Promise<boolean> | undefined;
      for await (const message of messages) if (message.seq === at + BATCH) acknowledged = message.ackAck();
      await acknowledged;
    }
  });
  await connection.close();
  return { publish, consume };
}

async function rate(work: () => Promise<void>, events = EVENTS): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (events * 1_000) / (performance.now() - startedAt);
}

const shown = (perSecond: number): string => `${Math.round(perSecond / 100) / 10} k/s`;

function summary(all: readonly Rates[], of: keyof Rates): string {
  const rates = all.map((rates) => rates[of]).toSorted((a, b) => a - b);
  return `${shown(median(rates))} (${shown(rates[0] ?? 0)} to ${shown(rates.at(-1) ?? 0)})`;
}
