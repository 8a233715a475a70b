import { randomBytes } from 'node:crypto';
import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { unlessMissing, type SourceStream } from './nats-streams.ts';

/**
 * A durable is a pull consumer per source. Each holder of it begins a generation: a consumer of its own behind what the last one has
 * acknowledged, which it then removes. The newest consumer is the durable; to begin one is to fence all earlier ones, since their
 * messages and acknowledgements are about a consumer that is no more. So nothing is given twice while one holder stays, nothing waits for
 * another's acknowledgement, and a holder that was paused can move nothing.
 */
export interface Place {
  /** The consumer's name. */
  readonly name: string;
  readonly generation: number;
  /** A rewind wins over a holder that began the same generation; then, the greater name. */
  readonly kind: 'held' | 'rewound';
  /** The last sequence that is taken, with all before it. */
  readonly taken: number;
  /** How many sequences of these the server has passed over in this generation, because they were gone before they were read. */
  readonly missed: number;
  /** Pulls that wait at the server: its holder's, which always has one there. */
  readonly pulls: number;
  /** Another whenever its holder was given something or has taken something. */
  readonly progress: string;
}

/** What a holder has in hand at most. */
const MOST_UNTAKEN = 1_000;
/** Nothing waits for it: whoever takes a durable over begins behind what was acknowledged. Only a holder that takes longer sees it. */
const ACK_WAIT_MS = 60 * 60_000;
const KINDS = { h: 'held', r: 'rewound' } as const;

/** Where a durable stands in a source; undefined when it has never been there. Of several generations, the newest counts. */
export async function findPlace(
  manager: JetStreamManager,
  stream: string,
  durable: string,
): Promise<Place | undefined> {
  return (await placesOf(manager, stream, durable)).at(-1);
}

/** Begins a generation behind a sequence; undefined when somebody else's turns out to be newer. */
export async function beginGeneration(
  manager: JetStreamManager,
  stream: string,
  { durable, kind, taken }: { durable: string; kind: Place['kind']; taken: number },
): Promise<Place | undefined> {
  const last = await findPlace(manager, stream, durable);
  const generation = (last?.generation ?? 0) + 1;
  const name = `${tokenOf(durable)}-${generation}-${kind === 'held' ? 'h' : 'r'}${randomBytes(4).toString('hex')}`;
  await manager.consumers.add(stream, {
    durable_name: name,
    description: `The durable ${durable}`,
    ack_policy: 'all',
    deliver_policy: 'by_start_sequence',
    opt_start_seq: taken + 1,
    ack_wait: nanos(ACK_WAIT_MS),
    max_ack_pending: MOST_UNTAKEN,
  });
  const places = await placesOf(manager, stream, durable);
  const newest = places.at(-1);
  const older = places.filter((place) => (newest?.name === name ? place.name !== name : place.name === name));
  await Promise.all(older.map((place) => unlessMissing(manager.consumers.delete(stream, place.name))));
  return newest?.name === name ? newest : undefined;
}

/** Sets a durable in a source to behind a sequence, whatever its holder does. */
export async function rewindDurable(
  manager: JetStreamManager,
  { stream, lastSequence }: SourceStream,
  { durable, taken }: { durable: string; taken: number },
): Promise<void> {
  const to = Math.max(0, Math.min(taken, lastSequence));
  let begun: Place | undefined;
  while (begun === undefined) begun = await beginGeneration(manager, stream, { durable, kind: 'rewound', taken: to });
}

/** The last position that a durable has taken of a source, with all before it. */
async function positionIn(manager: JetStreamManager, log: SourceStream, durable: string): Promise<number> {
  const place = await findPlace(manager, log.stream, durable);
  return place === undefined ? 0 : takenOf(place, log) + log.offset;
}

/** A server that has lost the end of a stream may keep what was acknowledged of it; what comes in its place is then given again. */
export const takenOf = (place: Place, log: SourceStream): number => Math.min(place.taken, log.lastSequence);

/** All generations that are there, the oldest first. */
async function placesOf(manager: JetStreamManager, stream: string, durable: string): Promise<Place[]> {
  const places: Place[] = [];
  const prefix = `${tokenOf(durable)}-`;
  const listed = async (): Promise<void> => {
    for await (const info of manager.consumers.list(stream)) {
      const place = info.name.startsWith(prefix) ? toPlace(info, prefix.length) : undefined;
      if (place !== undefined) places.push(place);
    }
  };
  await unlessMissing(listed());
  return places.toSorted((a, b) => a.generation - b.generation || compare(a.kind, b.kind) || compare(a.name, b.name));
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function toPlace(info: ConsumerInfo, prefixLength: number): Place | undefined {
  const { name, config, ack_floor, delivered, num_waiting } = info;
  const [, generation, kind] = /^(\d+)-([hr])[0-9a-f]+$/.exec(name.slice(prefixLength)) ?? [];
  if (generation === undefined) return undefined;
  const before = (config.opt_start_seq ?? 1) - 1;
  return {
    name,
    generation: Number(generation),
    kind: KINDS[kind === 'r' ? 'r' : 'h'],
    // Servers before 2.10 say 0 until the first acknowledgement.
    taken: Math.max(ack_floor.stream_seq, before),
    // Without gaps, both numbers of an acknowledged message grow alike.
    missed: Math.max(0, ack_floor.stream_seq - before - ack_floor.consumer_seq),
    pulls: num_waiting,
    progress: `${name} ${delivered.consumer_seq} ${ack_floor.consumer_seq}`,
  };
}

/** A consumer's name is one token of a subject, and the name of a folder. */
const tokenOf = (durable: string): string => encodeURIComponent(durable).replaceAll(/[.*]/g, '_');

/** How far a durable is in each source. */
export async function positionsIn(
  manager: JetStreamManager,
  logs: readonly SourceStream[],
  durable: string,
): Promise<Record<string, number>> {
  const entries = logs.map(async (log): Promise<[string, number]> => [
    log.source,
    await positionIn(manager, log, durable),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}
