import { v7 } from 'uuid';
import type { CloudEvent, PositionedEvent } from '../cloud-event.ts';
import type { Bus, Subscription } from '../events/bus.ts';
import { pause } from '../retry.ts';

/** What buses of one test share: closing one and opening another is a restart. */
export interface BusStorage extends AsyncDisposable {
  open(): Promise<Bus>;
}

/** Where a test of the contract takes place. */
export interface Place {
  readonly bus: () => Bus;
  /** Another bus on the same storage, as another process would open it. */
  readonly reopen: () => Promise<Bus>;
  /** Resolves once the durable stands there. */
  readonly stands: (durable: string, positions: Record<string, number>) => Promise<void>;
}

/** An event of a source that makes up nothing but its place. */
export function eventAt(source: string, position: number, type = 'user.created'): PositionedEvent {
  const event: CloudEvent = {
    specversion: '1.0',
    id: v7(),
    source,
    type,
    subject: `${source}-${position}`,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: { position },
    revision: '1',
  };
  return { position, event };
}

export function eventsAt(source: string, from: number, to: number): PositionedEvent[] {
  return Array.from({ length: to - from + 1 }, (_, at) => eventAt(source, from + at));
}

/** Generous: a claim fails by what is seen, not by how fast this machine is today. */
const DEADLINE_MS = 30_000;

/** Resolves once the condition holds; what it is matters when it never does. */
export async function eventually(what: () => string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + DEADLINE_MS; !(await holds());) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what()}`);
    await pause(10);
  }
}

/** A subscriber that remembers what it was given. */
export class Listener {
  readonly heard: PositionedEvent[] = [];
  /** Called with each batch before it is remembered. */
  onBatch: (events: readonly PositionedEvent[]) => Promise<void> = () => Promise.resolve();

  subscribe(bus: Bus, durable: string, subjects: readonly string[] = ['user.*']): Promise<Subscription> {
    return bus.subscribe({
      durable,
      subjects,
      onBatch: async (events) => {
        await this.onBatch(events);
        this.heard.push(...events);
      },
    });
  }

  positions(source = 'user'): number[] {
    return this.heard.filter(({ event }) => event.source === source).map(({ position }) => position);
  }

  hears(count: number): Promise<void> {
    return eventually(
      () => `${count} events, of which came ${this.heard.length}`,
      () => this.heard.length >= count,
    );
  }
}

/** The positions from `first` to `last`. */
export const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);
