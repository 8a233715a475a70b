import { DatabaseSync } from 'node:sqlite';
import postgres from 'postgres';
import { canonicalJson } from '#shared/canonical-json.ts';
import type { LoggedEvent } from './invariants.ts';
import type { NotificationFacts } from './notification-invariants.ts';
import type { ShopFacts, Stream } from './shop-invariants.ts';

/** Where a system keeps what {@link loadShopFacts} reads. */
export interface ShopPlaces {
  readonly databaseUrls: Readonly<Record<'user' | 'order' | 'inventory' | 'notification' | 'sync' | 'bus', string>>;
  readonly oracleFile: string;
}

type Row = Readonly<Record<string, unknown>>;
type Rows = Readonly<Record<string, readonly Row[]>>;

const REVISIONS_PER_EPOCH = 4_294_967_296;
const VERSION = `(revision % ${REVISIONS_PER_EPOCH})::int AS version`;
const OUTBOX = `SELECT coalesce(position, 0)::int AS position, subject, ${VERSION} FROM outbox ORDER BY position NULLS LAST`;
const published = (source: string): string => `
  SELECT position::int, event ->> 'subject' AS subject, ((event ->> 'revision')::bigint % ${REVISIONS_PER_EPOCH})::int AS version
  FROM bus_events WHERE source = '${source}' ORDER BY position`;
const told = (entity: string): string => `
  SELECT position::int, subject, (data ->> 'targetVersion')::int AS version FROM outbox
  WHERE data ->> 'entity' = '${entity}' AND data ->> 'targetVersion' IS NOT NULL ORDER BY position`;

/** Reads all rows. The system need not be quiet, but only of a quiet one do the invariants hold. */
export async function loadShopFacts({ databaseUrls, oracleFile }: ShopPlaces): Promise<Omit<ShopFacts, 'calls'>> {
  const order = await query(databaseUrls.order, {
    orders: `SELECT id, user_id AS "userId", status, version, lines, failure, currency FROM orders`,
    keys: `SELECT field, key, outcome #>> '{data,orderId}' AS "orderId" FROM idempotency_keys`,
    outbox: OUTBOX,
  });
  const inventory = await query(databaseUrls.inventory, {
    reservations: `SELECT order_id AS "orderId", state, expires_at < now() AS overdue FROM reservations`,
    operations: `SELECT order_id AS "orderId", product_id AS "productId", operation_type AS type, quantity, unit_price AS "unitPrice"
                 FROM inventory_operations ORDER BY occurred_at, id`,
    products: 'SELECT id, name, price_amount AS "priceAmount", available, held, version FROM products',
    outbox: OUTBOX,
  });
  const bus = await query(databaseUrls.bus, { orders: published('order'), products: published('inventory') });
  const sync = await query(databaseUrls.sync, { orders: told('ORDER'), products: told('PRODUCT') });
  using oracle = new DatabaseSync(oracleFile, { readOnly: true });
  const orders = oracle
    .prepare('SELECT id, user_id AS "userId", status, version, lines, failure, currency FROM orders')
    .all();
  const products = oracle
    .prepare('SELECT id, name, price_amount AS "priceAmount", available, held, version FROM products')
    .all();
  const { reservations, operations } = inventory;
  return {
    orders: order['orders'],
    keys: order['keys'],
    reservations,
    operations,
    products: inventory['products'],
    streams: {
      orders: stream(order['orders'], orders, [order['outbox'], bus['orders'], sync['orders']]),
      products: stream(inventory['products'], products, [inventory['outbox'], bus['products'], sync['products']]),
    },
  } as unknown as Omit<ShopFacts, 'calls'>;
}

/** Reads what there is of users, orders and notifications; for documents in PostgreSQL. */
export async function loadNotificationFacts({ databaseUrls }: ShopPlaces): Promise<NotificationFacts> {
  const { users } = await query(databaseUrls.user, { users: 'SELECT id, version FROM users' });
  const { orders } = await query(databaseUrls.order, { orders: 'SELECT id, user_id AS "userId", status FROM orders' });
  const documents = await query(databaseUrls.notification, {
    profiles: `SELECT id, (body #>> '{profile,version}')::int AS version FROM documents WHERE collection = 'profiles'`,
    notifications: `
      SELECT body #>> '{notification,template}' AS template, body #>> '{notification,userId}' AS "userId",
        substring(body #>> '{notification,body}' from 'Order ([0-9a-f-]{36})') AS "orderId"
      FROM documents WHERE collection = 'notifications'`,
    // An e-mail that a killed process had taken waits until its turn lapses.
    unfinished: `
      SELECT count(*)::int AS documents FROM documents
      WHERE labels ->> 'work' = 'TELL' OR (labels ? 'work' AND (body #>> '{notification,dueAt}')::timestamptz < now())`,
  });
  const { profiles, notifications, unfinished } = documents;
  return {
    users,
    orders,
    profiles,
    notifications,
    unfinished: unfinished?.[0]?.['documents'],
  } as unknown as NotificationFacts;
}

function stream(
  source: readonly Row[] = [],
  replicas: readonly Row[],
  logs: readonly (readonly Row[] | undefined)[],
): Stream {
  const [outbox, bus, said] = logs as unknown as readonly (readonly LoggedEvent[])[];
  return {
    source: source.map(copy),
    replicas: replicas.map(copy),
    outbox: outbox ?? [],
    bus: bus ?? [],
    told: said ?? [],
  };
}

/** Structures are kept as text where there is no other way. */
function copy({ id, version, ...columns }: Row): Stream['source'][number] {
  const parsed = (value: unknown): unknown =>
    typeof value === 'string' && /^[[{]/.test(value) ? (JSON.parse(value) as unknown) : value;
  const content = Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, parsed(value)]));
  return { id: String(id), version: Number(version), content: canonicalJson(content) };
}

async function query(url: string, queries: Readonly<Record<string, string>>): Promise<Rows> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const found: Record<string, Row[]> = {};
    for (const [name, text] of Object.entries(queries)) found[name] = [...(await sql.unsafe<Row[]>(text))];
    return found;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
