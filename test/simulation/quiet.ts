import { isDeepStrictEqual } from 'node:util';
import { subjectMatches, type CloudEvent } from '#shared/cloud-event.ts';
import { isDecided, type OrderStatus } from '#order/domain/order.ts';
import type { ReservationState } from '#inventory/domain/reservation.ts';
import { PIPELINES, type Pipeline } from '#sync/domain/pipeline.ts';
import { replicaOf } from '#sync/domain/replica.ts';
import type { Clients } from './clients.ts';
import type { System } from './system.ts';

/** What is not yet as it must be once nothing goes wrong any more; the promise, and what shows that it is not kept. */
export interface Unsettled {
  readonly promise: string;
  readonly detail: string;
}

/** The reservations that agree with an order that is decided. */
const AGREES: Readonly<Partial<Record<OrderStatus, readonly (ReservationState | undefined)[]>>> = {
  CONFIRMED: ['CONFIRMED'],
  FAILED: [undefined, 'RELEASED', 'EXPIRED', 'HELD'],
  CANCELLED: ['RETURNED'],
};

/** What orders, calls and their answers still wait for (EXACTLY-ONCE §7: 3, 7). */
export function* undecided({ orders, inventory }: System, clients: Clients): Iterable<Unsettled> {
  for (const key of clients.waiting) yield { promise: 'every call is answered', detail: key };
  for (const order of orders.rows.rows.values()) {
    const { id, status } = order;
    if (!isDecided(order)) yield { promise: 'every order is decided', detail: `${id} is ${status}` };
    const state = inventory.reservations.rows.get(id)?.state;
    if (isDecided(order) && AGREES[status]?.includes(state) !== true) {
      yield { promise: 'order and reservation agree', detail: `${id} is ${status}, its reservation ${state}` };
    }
  }
}

export function* heldTooLong({ inventory }: System, now: number): Iterable<Unsettled> {
  for (const [id, { state, expiresAt }] of inventory.reservations.rows) {
    // The sweep looks every few seconds.
    if (state === 'HELD' && +expiresAt < now - 30_000) yield { promise: 'nothing is held past its time', detail: id };
  }
}

/** What was answered and is not there (EXACTLY-ONCE §7: 3). */
export function* lostWrites({ orders, users }: System, clients: Clients): Iterable<Unsettled> {
  for (const [key, answered] of clients.answers) {
    if (clients.isForgotten(answered) || answered.outcome.data === undefined) continue;
    const data = answered.outcome.data as { orderId?: string; userId?: string; version?: number };
    const change = clients.changes.get(key);
    const isThere =
      change === undefined
        ? orders.rows.rows.has(data.orderId ?? '')
        : users.outbox.events().some(({ subject, data: told }) => {
            const { version, firstName } = told as { version: number; firstName: string };
            return subject === change.id && version === data.version && firstName === change.firstName;
          });
    if (!isThere) yield { promise: 'no answered write is lost', detail: key };
  }
}

/** What has not come where it must (EXACTLY-ONCE §7: 8, 9). */
export function* unconverged(system: System): Iterable<Unsettled> {
  yield* untold(system);
  for (const pipeline of PIPELINES) yield* unapplied(system, pipeline);
  yield* strayCopies(system);
}

function* untold({ outboxes, bus }: System): Iterable<Unsettled> {
  for (const [source, outbox] of outboxes) {
    for (const { position, event } of outbox.rows.rows.values()) {
      // What was told before a restore and is gone from the outbox is on the bus all the same, and the other way round.
      if (position !== null && position <= (bus.log.skipped.get(source) ?? 0)) continue;
      const told = position === null ? undefined : bus.log.at(source, position)?.event.id;
      if (told !== event.id)
        yield { promise: 'every event is told', detail: `${source} ${event.subject} ${event.revision}` };
    }
  }
}

/** The last event of each record that a source has told. */
function latest({ outboxes }: System, source: string, subjects: readonly string[]): Map<string, CloudEvent> {
  const events = outboxes.get(source)?.events() ?? [];
  const found = new Map<string, CloudEvent>();
  for (const event of events.filter(({ type }) => subjects.some((subject) => subjectMatches(subject, type)))) {
    const known = found.get(event.subject);
    if (known === undefined || Number(event.revision) > Number(known.revision)) found.set(event.subject, event);
  }
  return found;
}

function* unapplied(system: System, pipeline: Pipeline): Iterable<Unsettled> {
  const { sync, target } = system;
  const entries = Map.groupBy(sync.ledger.of(pipeline.id), ({ event }) => event.subject);
  for (const [id, event] of latest(system, pipeline.source, pipeline.subjects)) {
    const mine = entries.get(id) ?? [];
    const where = `${pipeline.id} ${id} ${event.revision}`;
    if (!mine.some(({ eventId }) => eventId === event.id))
      yield { promise: 'every event is in the ledger', detail: where };
    const isPoisoned = pipeline.driven && target.poisoned.has(id);
    const isGivenUp = mine.some(({ state }) => state === 'DEAD_LETTERED');
    if (isPoisoned) {
      if (!isGivenUp) yield { promise: 'what is not taken is given up', detail: where };
      continue;
    }
    const open = mine.find(({ state }) => state !== 'APPLIED' && state !== 'SUPERSEDED');
    if (open !== undefined)
      yield { promise: 'every event is applied', detail: `${where}: ${open.revision} is ${open.state}` };
    const record = sync.records.rows.get(`${pipeline.entity}/${id}/${pipeline.target}`);
    const isHonest = record?.state === 'APPLIED' && record.targetRevision === Number(event.revision);
    if (!isHonest)
      yield {
        promise: 'the state shown is the state',
        detail: `${where} is shown as ${record?.state} ${record?.targetRevision}`,
      };
    if (!pipeline.driven) continue;
    const [held, wanted] = [target.rows.get(`${pipeline.entity}/${id}`), replicaOf(pipeline.entity, event)];
    if (!isDeepStrictEqual(held, wanted))
      yield { promise: 'source and copy are equal', detail: `${where}, and the copy is ${held?.revision}` };
  }
}

/** Copies that services keep by themselves. */
function* strayCopies(system: System): Iterable<Unsettled> {
  const { users, orders, notifications } = system;
  for (const [id, event] of latest(system, 'user', ['user.*'])) {
    const status = users.rows.rows.get(id)?.status;
    const revision = Number(event.revision);
    const customer = orders.customers.rows.get(id);
    const profile = notifications.profiles.rows.get(id);
    const areEqual = customer?.status === status && customer?.revision === revision && profile?.revision === revision;
    const detail = `user ${id} ${revision}: ${customer?.revision} in order, ${profile?.revision} in notification`;
    if (!areEqual) yield { promise: 'source and copy are equal', detail };
  }
}
