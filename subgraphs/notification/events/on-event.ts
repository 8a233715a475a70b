import type { Bus, Subscription } from '#shared/events/bus.ts';
import { startConsumer } from '#shared/events/consumer.ts';
import type { Log } from '#shared/log.ts';
import type { Database } from '#shared/store/postgres.ts';
import { noteEvent } from '../commands/note-event.ts';
import type { NotificationServices } from '../commands/send-notification.ts';

interface Following {
  readonly db: Database;
  readonly bus: Bus;
  readonly log: Log;
  readonly services: NotificationServices;
}

/** Names the consumer's place on the bus and its events in the ledger. */
export const NOTED = 'notification';

/** Follows what happens to users and orders. */
export function followUsersAndOrders({ db, bus, log, services }: Following): Promise<Subscription> {
  return startConsumer({
    durable: NOTED,
    subjects: ['user.*', 'order.*'],
    db,
    bus,
    log,
    handle: (event) => noteEvent(services, event),
  });
}
