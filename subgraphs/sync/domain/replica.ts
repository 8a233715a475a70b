import type { CloudEvent } from '#shared/cloud-event.ts';
import type { SyncEntity } from './record-sync.ts';

export type Column = string | number | null;

/** A record as a relational target keeps it. */
export interface Replica {
  readonly id: string;
  readonly revision: number;
  /** By column name, without `id` and `revision`. */
  readonly columns: Readonly<Record<string, Column>>;
}

export interface ReplicaTable {
  readonly name: string;
  /** Column names and their kinds, without `id` and `revision`. No constraint but the id's: events of different records come in any order. */
  readonly columns: Readonly<Record<string, 'text' | 'integer'>>;
  /** The columns that keep a structure, as JSON; a structure anywhere else is refused. */
  readonly json?: readonly string[];
}

/** Where each kind of record goes in a relational target. */
export const REPLICA_TABLES: Readonly<Record<SyncEntity, ReplicaTable>> = {
  USER: {
    name: 'users',
    columns: {
      first_name: 'text',
      last_name: 'text',
      email: 'text',
      mobile: 'text',
      status: 'text',
      role: 'text',
      version: 'integer',
      created_at: 'text',
      updated_at: 'text',
    },
  },
  ORDER: {
    name: 'orders',
    json: ['lines', 'failure'],
    columns: {
      user_id: 'text',
      status: 'text',
      lines: 'text',
      failure: 'text',
      currency: 'text',
      version: 'integer',
      created_at: 'text',
      updated_at: 'text',
    },
  },
  PRODUCT: {
    name: 'products',
    columns: {
      name: 'text',
      description: 'text',
      price_amount: 'integer',
      currency: 'text',
      available: 'integer',
      held: 'integer',
      version: 'integer',
      updated_at: 'text',
    },
  },
};

/** A record as its event carries it, in the columns of its table: `createdAt` goes to `created_at`. */
export function replicaOf(entity: SyncEntity, event: CloudEvent): Replica {
  const data = new Map(Object.entries(event.data as Record<string, unknown>));
  const { columns: kinds, json = [] } = REPLICA_TABLES[entity];
  const columns = Object.keys(kinds).map((column) => {
    const value = data.get(camelCase(column)) ?? null;
    return [column, json.includes(column) && value !== null ? JSON.stringify(value) : value];
  });
  return {
    id: event.subject,
    revision: Number(event.revision),
    columns: Object.fromEntries(columns) as Replica['columns'],
  };
}

function camelCase(column: string): string {
  return column.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
