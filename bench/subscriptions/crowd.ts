import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { pause } from '#shared/retry.ts';
import { microseconds } from './events.ts';
import { openConnection, type Transport } from './connection.ts';
import type { Ports } from './peer.ts';

export interface CrowdOptions extends Ports {
  readonly transport: Transport;
  readonly query: string;
  readonly clients: number;
}

/** So many connect at the same time: fewer than a server's queue of connections takes. */
const CONNECTING = 100;
/** How long a client that has asked may take until it is told the first event. */
const PROBE_EVERY_MS = 100;
/** Longer than anything takes on a machine that is at work. */
const OVERDUE_MS = 60_000;
/** More events are never under way. */
const REMEMBERED = 1 << 16;

/**
 * Clients of one operation, each of whom must be told each event once and in order: the first that is not, or whose connection is closed,
 * fails everything.
 */
export class Crowd implements Disposable {
  readonly clients: number;
  /** Called when an event has come to all clients, in the order of the events. */
  onAll: (number: number) => void = nothing;
  /** Called for each event of each client with how long it took, in microseconds. */
  onLatency: ((latency: number) => void) | undefined;
  readonly #options: CrowdOptions;
  readonly #sockets: Socket[] = [];
  readonly #last: Int32Array;
  readonly #pings: Int32Array;
  readonly #got = new Int32Array(REMEMBERED);
  readonly #fault = Promise.withResolvers<never>();
  #publisher: Socket | undefined;
  #published = 0;
  #joined = 0;
  #probing = true;
  #leaving = false;

  private constructor(options: CrowdOptions) {
    this.#options = options;
    this.clients = options.clients;
    this.#last = new Int32Array(options.clients);
    this.#pings = new Int32Array(options.clients);
    this.#fault.promise.catch(nothing);
  }

  /** Resolves when all clients are told what happens. */
  static async open(options: CrowdOptions): Promise<Crowd> {
    const crowd = new Crowd(options);
    await crowd.unlessFault(crowd.#open());
    return crowd;
  }

  /** The newest event. */
  get published(): number {
    return this.#published;
  }

  /** How often the client that was pinged least was. */
  get pings(): number {
    return this.#pings.reduce((least, each) => Math.min(least, each));
  }

  /** Has all events up to this one published that are not yet. */
  publish(upTo: number): void {
    if (upTo <= this.#published) return;
    this.#published = upTo;
    this.#publisher?.write(`${upTo}\n`);
  }

  /** Rejects when a client is not told what it should be, or when it takes too long. */
  async unlessFault<Result>(work: Promise<Result>, withinMs = OVERDUE_MS): Promise<Result> {
    const overdue = Promise.withResolvers<never>();
    const timer = setTimeout(() => overdue.reject(new Error(this.#progress())), withinMs);
    try {
      return await Promise.race([work, this.#fault.promise, overdue.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.dispose](): void {
    this.#leaving = true;
    this.#publisher?.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #open(): Promise<void> {
    const { publisher, clients } = this.#options;
    this.#publisher = connect({ port: publisher, host: '127.0.0.1', noDelay: true });
    const lines = createInterface({ input: this.#publisher });
    for (const source of [this.#publisher, lines]) {
      source.on('error', (error: unknown) => this.#fault.reject(new Error(`the publisher: ${String(error)}`)));
    }
    const [published] = (await once(lines, 'line')) as [string];
    this.#published = Number(published);
    for (let first = 0; first < clients; first += CONNECTING) {
      const batch = Array.from({ length: Math.min(CONNECTING, clients - first) }, (_, at) => this.#connect(first + at));
      this.#sockets.push(...(await Promise.all(batch)));
    }
    await this.#probe();
  }

  #connect(client: number): Promise<Socket> {
    return openConnection({
      ...this.#options,
      onEvent: (number, publishedAt) => this.#heard(client, number, publishedAt),
      onPing: () => (this.#pings[client] = (this.#pings[client] ?? 0) + 1),
      onFault: (reason) => {
        if (!this.#leaving) this.#fault.reject(new Error(`client ${client}: ${reason}`));
      },
    });
  }

  /** No protocol says when a subscription has begun: it has when an event comes. */
  async #probe(): Promise<void> {
    do {
      this.publish(this.#published + 1);
      await pause(PROBE_EVERY_MS);
    } while (this.#joined < this.clients);
    while (this.#last.some((last) => last !== this.#published)) {
      await pause(PROBE_EVERY_MS);
    }
    this.#got.fill(0);
    this.#probing = false;
  }

  #heard(client: number, number: number, publishedAt: number): void {
    const last = this.#last[client] ?? 0;
    this.#last[client] = number;
    if (last === 0) this.#joined += 1;
    else if (number !== last + 1) this.#fault.reject(new Error(`client ${client} was told ${number} behind ${last}`));
    if (this.#probing) return;
    this.onLatency?.(microseconds() - publishedAt);
    const at = number % REMEMBERED;
    const got = (this.#got[at] ?? 0) + 1;
    this.#got[at] = got < this.clients ? got : 0;
    if (got === this.clients) this.onAll(number);
  }

  #progress(): string {
    const slowest = this.#last.reduce((least, each) => Math.min(least, each));
    return `overdue: ${this.#joined} clients joined, the slowest at ${slowest} of ${this.#published}`;
  }
}

function nothing(): void {
  // Nobody wants to know.
}
