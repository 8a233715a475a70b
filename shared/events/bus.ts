import type { PositionedEvent } from '../cloud-event.ts';

/** How far each source has been read: the last position per source. */
export type Positions = Readonly<Record<string, number>>;

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
  /** Adds a source's events. Publishing a (source, position) again changes nothing. Resolves when they cannot be lost any more. */
  publish(batch: readonly PositionedEvent[]): Promise<void>;
  /** Delivers to a durable from where it stands; a new durable begins at the oldest event kept. */
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** Where the durable stands, per source. */
  position(durable: string): Promise<Positions>;
  /** Sets the durable back (or on), so that events after the given positions are delivered again. */
  rewind(durable: string, from: Positions): Promise<void>;
  /** Forgets events of a source published before `before` that every durable has read; returns how many. */
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
