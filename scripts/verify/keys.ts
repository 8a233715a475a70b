import { idOf, nameOf, type Call } from './calls.ts';
import type { Context } from './context.ts';
import type { KeptOutcome } from './documents.ts';
import { STILL_KEPT, type ServiceName } from './durables.ts';
import { AMONG, AMONG_UUIDS, BATCH, inBatches, listed, tellBreaches, type Reader } from './readers.ts';

/** What the keys of a mutation field name. */
interface KeyedField {
  readonly service: ServiceName;
  /** Where in the frozen outcome the record's id stands. */
  readonly id: string;
  readonly table: string;
  readonly column: string;
  readonly type: 'uuid' | 'text';
}

const USER = { service: 'user', id: 'userId', table: 'users', column: 'id', type: 'uuid' } as const;
const ORDER = { service: 'order', id: 'orderId', table: 'orders', column: 'id', type: 'uuid' } as const;
const PRODUCT = { service: 'inventory', id: 'productId', table: 'products', column: 'id', type: 'text' } as const;
const RESERVATION = {
  service: 'inventory',
  id: 'orderId',
  table: 'reservations',
  column: 'order_id',
  type: 'uuid',
} as const;

/** The mutation fields whose keys are rows, and whose outcome names a record. */
const FIELDS: Readonly<Record<string, KeyedField>> = {
  registerUser: USER,
  updateUser: USER,
  setUserStatus: USER,
  placeOrder: ORDER,
  cancelOrder: ORDER,
  adjustStock: PRODUCT,
  reserveStock: RESERVATION,
  confirmReservation: RESERVATION,
  releaseReservation: RESERVATION,
  returnStock: RESERVATION,
};

interface KeyRow {
  /** The whole scope, as JSON: what the next batch goes on from. */
  readonly key: string;
  readonly field: string;
  readonly name: string;
  readonly outcome: KeptOutcome | null;
}

function keysIn(reader: Reader): AsyncGenerator<readonly KeyRow[]> {
  return inBatches('["","",""]', (after) =>
    reader.rows<KeyRow>(
      `SELECT jsonb_build_array(caller, field, key)::text AS key, field, key AS name, outcome FROM idempotency_keys
       WHERE (caller, field, key) > ($1::text::jsonb ->> 0, $1::text::jsonb ->> 1, $1::text::jsonb ->> 2)
       ORDER BY caller, field, key LIMIT ${BATCH}`,
      [after],
    ),
  );
}

/** Invariants 3 to 6 as far as the stored keys tell; with a record of calls, also whether they are the keys of those calls. */
export async function checkKeys(context: Context): Promise<void> {
  const seen = new Set<string>();
  for (const service of ['user', 'order', 'inventory', 'sync'] as const) {
    for await (const keys of keysIn(context.sources.databases[service])) {
      context.sheet.lost.look('keys', keys.length);
      context.sheet.replays.look('keys', keys.length);
      await checkRecords(context, service, keys);
      for (const row of keys) checkKey(context, row, seen);
    }
  }
  checkUnseen(context, seen);
}

/** What a key was acknowledged with exists. */
async function checkRecords({ sources, sheet }: Context, service: ServiceName, keys: readonly KeyRow[]): Promise<void> {
  const byField = Map.groupBy(keys, ({ field }) => field);
  for (const [field, rows] of byField) {
    const keyed = FIELDS[field];
    if (keyed?.service !== service) continue;
    const idIn = ({ outcome }: KeyRow): string | undefined => outcome?.data?.[keyed.id] as string | undefined;
    const ids = rows.flatMap((row) => idIn(row) ?? []);
    const among = keyed.type === 'uuid' ? AMONG_UUIDS : AMONG;
    const found = await sources.databases[service].rows<{ id: string }>(
      `SELECT ${keyed.column}::text AS id FROM ${keyed.table} WHERE ${keyed.column} = ANY(${among})`,
      [listed(ids)],
    );
    const there = new Set(found.map(({ id }) => id));
    for (const row of rows) {
      const id = idIn(row);
      if (id === undefined || there.has(id)) continue;
      sheet.lost.violation(`${field} ${row.name} was acknowledged with ${id}, which is not in ${keyed.table}`);
    }
  }
}

function checkKey({ sheet, calls, quiet }: Context, { field, name, outcome }: KeyRow, seen: Set<string>): void {
  const sayings = [outcome?.data, outcome?.userErrors].filter((said) => said !== undefined).length;
  if (sayings !== 1) sheet.replays.violation(`${field} ${name} is kept without an answer that a retry could be given`);
  if (calls?.fields.has(field) !== true) return;
  sheet.phantoms.look('keys', 1);
  const call = calls.all.get(nameOf({ field, key: name }));
  // While calls are made, the record was read before the keys.
  if (call === undefined && quiet) sheet.phantoms.violation(`nobody called ${field} with the key ${name}`);
  if (call !== undefined && outcome !== null) {
    seen.add(nameOf(call));
    checkAnswers({ sheet }, call, outcome);
  }
}

