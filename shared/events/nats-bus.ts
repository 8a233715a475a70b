import type { PositionedEvent } from '../cloud-event.ts';
import type { Log } from '../log.ts';
import { startWorker, type Counts } from '../worker.ts';
import type { Bus, PublishOptions, SubscribeOptions } from './bus.ts';
import { openNats, type Nats } from './nats-connection.ts';
import { positionsIn, rewindDurable } from './nats-durables.ts';
import { NatsPublisher } from './nats-publisher.ts';
import { SourceReader } from './nats-reader.ts';
import { findSources } from './nats-streams.ts';

/** A source is new once in its life; its first event may wait this long. */
const DISCOVERY_MS = 1_000;

/** Opens the bus that lives in NATS JetStream: a stream per source, a pull consumer per durable and source. */
export async function openNatsBus(options: { url: string; name: string; log: Log }): Promise<Bus> {
  const nats = await openNats(options);
  const subscribers = new Set<Subscriber>();
  const publisher = new NatsPublisher(nats, options.log);
  nats.onReconnect(() => subscribers.forEach((subscriber) => subscriber.restart()));
  const discovery = startWorker({
    name: 'bus discovery',
    runOnce: () => discoverOnce(nats, subscribers),
    pollMs: DISCOVERY_MS,
    log: options.log,
  });
  return {
    publish: (batch, publishOptions = {}) => publish(publisher, batch, publishOptions),
    published: (source) => publisher.published(source),
    subscribe: (subscription) => {
      const subscriber = new Subscriber({ nats, log: options.log, subscription });
      subscribers.add(subscriber);
      discovery.wake();
      return Promise.resolve({
        wake: () => {
          discovery.wake();
          subscriber.wake();
        },
        [Symbol.asyncDispose]: async () => {
          subscribers.delete(subscriber);
          await subscriber[Symbol.asyncDispose]();
        },
      });
    },
    position: async (durable) => positionsIn(nats.streams, await findSources(nats.streams), durable),
    rewind: async (durable, from) => {
      for (const log of await findSources(nats.streams)) {
        const position = from[log.source];
        if (position === undefined) continue;
        await rewindDurable(nats.streams, log, { durable, taken: position - log.offset });
      }
      subscribers.forEach((subscriber) => subscriber.wake());
    },
    // Streams forget by age (nats-streams.ts).
    prune: () => Promise.resolve(0),
    check: async () => {
      await nats.streams.getAccountInfo();
    },
    [Symbol.asyncDispose]: async () => {
      await discovery.stop();
      await Promise.all([...subscribers].map((subscriber) => subscriber[Symbol.asyncDispose]()));
      await nats[Symbol.asyncDispose]();
    },
  };
}

async function publish(
  publisher: NatsPublisher,
  batch: readonly PositionedEvent[],
  options: PublishOptions,
): Promise<void> {
  const sources = Map.groupBy(batch, ({ event }) => event.source);
  await Promise.all(Array.from(sources, ([source, events]) => publisher.publish(source, events, options)));
}

async function discoverOnce(nats: Nats, subscribers: ReadonlySet<Subscriber>): Promise<Counts> {
  if (subscribers.size === 0) return { discovered: 0 };
  const sources = (await findSources(nats.streams)).map(({ source }) => source);
  let discovered = 0;
  for (const subscriber of subscribers) {
    for (const source of sources) discovered += Number(subscriber.reads(source));
  }
  return { discovered };
}

/** A subscription's readers, one for each source that is known. */
class Subscriber implements AsyncDisposable {
  readonly #options: { nats: Nats; log: Log; subscription: SubscribeOptions };
  readonly #readers = new Map<string, SourceReader>();
  #closed = false;

  constructor(options: { nats: Nats; log: Log; subscription: SubscribeOptions }) {
    this.#options = options;
  }

  /** Reads a source from now on; false when it does so already. */
  reads(source: string): boolean {
    if (this.#closed || this.#readers.has(source)) return false;
    const { nats, log, subscription } = this.#options;
    this.#readers.set(source, new SourceReader({ ...subscription, nats, log, source }));
    return true;
  }

  wake(): void {
    this.#readers.forEach((reader) => reader.wake());
  }

  restart(): void {
    this.#readers.forEach((reader) => reader.restart());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all(Array.from(this.#readers.values(), (reader) => reader[Symbol.asyncDispose]()));
  }
}
