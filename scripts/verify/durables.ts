import type { EntityName } from './records.ts';

/** The services with a database of their own. */
export const SERVICES = ['user', 'order', 'inventory', 'notification', 'sync'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** A consumer of the bus, with its ledger. */
export interface Durable {
  readonly name: string;
  /** Whose database its ledger is in. */
  readonly service: ServiceName;
  readonly sources: readonly ServiceName[];
  /** Of a pipeline: what it takes to which target. */
  readonly pipeline?: { readonly entity: EntityName; readonly target: 'oracle' | 'notification' };
}

/** Every durable there is; each takes all events of its sources that are of their records. That it knows all pipelines is claimed by a test. */
export const DURABLES: readonly Durable[] = [
  {
    name: 'users-to-oracle',
    service: 'sync',
    sources: ['user'],
    pipeline: { entity: 'USER', target: 'oracle' },
  },
  {
    name: 'orders-to-oracle',
    service: 'sync',
    sources: ['order'],
    pipeline: { entity: 'ORDER', target: 'oracle' },
  },
  {
    name: 'products-to-oracle',
    service: 'sync',
    sources: ['inventory'],
    pipeline: { entity: 'PRODUCT', target: 'oracle' },
  },
  {
    name: 'users-to-notification',
    service: 'sync',
    sources: ['user'],
    pipeline: { entity: 'USER', target: 'notification' },
  },
  { name: 'order-customers', service: 'order', sources: ['user'] },
  { name: 'notification', service: 'notification', sources: ['user', 'order'] },
];

/**
 * The states of a ledger's events: those that are open, and those that are settled. Of these, `forgotten` ones are swept after three days, the others
 * stay for good; behind a `blocking` one waits what is told of its record later.
 */
export const LEDGER_STATES: Readonly<Record<string, 'open' | 'forgotten' | 'kept' | 'blocking'>> = {
  PENDING: 'open',
  IN_FLIGHT: 'open',
  RETRYING: 'open',
  APPLIED: 'forgotten',
  SUPERSEDED: 'forgotten',
  DEAD_LETTERED: 'blocking',
  DISCARDED: 'kept',
};

/** The states of a kind, for SQL's `IN`. */
export function statesOf(...kinds: readonly (typeof LEDGER_STATES)[string][]): string {
  const names = Object.keys(LEDGER_STATES).filter((state) => kinds.includes(LEDGER_STATES[state] ?? 'open'));
  return names.map((state) => `'${state}'`).join(', ');
}

/**
 * Keys, events and settled ledger rows are forgotten after 72 hours: what is an hour younger must still be there, whatever the sweepers'
 * clocks say. SQL.
 */
export const STILL_KEPT = "now() - interval '71 hours'";