/** What clients were told is what is kept. */
function checkAnswers({ sheet }: Pick<Context, 'sheet'>, call: Call, { data, userErrors }: KeptOutcome): void {
  const { field, key, answers } = call;
  if (!call.mayHaveHappened) sheet.phantoms.violation(`${field} ${key} was rejected, and its key is kept`);
  if (answers.length === 0) return;
  const told = idOf(call);
  if (told === undefined && data !== undefined) {
    sheet.phantoms.violation(`${field} ${key} was refused and had an effect`);
    return;
  }
  const kept = data?.[FIELDS[field]?.id ?? ''];
  const codes = String((userErrors ?? []).map(({ code }) => code));
  const refusals = String(answers[0]?.refusals ?? []);
  const differs = told === undefined ? refusals !== codes : kept !== undefined && kept !== told;
  if (!differs) return;
  const said = told ?? (refusals || 'nothing');
  const stands = typeof kept === 'string' ? kept : codes || 'nothing';
  sheet.replays.violation(`${field} ${key} was answered with ${said}, and is kept with ${stands}`);
}

/** What was acknowledged and has no key is lost, unless it is so old that its key was forgotten: a record of calls is not. */
function checkUnseen({ sheet, calls }: Context, seen: ReadonlySet<string>): void {
  for (const [name, call] of calls?.all ?? []) {
    if (FIELDS[call.field] === undefined || idOf(call) === undefined || seen.has(name)) continue;
    sheet.lost.violation(`${name} was acknowledged, and its key is not kept`);
  }
}

/** Statements that each see one moment of one database, in which a record and its key are written together: they hold at any moment. */
const TOGETHER: readonly {
  readonly service: ServiceName;
  readonly invariant: 'phantoms' | 'duplicates';
  readonly text: string;
}[] = [
  {
    service: 'order',
    invariant: 'phantoms',
    text: `SELECT 'no key made the order ' || id AS sentence FROM orders WHERE created_at > ${STILL_KEPT}
      AND NOT EXISTS (SELECT FROM idempotency_keys
        WHERE field = 'placeOrder' AND outcome #>> '{data,orderId}' = orders.id::text)`,
  },
  {
    service: 'order',
    invariant: 'phantoms',
    text: `SELECT 'nobody cancelled ' || id AS sentence FROM orders
      WHERE status IN ('CANCELLING', 'CANCELLED') AND created_at > ${STILL_KEPT}
      AND NOT EXISTS (SELECT FROM idempotency_keys
        WHERE field = 'cancelOrder' AND outcome #>> '{data,orderId}' = orders.id::text)`,
  },
  {
    service: 'user',
    invariant: 'phantoms',
    // The first admin is made at the start of the service.
    text: `SELECT 'no key made the user ' || id AS sentence FROM users WHERE created_at > ${STILL_KEPT} AND role <> 'ADMIN'
      AND NOT EXISTS (SELECT FROM idempotency_keys
        WHERE field = 'registerUser' AND outcome #>> '{data,userId}' = users.id::text)`,
  },
  {
    service: 'order',
    invariant: 'duplicates',
    text: `SELECT count(*) || ' keys of ' || field || ' had their effect on the order ' || (outcome #>> '{data,orderId}') AS sentence
      FROM idempotency_keys WHERE outcome #>> '{data,orderId}' IS NOT NULL
      GROUP BY field, outcome #>> '{data,orderId}' HAVING count(*) > 1`,
  },
  {
    service: 'user',
    invariant: 'duplicates',
    text: `SELECT count(*) || ' keys made the user ' || (outcome #>> '{data,userId}') AS sentence FROM idempotency_keys
      WHERE field = 'registerUser' AND outcome #>> '{data,userId}' IS NOT NULL
      GROUP BY outcome #>> '{data,userId}' HAVING count(*) > 1`,
  },
  {
    service: 'user',
    invariant: 'duplicates',
    text: `SELECT count(*) || ' users have the e-mail address ' || lower(email) AS sentence FROM users
      GROUP BY lower(email) HAVING count(*) > 1`,
  },
  {
    service: 'inventory',
    invariant: 'duplicates',
    text: `SELECT operation_type || ' of ' || product_id || ' for ' || order_id || ' happened ' || count(*) || ' times' AS sentence
      FROM inventory_operations WHERE order_id IS NOT NULL
      GROUP BY operation_type, product_id, order_id HAVING count(*) > 1`,
  },
  {
    service: 'order',
    invariant: 'duplicates',
    text: `SELECT id || ' is ' || status || ' at version ' || version AS sentence FROM orders
      WHERE version <> CASE status WHEN 'PENDING' THEN 1 WHEN 'CONFIRMED' THEN 2 WHEN 'FAILED' THEN 2
        WHEN 'CANCELLING' THEN 3 WHEN 'CANCELLED' THEN 4 ELSE version END`,
  },
];

/** Invariants 4 and 5: every record has the key that made it, and no two have made the same. */
export async function checkTogether({ sources: { databases }, sheet }: Context): Promise<void> {
  for (const { service, invariant, text } of TOGETHER) {
    await tellBreaches(databases[service], text, (sentence) => sheet[invariant].violation(sentence));
  }
  for (const [service, table] of [
    ['order', 'orders'],
    ['user', 'users'],
  ] as const) {
    const [row] = await databases[service].rows<{ many: number }>(`SELECT count(*)::int AS many FROM ${table}`);
    sheet.phantoms.look(table, row?.many ?? 0);
    sheet.duplicates.look(table, row?.many ?? 0);
  }
}
