import postgres from 'postgres';
import type { Bus } from '#shared/events/bus.ts';
import { openPostgresBus } from '#shared/events/postgres-bus.ts';
import { replicaApplied } from './events.ts';
import { quietLog } from './store.ts';

/**
 * Tells on the bus what the notification service would: the test says when it has applied which user. It goes on where that service's log
 * ends, so a system that runs the real one must have closed it before.
 */
export class PlayedNotification implements AsyncDisposable {
  readonly #bus: Bus;
  #position: number;

  private constructor(bus: Bus, position: number) {
    this.#bus = bus;
    this.#position = position;
  }

  static async open(busUrl: string): Promise<PlayedNotification> {
    const bus = await openPostgresBus({ url: busUrl, name: 'notification', log: quietLog });
    return new PlayedNotification(bus, await headOf(busUrl));
  }

  /** Tells that the service now holds this version of the user. */
  async hasApplied(recordId: string, version: number): Promise<void> {
    this.#position += 1;
    await this.#bus.publish([replicaApplied({ recordId, version, position: this.#position })]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#bus[Symbol.asyncDispose]();
  }
}

async function headOf(busUrl: string): Promise<number> {
  const sql = postgres(busUrl, { max: 1, onnotice: () => {} });
  try {
    const [row] = await sql<{ head: number }[]>`SELECT head::int FROM bus_sources WHERE source = 'notification'`;
    return row?.head ?? 0;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
