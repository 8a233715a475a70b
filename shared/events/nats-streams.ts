import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { invariant } from '../invariant.ts';

/** The header that says an event's position: a message without it is not ours. */
export const POSITION = 'Lockstep-Position';

/** A bug on Friday is found on Monday: the log outlives a weekend, as the outbox does. */
const KEPT_MS = 72 * 60 * 60_000;
const PREFIX = 'events-';

/** The log of a source as a stream. Positions have no gaps, so a position is its message's sequence plus a number that never changes. */
export interface SourceStream {
  readonly source: string;
  /** The stream's name. */
  readonly stream: string;
  /** Position of a message less its sequence: not 0 where the log began after events that the source had forgotten. */
  readonly offset: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
}

const streamOf = (source: string): string => `${PREFIX}${source}`;

/** An event's type is its subject, behind its source where it does not begin with it (`notification.replica.applied`). */
export function subjectOf(source: string, type: string): string {
  return type.startsWith(`${source}.`) ? type : `${source}.${type}`;
}

/** The streams of all sources that have published. */
export async function findSources(manager: JetStreamManager): Promise<SourceStream[]> {
  const found: SourceStream[] = [];
  for await (const info of manager.streams.list()) {
    if (info.config.name.startsWith(PREFIX)) found.push(toSourceStream(info));
  }
  return found;
}

/** The stream of a source; undefined when it has none. */
export async function findSource(manager: JetStreamManager, source: string): Promise<SourceStream | undefined> {
  const info = await unlessMissing(manager.streams.info(streamOf(source)));
  return info === undefined ? undefined : toSourceStream(info);
}

/** Makes the stream of a source that has none; its first message will be the event at `position`. */
export async function makeStream(manager: JetStreamManager, source: string, position: number): Promise<void> {
  await manager.streams.add({ ...configOf(source), name: streamOf(source), description: describe(position - 1) });
}

/** Removes the stream of a source, with its durables. */
export async function removeStream(manager: JetStreamManager, source: string): Promise<void> {
  await unlessMissing(manager.streams.delete(streamOf(source)));
}

/** Gives a stream of an earlier release the settings of this one. */
export async function reconcileStream(manager: JetStreamManager, source: string): Promise<void> {
  const info = await unlessMissing(manager.streams.info(streamOf(source)));
  if (info === undefined) return;
  const { config } = info;
  const wanted = configOf(source);
  if (config.max_age === wanted.max_age && config.subjects.join() === wanted.subjects.join()) return;
  await manager.streams.update(streamOf(source), { ...config, ...wanted });
}

/**
 * No limit but age: a limit in bytes would drop what a durable still wants. When the server's own store is full it refuses to publish,
 * and the outbox waits.
 */
function configOf(source: string): Pick<StreamConfig, 'subjects' | 'storage' | 'retention' | 'max_age'> {
  invariant(/^[\w-]+$/.test(source), 'a source is one token of a subject');
  return { subjects: [`${source}.>`], storage: 'file', retention: 'limits', max_age: nanos(KEPT_MS) };
}

/** Kept in the description since servers before 2.10 have no metadata. */
const describe = (offset: number): string => `Lockstep: position = sequence + ${offset}`;

function toSourceStream({ config, state }: StreamInfo): SourceStream {
  const [, offset] = /sequence \+ (\d+)$/.exec(config.description ?? '') ?? [];
  invariant(offset !== undefined, `${config.name} says how its sequences are related to positions`);
  return {
    source: config.name.slice(PREFIX.length),
    stream: config.name,
    offset: Number(offset),
    firstSequence: state.first_seq,
    lastSequence: state.last_seq,
  };
}

const MISSING: readonly number[] = [JetStreamApiCodes.StreamNotFound, JetStreamApiCodes.ConsumerNotFound];

/** What was asked for; undefined when the stream or consumer is not there. */
export async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof JetStreamApiError && MISSING.includes(error.code)) return undefined;
    throw error;
  }
}
