import { JetStreamError, type JsMsg } from '@nats-io/jetstream';
import { subjectMatches, type CloudEvent, type PositionedEvent } from '../cloud-event.ts';
import type { Log } from '../log.ts';
import { backoffMs, pause, type Backoff } from '../retry.ts';
import { Wakeup } from '../stream.ts';
import { startWorker, type Counts, type Worker } from '../worker.ts';
import type { SubscribeOptions } from './bus.ts';
import type { Nats } from './nats-connection.ts';
import { beginGeneration, findPlace, takenOf, type Place } from './nats-durables.ts';
import { findSource, POSITION, type SourceStream } from './nats-streams.ts';

/** Keeps a batch's memory small and its ledger transaction short. */
const READ_BATCH = 500;
/** A holder that has died or is paused has no pull at the server after this. */
const PULL_MS = 1_500;
/** How often those who stand by look whether the durable still has a holder. */
const LOOK_MS = 500;
/** What subscribers wait for is most often a ledger that restarts. */
const REFUSED_BACKOFF: Backoff = { firstMs: 100, longestMs: 5_000 };

export interface ReaderOptions extends SubscribeOptions {
  readonly nats: Nats;
  readonly source: string;
  readonly log: Log;
}

/**
 * Reads one source for a durable. One process at a time holds the durable there; the others stand by and look, and take it over when
 * twice in a row it had neither a pull at the server nor moved: about three seconds after its holder has died or was paused. To take it
 * over too early costs a repetition and no more.
 */
