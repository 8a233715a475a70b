import type { PositionedEvent } from '../cloud-event.ts';

/** How far each source has been read: the last position per source. */
export type Positions = Readonly<Record<string, number>>;

/** What a source has published before is not on the bus any more; `position` is how far the bus still goes. Publish again from there. */
export class TailLost extends Error {
  override readonly name = 'TailLost';
  readonly position: number;

  constructor(source: string, position: number) {
    super(`the bus holds the events of ${source} up to position ${position} only`);
    this.position = position;
  }
}

export interface PublishOptions {
  /** The source itself has forgotten what lay between what it published last and this batch: the bus goes on without it. */
  readonly afterGap?: boolean;
}

export interface Subscription {
  /** Looks for events now, without waiting. */
  wake(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The event bus: a log per source, and durable cursors into all of them. Two implementations, one contract
 * (shared/testing/bus-contract.ts).
 *
 * Delivery is at least once, in order of position within each source. A durable's subscribers store what they get and return;
 * only then is the durable moved on. What happens to an event afterwards is the ledger's business.
 */
export interface Bus {
  /**
   * Adds a source's events, in order of position. Publishing a (source, position) again changes nothing. Resolves when the bus has stored
   * them; throws {@link TailLost} when it finds that it has lost what was published before them.
   */
  publish(batch: readonly PositionedEvent[], options?: PublishOptions): Promise<void>;
  /** The last position of a source that the bus holds or has held; less than was acknowledged when it has lost its tail. */
  published(source: string): Promise<number>;
  /** Delivers to a durable from where it stands; a new durable begins at the oldest event kept. */
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** Where the durable stands, per source. */
  position(durable: string): Promise<Positions>;
  /** Sets the durable back (or on), so that events after the given positions are delivered again. */
  rewind(durable: string, from: Positions): Promise<void>;
  /**
   * Forgets events of a source published before `before` that every durable has read; returns how many. A bus that forgets by age alone
   * returns 0, and says loudly in the log when a durable has not read what is gone.
   */
  prune(source: string, before: Date): Promise<number>;
  /** Rejects when the bus cannot be reached. */
  check(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SubscribeOptions {
  readonly durable: string;
  /** Event types, `*` standing for one token (`user.*`). */
  readonly subjects: readonly string[];
  /** Must have stored the events when it resolves. When it rejects, the same events come again. */
  readonly onBatch: (events: readonly PositionedEvent[]) => Promise<void>;
}
