import type { RequestContext } from '#shared/graphql/context.ts';
import { CLOCK_TOLERANCE_S } from '#shared/identity/tokens.ts';
import type { Delivery } from './delivery.ts';
import { endAt, EXPIRED, SLOW, type Ending } from './ends.ts';
import { expiryOf, identityOf } from './identity.ts';
import type { EndReason, Sink, Subscription, Transport } from './subscription.ts';

/** Results that one client has not taken yet. They are shared with all others, so what is counted is how far it may fall behind. */
const LONGEST_QUEUE = 1_000;
/** Where results are large, fewer may wait: they are kept for this client alone once all others have them. */
const MOST_QUEUED_CHARACTERS = 4 * 1024 * 1024;
/** A connection that takes nothing at all for so long is as good as gone. */
const STALLED_MS = 30_000;
/** The longest that a timer can wait for. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface MemberOptions {
  readonly sink: Sink;
  readonly context: RequestContext;
  readonly transport: Transport;
  readonly field: string;
  readonly checkpoints: boolean;
  /** The cursor behind which the client wants to begin. */
  readonly after: string | undefined;
  /** Called once, when the client is told no more. */
  readonly onEnd: (member: Member, reason: EndReason) => void;
}

/** Where a member hears what it tells its client. */
export interface Told {
  /** A member whose client did not keep up does so again. */
  readonly caughtUp: () => void;
  readonly refreshed: (context: RequestContext) => void;
}

/** One client of a stream, with what waits for it. */
export class Member implements Subscription {
  /** Results still to come that were on their way before this member came, and are not for it. */
  skip = 0;
  channel: Told | undefined;
  readonly transport: Transport;
  readonly field: string;
  readonly #options: MemberOptions;
  readonly #queue: Delivery[] = [];
  #context: RequestContext;
  #cursor: string | undefined;
  #queued = 0;
  #stalled: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #ending: Ending | undefined;
  #over = false;

  constructor(options: MemberOptions) {
    this.#options = options;
    this.#context = options.context;
    this.#cursor = options.after;
    this.transport = options.transport;
    this.field = options.field;
    this.#expire();
  }

  get context(): RequestContext {
    return this.#context;
  }

  /** Does its connection take nothing for now? */
  get blocked(): boolean {
    return this.#stalled !== undefined;
  }

  /** Results that wait for its connection. */
  get queueLength(): number {
    return this.#queue.length;
  }

  /** Gives it the stream's next result. */
  offer(delivery: Delivery): void {
    if (this.#over) return;
    if (this.skip > 0) {
      if (!delivery.checkpoint) this.skip -= 1;
      return;
    }
    if (delivery.checkpoint && !this.#options.checkpoints) return;
    if (!this.blocked) return this.#write(delivery);
    this.#queue.push(delivery);
    this.#queued += delivery.json.length;
    if (this.#queue.length > LONGEST_QUEUE || this.#queued > MOST_QUEUED_CHARACTERS) this.end(SLOW);
  }

  drained(): void {
    if (this.#over || !this.blocked) return;
    clearTimeout(this.#stalled);
    this.#stalled = undefined;
    let taken = 0;
    for (const delivery of this.#queue) {
      if (this.blocked) break;
      taken += 1;
      this.#queued -= delivery.json.length;
      this.#write(delivery);
    }
    this.#queue.splice(0, taken);
    if (this.blocked) return;
    if (this.#ending === undefined) this.channel?.caughtUp();
    else this.end(this.#ending);
  }

  leave(): void {
    this.#stop('left');
  }

  refresh(context: RequestContext): boolean {
    if (identityOf(context) !== identityOf(this.#context)) return false;
    if (this.#over || expiryOf(context) <= expiryOf(this.#context)) return true;
    this.#context = context;
    this.#expire();
    this.channel?.refreshed(context);
    return true;
  }

  /** Ends it behind everything that it was given. */
  finish(end: Ending): void {
    if (this.#queue.length === 0) this.end(end);
    else this.#ending = end;
  }

  /** Ends it now. */
  end(end: Ending): void {
    if (this.#over) return;
    this.#stop(end.reason);
    this.#options.sink.end(endAt(end, this.#cursor));
  }

  #write(delivery: Delivery): void {
    this.#cursor = delivery.cursor ?? this.#cursor;
    if (this.#options.sink.write(delivery) || this.#over) return;
    this.#stalled = setTimeout(() => this.end(SLOW), STALLED_MS);
  }

  #expire(): void {
    clearTimeout(this.#expiry);
    const at = expiryOf(this.#context);
    if (at === Number.POSITIVE_INFINITY) return;
    // As late as verification would still take the token, so that a socket with a token of its own is closed first.
    const lastsMs = Math.min(at + CLOCK_TOLERANCE_S * 1_000 - Date.now(), LONGEST_TIMER_MS);
    this.#expiry = setTimeout(() => this.end(EXPIRED), lastsMs).unref();
  }

  #stop(reason: EndReason): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#stalled);
    clearTimeout(this.#expiry);
    this.#queue.length = 0;
    this.#options.onEnd(this, reason);
  }
}