export class SourceReader implements AsyncDisposable {
  readonly #options: ReaderOptions;
  readonly #worker: Worker;
  /** What was seen at the last look, if nobody held the durable then. */
  #abandoned: string | undefined;
  /** The generation that this process has begun last. */
  #mine: string | undefined;
  #holding: AbortController | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
    const { durable, source, log } = options;
    this.#worker = startWorker({
      name: `bus reader ${durable} of ${source}`,
      runOnce: (signal) => this.#runOnce(signal),
      pollMs: LOOK_MS,
      log,
    });
  }

  /** Looks now whether the durable has a holder. */
  wake(): void {
    this.#worker.wake();
  }

  /** Begins behind what was acknowledged: messages that were on their way may be lost. */
  restart(): void {
    this.#holding?.abort();
    this.#worker.wake();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#worker.stop();
  }

  async #runOnce(stopping: AbortSignal): Promise<Counts> {
    const { nats, source, durable } = this.#options;
    const log = await findSource(nats.streams, source);
    if (log === undefined) return { read: 0 };
    const last = await findPlace(nats.streams, log.stream, durable);
    if (last !== undefined && !this.#isFree(last)) return { read: 0 };
    const taken = this.#behind(last, log);
    const place = await beginGeneration(nats.streams, log.stream, { durable, kind: 'held', taken });
    this.#mine = place?.name;
    if (place === undefined) return { read: 0 };
    return { read: await this.#hold(place, { log, taken, stopping }) };
  }

  #isFree(place: Place): boolean {
    if (place.name === this.#mine || place.kind === 'rewound') return true;
    const seen = place.pulls === 0 ? place.progress : undefined;
    const twice = seen !== undefined && seen === this.#abandoned;
    this.#abandoned = seen;
    return twice;
  }

  /** The sequence behind which to go on. Says loudly when events are gone that the durable has not read: only a backfill brings them. */
  #behind(last: Place | undefined, log: SourceStream): number {
    const oldest = Math.max(0, log.firstSequence - 1);
    if (last === undefined) return oldest;
    const taken = takenOf(last, log);
    const events = last.missed + Math.max(0, oldest - taken);
    if (events > 0) {
      const { durable, source } = this.#options;
      const facts = { durable, source, events, from: taken - last.missed + 1 + log.offset, state: 'NEEDS_BACKFILL' };
      this.#options.log.error(facts, 'the bus has forgotten events that a durable has not read');
    }
    return Math.max(taken, oldest);
  }

  /** Takes what comes until the generation ends: it is closed, somebody has begun another, or the connection was disturbed. */
  async #hold(place: Place, { log, taken, stopping }: Holding): Promise<number> {
    const holding = new AbortController();
    this.#holding = holding;
    const ended = AbortSignal.any([holding.signal, stopping]);
    const inbox = new Inbox(taken);
    ended.addEventListener('abort', () => inbox.wakeup.notify());
    const pulling = this.#pull(place, { log, inbox, ended }).finally(() => holding.abort());
    // Told when it is awaited; it may fail long before, while the subscriber is at work.
    pulling.catch(() => undefined);
    let read = 0;
    try {
      while (!ended.aborted) {
        const { next } = inbox.wakeup;
        const messages = inbox.messages.splice(0, READ_BATCH);
        if (messages.length === 0) await next;
        else if (await this.#take(messages, { log, ended })) read += messages.length;
      }
    } finally {
      holding.abort();
      // What the server gives to a pull that was just taken back is given to nobody, and would count as read if it were forgotten then.
      await Promise.allSettled([pulling]);
      await this.#options.nats.heard();
      await pulling;
    }
    return read;
  }

  async #pull({ name }: Place, { log, inbox, ended }: Pulling): Promise<void> {
    const consumer = await this.#options.nats.publisher.consumers.get(log.stream, name);
    while (!ended.aborted) {
      const messages = await consumer.fetch({ max_messages: READ_BATCH, expires: PULL_MS });
      const stop = (): void => messages.stop();
      ended.addEventListener('abort', stop);
      try {
        for await (const message of messages) inbox.add(message);
      } catch (error) {
        // Another generation has begun.
        if (isDeleted(error)) return;
        throw error;
      } finally {
        ended.removeEventListener('abort', stop);
      }
    }
  }

  /** Has the subscriber store the messages, again and again, then acknowledges them all; false when that is for another holder. */
  async #take(messages: readonly JsMsg[], { log, ended }: Omit<Pulling, 'inbox'>): Promise<boolean> {
    const { onBatch, subjects } = this.#options;
    const wanted = messages
      .flatMap((message) => this.#toEvent(message, log))
      .filter(({ event }) => subjects.some((subject) => subjectMatches(subject, event.type)));
    for (let attempt = 1; wanted.length > 0; attempt += 1) {
      try {
        await onBatch(wanted);
        break;
      } catch (error) {
        if (ended.aborted) return false;
        const { durable, source } = this.#options;
        this.#options.log.warn({ err: error, durable, source, attempt }, 'events were not taken');
        await pause(backoffMs(REFUSED_BACKOFF, attempt), ended);
        if (ended.aborted) return false;
      }
    }
    try {
      // Cumulative: all before it have been stored, by this holder or an earlier one.
      return (await messages.at(-1)?.ackAck()) ?? true;
    } catch (error) {
      if (ended.aborted) return false;
      throw error;
    }
  }

  /** Nothing for what somebody else has put into the stream. */
  #toEvent(message: JsMsg, { offset, stream }: SourceStream): PositionedEvent[] {
    const position = message.seq + offset;
    if (message.headers?.get(POSITION) === String(position)) return [{ position, event: message.json<CloudEvent>() }];
    this.#options.log.error({ stream, sequence: message.seq }, 'a message that is no event was passed over');
    return [];
  }
}

const isDeleted = (error: unknown): boolean =>
  error instanceof JetStreamError && 'code' in error && error.code === DELETED;
/** The status with which the server ends a pull whose consumer is gone. */
const DELETED = 409;

interface Holding {
  readonly log: SourceStream;
  /** The last sequence that is taken already. */
  readonly taken: number;
  readonly stopping: AbortSignal;
}

interface Pulling {
  readonly log: SourceStream;
  readonly inbox: Inbox;
  readonly ended: AbortSignal;
}

/** What has come and is not taken yet: each message once and in order, and none left out. */
class Inbox {
  readonly messages: JsMsg[] = [];
  readonly wakeup = new Wakeup();
  #last: number;
  #delivered = 0;

  constructor(last: number) {
    this.#last = last;
  }

  /** Throws when a message before it was lost on its way. */
  add(message: JsMsg): void {
    if (message.seq <= this.#last) return;
    if (message.info.deliverySequence !== this.#delivered + 1)
      throw new Error('a message was lost on its way from the bus');
    this.#delivered += 1;
    this.#last = message.seq;
    this.messages.push(message);
    this.wakeup.notify();
  }
}
