import { once } from 'node:events';
import type { FastifyReply } from 'fastify';
import type { Delivery } from '../subscriptions/delivery.ts';
import type { Sink, StreamEnd, Subscription } from '../subscriptions/subscription.ts';
import type { StreamFormat } from './stream-format.ts';

interface HttpStreamOptions {
  /** Its headers so far go with the stream. */
  readonly reply: FastifyReply;
  readonly format: StreamFormat;
  /** Answers what was refused before the stream has begun, or has it told in the stream by returning false. */
  readonly refuse: (end: StreamEnd) => boolean;
}

/** A client that does not take the end of its stream within it is cut off: a gateway that stops has 15 s for all it does. */
const LINGER_MS = 10_000;

/** For every stream: no proxy may keep or change it, and nginx hands each event on at once. */
const STREAM_HEADERS = { 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' };

/** A subscription as the body of an HTTP answer. */
export class HttpStream implements Sink {
  readonly #options: HttpStreamOptions;
  #state: 'new' | 'open' | 'ended' | 'refused' = 'new';
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(options: HttpStreamOptions) {
    this.#options = options;
  }

  /** Sends the head unless that was refused already, and stays with the subscription until one of both sides has ended. */
  follow(subscription: Subscription): void {
    const response = this.#response;
    response.on('drain', () => subscription.drained());
    response.once('close', () => {
      this.#end();
      subscription.leave();
    });
    if (this.#state === 'new') this.#open();
  }

  write(delivery: Delivery): boolean {
    const response = this.#response;
    if (this.#state === 'ended' || this.#state === 'refused') return false;
    if (this.#state === 'new') this.#open();
    let takesMore = !response.writableNeedDrain;
    for (const frame of this.#options.format.frames(delivery)) takesMore = response.write(frame);
    return takesMore;
  }

  end(end: StreamEnd): void {
    const { format, refuse } = this.#options;
    const response = this.#response;
    if (this.#state === 'ended' || this.#state === 'refused') return;
    if (this.#state === 'new' && end.errors.length > 0 && refuse(end)) {
      this.#state = 'refused';
      return;
    }
    if (this.#state === 'new') this.#open();
    this.#end();
    response.end(format.ending(end));
    const linger = setTimeout(() => response.destroy(), LINGER_MS);
    response.once('close', () => clearTimeout(linger));
  }

  /** There is no stream: the answer was another. */
  get refused(): boolean {
    return this.#state === 'refused';
  }

  /** Settles when the connection has nothing more to send. */
  async closed(): Promise<void> {
    if (!this.#response.closed) await once(this.#response, 'close');
  }

  get #response(): FastifyReply['raw'] {
    return this.#options.reply.raw;
  }

  #open(): void {
    const { reply, format } = this.#options;
    const response = this.#response;
    this.#state = 'open';
    void reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) response.setHeader(name, value ?? '');
    response.writeHead(200, { ...STREAM_HEADERS, 'content-type': format.contentType });
    response.write(format.opening);
    const { frame, everyMs } = format.heartbeat;
    this.#heartbeat = setInterval(() => {
      // Who does not read gets no more to read.
      if (!response.writableNeedDrain) response.write(frame);
    }, everyMs);
  }

  #end(): void {
    this.#state = 'ended';
    clearInterval(this.#heartbeat);
  }
}
