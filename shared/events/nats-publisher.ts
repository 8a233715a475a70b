import { JetStreamApiCodes, JetStreamApiError, type JetStreamPublishOptions } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import type { PositionedEvent } from '../cloud-event.ts';
import { invariant } from '../invariant.ts';
import { TailLost, type PublishOptions } from './bus.ts';
import type { Nats } from './nats-connection.ts';
import { findSource, makeStream, POSITION, reconcileStream, subjectOf, type SourceStream } from './nats-streams.ts';

/**
 * Structured content mode, which is all that version 1.0.2 of CloudEvents' NATS protocol binding has: the message is the event as the
 * outbox, the other bus and the ledger have it, and no attribute needs the escaping of headers.
 */
const CONTENT_TYPE = 'application/cloudevents+json';
/** Another relay moves the log on between two of these; more than a few in a row are a bug. */
const MOST_ATTEMPTS = 10;

interface Log {
  readonly offset: number;
  readonly lastSequence: number;
}

/**
 * Adds to the sources' streams. Every message says after which sequence it comes, so that it is stored once and in its place for ever,
 * whoever else publishes: a relay that was paused, a second one, or a retry whose first answer was lost. The server's window for
 * message ids is not used: it forgets after two minutes, and would swallow what is sent again because it was lost.
 */
export class NatsPublisher {
  readonly #nats: Nats;
  /** Where each source's log ended when this process last added to it; asked again whenever that does not fit. */
  readonly #logs = new Map<string, Log>();
  readonly #reconciled = new Set<string>();

  constructor(nats: Nats) {
    this.#nats = nats;
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
      if (log === undefined || first.position > head + 1) await this.#begin(source, first.position);
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
  async #logBefore(source: string, position: number): Promise<Log | undefined> {
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

  async #begin(source: string, position: number): Promise<void> {
    this.#logs.delete(source);
    try {
      await makeStream(this.#nats.streams, source, position);
    } catch (error) {
      // Another relay has made it meanwhile.
      if (!(error instanceof JetStreamApiError) || error.code !== STREAM_NAME_IN_USE) throw error;
    }
  }

  /** Sends all at once and waits for all; false when somebody else had added to the log. */
  async #add(source: string, events: readonly PositionedEvent[], { offset }: Log): Promise<boolean> {
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

const STREAM_NAME_IN_USE = 10_058;
const OUT_OF_PLACE: readonly number[] = [
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
];
