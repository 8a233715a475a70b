import { JetStreamApiCodes, JetStreamApiError, type JetStreamPublishOptions } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import type { PositionedEvent } from '../cloud-event.ts';
import { invariant } from '../invariant.ts';
import type { Log } from '../log.ts';
import { TailLost, type PublishOptions } from './bus.ts';
import type { Nats } from './nats-connection.ts';
import {
  findSource,
  makeStream,
  POSITION,
  reconcileStream,
  removeStream,
  subjectOf,
  type SourceStream,
} from './nats-streams.ts';

/**
 * Structured content mode, which is all that version 1.0.2 of CloudEvents' NATS protocol binding has: the message is the event as the
 * outbox, the other bus and the ledger have it, and no attribute needs the escaping of headers.
 */
const CONTENT_TYPE = 'application/cloudevents+json';
/** Another relay moves the log on between two of these; more than a few in a row are a bug. */
const MOST_ATTEMPTS = 10;

interface LogEnd {
  readonly offset: number;
  readonly lastSequence: number;
}

interface Beginning {
  /** The last position of the log that was there; undefined when there was none. */
  readonly last: number | undefined;
  /** Of the first event of the new one. */
  readonly position: number;
}

/**
 * Adds to the sources' streams. Every message says after which sequence it comes, so that it is stored once and in its place for ever,
 * whoever else publishes: a relay that was paused, a second one, or a retry whose first answer was lost. The server's window for
 * message ids is not used: it forgets after two minutes, and would swallow what is sent again because it was lost.
 */
export class NatsPublisher {
  readonly #nats: Nats;
  readonly #log: Log;
  /** Where each source's log ended when this process last added to it; asked again whenever that does not fit. */
  readonly #logs = new Map<string, LogEnd>();
  readonly #reconciled = new Set<string>();

  constructor(nats: Nats, log: Log) {
    this.#nats = nats;
    this.#log = log;
  }

  /** Adds events of one source, in order of position. */
  async publish(
    source: string,
    batch: readonly PositionedEvent[],
    { afterGap = false }: PublishOptions,
  ): Promise<void> {
    await this.#reconcile(source);
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      const log = await this.#logBefore(source, batch[0]?.position ?? 0);
      const head = log === undefined ? 0 : log.lastSequence + log.offset;
      const fresh = batch.filter(({ position }) => position > head);
      const [first] = fresh;
      if (first === undefined) return;
      if (first.position > head + 1 && !afterGap) throw new TailLost(source, head);
      if (log === undefined || first.position > head + 1)
        await this.#begin(source, { last: log && head, position: first.position });
      else if (await this.#add(source, fresh, log)) return;
    }
    throw new Error(`the log of ${source} moved on ${MOST_ATTEMPTS} times while it was added to`);
  }

  async published(source: string): Promise<number> {
    const log = await findSource(this.#nats.streams, source);
    return log === undefined ? 0 : log.lastSequence + log.offset;
  }

  async #reconcile(source: string): Promise<void> {
    if (this.#reconciled.has(source)) return;
    await reconcileStream(this.#nats.streams, source);
    this.#reconciled.add(source);
  }

  /** The log that an event at this position is added to. What this process remembers counts only if it fits: the server then checks it. */
  async #logBefore(source: string, position: number): Promise<LogEnd | undefined> {
    const known = this.#logs.get(source);
    if (known !== undefined && known.lastSequence + known.offset === position - 1) return known;
    const log = await findSource(this.#nats.streams, source);
    if (log !== undefined) await this.#refuseStrangers(log);
    return log;
  }

  /** A message that somebody else has put into the stream would stand at an event's place, and that event would count as published. */
  async #refuseStrangers({ stream, source, lastSequence, offset }: SourceStream): Promise<void> {
    if (lastSequence === 0) return;
    const last = await this.#nats.streams.streams.getMessage(stream, { seq: lastSequence });
    if (last === null || last.header.get(POSITION) === String(lastSequence + offset)) return;
    throw new Error(`the last message of ${stream} was not published by ${source}: delete it, or the stream`);
  }

  /**
   * Makes the log of a source, whose first event is at `position`. One that has a gap is made anew, and so without durables: what one of them
   * had not read of the old log is not told to it, and what the outbox has forgotten is told to none.
   */
  async #begin(source: string, { last, position }: Beginning): Promise<void> {
    this.#logs.delete(source);
    const { streams } = this.#nats;
    try {
      if (last !== undefined) await removeStream(streams, source);
      await makeStream(streams, source, position);
    } catch (error) {
      // Another relay has made it meanwhile; servers say so in several ways.
      if ((await findSource(streams, source)) === undefined) throw error;
      return;
    }
    if (position === 1) return;
    const facts = { source, from: (last ?? 0) + 1, to: position - 1, state: 'NEEDS_BACKFILL' };
    this.#log.error(facts, 'the log of a source begins anew, behind events that the outbox has forgotten');
  }

  /** Sends all at once and waits for all; false when somebody else had added to the log. */
  async #add(source: string, events: readonly PositionedEvent[], { offset }: LogEnd): Promise<boolean> {
    this.#logs.delete(source);
    const sent = events.map((event) => this.#send(source, event, event.position - offset));
    const failed = (await Promise.allSettled(sent)).find((answer) => answer.status === 'rejected');
    if (failed === undefined) {
      this.#logs.set(source, { offset, lastSequence: (events.at(-1)?.position ?? 0) - offset });
      return true;
    }
    if (failed.reason instanceof JetStreamApiError && OUT_OF_PLACE.includes(failed.reason.code)) return false;
    throw failed.reason;
  }

  async #send(source: string, { position, event }: PositionedEvent, sequence: number): Promise<void> {
    const subject = subjectOf(source, event.type);
    const sentHeaders = headers();
    sentHeaders.set('Content-Type', CONTENT_TYPE);
    sentHeaders.set(POSITION, String(position));
    const options: Partial<JetStreamPublishOptions> = { headers: sentHeaders, expect: placeOf(sequence) };
    const stored = await this.#nats.publisher.publish(subject, JSON.stringify(event), options);
    invariant(stored.seq === sequence, 'a server that stores a message after another gives it the next sequence');
  }
}

/** Servers before 2.10 take an expected last sequence of 0 for none; that a subject is still empty they do check. */
function placeOf(sequence: number): { lastSequence: number } | { lastSubjectSequence: number } {
  return sequence === 1 ? { lastSubjectSequence: 0 } : { lastSequence: sequence - 1 };
}

const OUT_OF_PLACE: readonly number[] = [
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
];
