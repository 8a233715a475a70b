import { createHash } from 'node:crypto';
import { canonicalJson } from '#shared/canonical-json.ts';
import { revisionOf } from '#shared/cloud-event.ts';
import { AMONG, AMONG_UUIDS, BATCH, FIRST_UUID, inBatches, listed, type FileReader, type Reader } from './readers.ts';

export type EntityName = 'USER' | 'ORDER' | 'PRODUCT';
type Kind = 'text' | 'integer' | 'instant' | 'json';

/** A kind of record as source and relational targets keep it. */
export interface Entity {
  readonly service: 'user' | 'order' | 'inventory';
  readonly table: string;
  readonly id: 'uuid' | 'text';
  /** What is copied, without id and revision. */
  readonly columns: Readonly<Record<string, Kind>>;
}

/** What is replicated. That these are the columns of the replicas is claimed by a test. */
export const ENTITIES: Readonly<Record<EntityName, Entity>> = {
  USER: {
    service: 'user',
    table: 'users',
    id: 'uuid',
    columns: {
      first_name: 'text',
      last_name: 'text',
      email: 'text',
      mobile: 'text',
      status: 'text',
      role: 'text',
      version: 'integer',
      created_at: 'instant',
      updated_at: 'instant',
    },
  },
  ORDER: {
    service: 'order',
    table: 'orders',
    id: 'uuid',
    columns: {
      user_id: 'text',
      status: 'text',
      lines: 'json',
      failure: 'json',
      currency: 'text',
      version: 'integer',
      created_at: 'instant',
      updated_at: 'instant',
    },
  },
  PRODUCT: {
    service: 'inventory',
    table: 'products',
    id: 'text',
    columns: {
      name: 'text',
      description: 'text',
      price_amount: 'integer',
      currency: 'text',
      available: 'integer',
      held: 'integer',
      version: 'integer',
      updated_at: 'instant',
    },
  },
};

/** A record as its source or a copy holds it; columns in their canonical form. */
export interface Copy {
  readonly key: string;
  readonly revision: number;
  readonly columns: Readonly<Record<string, unknown>>;
}

/** A place that holds records, read in batches of bounded size. */
export interface Copies {
  readonly name: string;
  /** The columns that it keeps. */
  readonly columns: readonly string[];
  batches(): AsyncGenerator<readonly Copy[]>;
  find(ids: readonly string[]): Promise<ReadonlyMap<string, Copy>>;
}

/** Content by which copies are compared: a hash over the canonical form of the columns that both keep. */
export function hashOf({ columns }: Copy, names: readonly string[]): string {
  const content = Object.fromEntries(names.map((name) => [name, columns[name] ?? null]));
  return createHash('sha256').update(canonicalJson(content)).digest('hex').slice(0, 16);
}

/** One form for what stores keep differently: instants in milliseconds, structures parsed, an empty text is none. */
export function canonical(kind: Kind, value: unknown): unknown {
  if (value === null || value === undefined || value === '') return null;
  switch (kind) {
    case 'text':
      return String(value as string);
    case 'integer':
      return Number(value);
    case 'instant':
      return new Date(value as string | Date).toISOString();
    case 'json':
      return typeof value === 'string' ? (JSON.parse(value) as unknown) : value;
  }
}

type Kept = Readonly<Record<string, unknown>> & { readonly key: string };

function toCopy({ columns }: Entity, row: Kept, revision: number): Copy {
  const kept = Object.entries(columns).map(([name, kind]) => [name, canonical(kind, row[name])] as const);
  return { key: row.key, revision, columns: Object.fromEntries(kept) };
}

export const byKey = <Row extends { readonly key: string }>(rows: readonly Row[]): Map<string, Row> =>
  new Map(rows.map((row) => [row.key, row]));

/** The records at the service that owns them; their revision is the one they would be told with now. */
export function sourceOf(name: EntityName, reader: Reader): Copies {
  const entity = ENTITIES[name];
  const { table, id, columns } = entity;
  const select = `SELECT id::text AS key, ${Object.keys(columns).join(', ')},
    (SELECT coalesce(max(value), 0) FROM service_state WHERE name = 'epoch') AS epoch FROM ${table}`;
  const among = id === 'uuid' ? AMONG_UUIDS : AMONG;
  const toSource = (row: Kept): Copy => toCopy(entity, row, revisionOf(Number(row['epoch']), Number(row['version'])));
  return {
    name: `the ${entity.service} service`,
    columns: Object.keys(columns),
    batches: () =>
      inBatches(id === 'uuid' ? FIRST_UUID : '', async (after) =>
        (await reader.rows<Kept>(`${select} WHERE id > $1::${id} ORDER BY id LIMIT ${BATCH}`, [after])).map(toSource),
      ),
    find: async (ids) =>
      byKey((await reader.rows<Kept>(`${select} WHERE id = ANY(${among})`, [listed(ids)])).map(toSource)),
  };
}

/** The records in the embedded system of record. */
export function oracleFileOf(name: EntityName, file: FileReader): Copies {
  const entity = ENTITIES[name];
  const select = `SELECT id AS key, revision, ${Object.keys(entity.columns).join(', ')} FROM ${entity.table}`;
  const toTarget = (row: Kept): Copy => toCopy(entity, row, Number(row['revision']));
  return {
    name: 'oracle',
    columns: Object.keys(entity.columns),
    batches: () =>
      inBatches('', (after) =>
        file.rows<Kept>(`${select} WHERE id > ? ORDER BY id LIMIT ${BATCH}`, [after]).map(toTarget),
      ),
    find: (ids) => {
      const among = 'SELECT value FROM json_each(?)';
      return Promise.resolve(byKey(file.rows<Kept>(`${select} WHERE id IN (${among})`, [listed(ids)]).map(toTarget)));
    },
  };
}

/** What the order service keeps of users: whether they may order. */
export function customersOf(reader: Reader): Copies {
  const select = 'SELECT user_id AS key, revision, status FROM customers';
  const toCustomer = ({ key, revision, status }: Kept): Copy => ({
    key,
    revision: Number(revision),
    columns: { status },
  });
  return {
    name: "the order service's customers",
    columns: ['status'],
    batches: () =>
      inBatches('', async (after) =>
        (await reader.rows<Kept>(`${select} WHERE user_id > $1 ORDER BY user_id LIMIT ${BATCH}`, [after])).map(
          toCustomer,
        ),
      ),
    find: async (ids) =>
      byKey((await reader.rows<Kept>(`${select} WHERE user_id = ANY(${AMONG})`, [listed(ids)])).map(toCustomer)),
  };
}
