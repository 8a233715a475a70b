import type { Bus, Subscription } from '#shared/events/bus.ts';
import type { PositionedEvent } from '#shared/cloud-event.ts';
import type { Database } from '#shared/store/postgres.ts';
import { noteCustomer } from '../store/customers.ts';

/** Keeps what this service must know of users; guarded by revision, so that what comes late or twice changes nothing. */
export function followUsers(bus: Bus, db: Database): Promise<Subscription> {
  return bus.subscribe({
    durable: 'order-customers',
    subjects: ['user.*'],
    onBatch: (events) => noteUsers(db, events),
  });
}

async function noteUsers(db: Database, events: readonly PositionedEvent[]): Promise<void> {
  for (const { event } of events) {
    const { status } = event.data as { readonly status: string };
    await noteCustomer(db, { userId: event.subject, status, revision: Number(event.revision) });
  }
}
