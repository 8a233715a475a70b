import { z } from 'zod';
import type { CloudEvent } from '#shared/cloud-event.ts';
import type { Subscription } from '#shared/events/bus.ts';
import { startConsumer, type ConsumerOptions } from '#shared/events/consumer.ts';
import type { Database } from '#shared/store/postgres.ts';
import { noteCustomer } from '../store/customers.ts';

/** What of a user matters here. A status that this service does not know yet is kept as it is: it does not suspend. */
const userData = z.object({ status: z.string().min(1) });

/** Names the consumer's place on the bus and its events in the ledger. */
export const CUSTOMERS = 'order-customers';

/** Keeps what this service must know of users; guarded by revision, so that what comes late or twice changes nothing. */
export function followUsers(services: Pick<ConsumerOptions, 'bus' | 'db' | 'log'>): Promise<Subscription> {
  return startConsumer({
    ...services,
    durable: CUSTOMERS,
    subjects: ['user.*'],
    handle: (event) => noteUser(services.db, event),
  });
}

async function noteUser(db: Database, event: CloudEvent): Promise<void> {
  const { status } = userData.parse(event.data);
  await noteCustomer(db, { userId: event.subject, status, revision: Number(event.revision) });
}
