import { openNats, type Nats } from '#shared/events/nats-connection.ts';
import { positionsIn } from '#shared/events/nats-durables.ts';
import { findSource, POSITION, type SourceStream } from '#shared/events/nats-streams.ts';
import { openLog } from '#shared/log.ts';
import type { ServiceName } from './durables.ts';
import { openReader } from './readers.ts';

/** What a bus holds, looked at without a trace. */
export interface BusLog extends AsyncDisposable {
  /** Up to which position of the source the durable has taken everything. */
  taken(durable: string, source: ServiceName): Promise<number>;
  /** The last position of the source that was published. */
  head(source: ServiceName): Promise<number>;
  /** The ids of the events at these positions of the source, a batch at most; what the bus does not have is not among them. */
  ids(source: ServiceName, positions: readonly number[]): Promise<ReadonlyMap<number, string>>;
}

/** The bus that lives in a PostgreSQL database. */
export function postgresLog(url: string): BusLog {
  const bus = openReader(url);
  return {
    taken: async (durable, source) => {
      const [row] = await bus.rows<{ position: string }>(
        'SELECT position FROM bus_cursors WHERE durable = $1 AND source = $2',
        [durable, source],
      );
      return Number(row?.position ?? 0);
    },
    head: async (source) => {
      const [row] = await bus.rows<{ head: string }>('SELECT head FROM bus_sources WHERE source = $1', [source]);
      return Number(row?.head ?? 0);
    },
    ids: async (source, positions) => {
      const rows = await bus.rows<{ key: string; position: string }>(
        `SELECT event ->> 'id' AS key, position FROM bus_events WHERE source = $2
         AND position = ANY(ARRAY(SELECT jsonb_array_elements_text($1::text::jsonb)::bigint))`,
        [JSON.stringify(positions), source],
      );
      return new Map(rows.map(({ key, position }) => [Number(position), key]));
    },
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  };
}

/** The bus that lives in NATS JetStream. Streams and consumers are asked how they stand, and messages are got one by one: no consumer is made. */
export async function natsLog(url: string): Promise<BusLog> {
  const nats = await openNats({ url, name: 'lockstep-verify', log: openLog({ service: 'verify', level: 'silent' }) });
  const { streams } = nats;
  return {
    taken: async (durable, source) => {
      const log = await findSource(streams, source);
      return log === undefined ? 0 : ((await positionsIn(streams, [log], durable))[source] ?? 0);
    },
    head: async (source) => {
      const log = await findSource(streams, source);
      return log === undefined ? 0 : log.lastSequence + log.offset;
    },
    ids: async (source, positions) => {
      const log = await findSource(streams, source);
      if (log === undefined) return new Map();
      const there = positions.filter((position) => position > log.offset && position <= log.lastSequence + log.offset);
      const found = await Promise.all(there.map((position) => eventAt(nats, log, position)));
      return new Map(found.filter((one) => one !== undefined));
    },
    [Symbol.asyncDispose]: () => nats[Symbol.asyncDispose](),
  };
}

/** A message that bears another position, or is none of ours, is at its place under what it says. */
async function eventAt(nats: Nats, log: SourceStream, position: number): Promise<[number, string] | undefined> {
  const message = await nats.streams.streams.getMessage(log.stream, { seq: position - log.offset });
  if (message === null) return undefined;
  const stated = message.header.get(POSITION);
  return [position, stated === String(position) ? idOf(message.string()) : `a message of position "${stated}"`];
}

function idOf(text: string): string {
  try {
    const event: unknown = JSON.parse(text);
    return typeof event === 'object' && event !== null && 'id' in event ? String(event.id) : 'a message without an id';
  } catch {
    return 'a message that is no event';
  }
}
