import type { Context } from './context.ts';
import { AMONG_UUIDS, BATCH, FIRST_UUID, inBatches, listed, type Reader } from './readers.ts';

interface OrderRow {
  readonly key: string;
  readonly status: string;
  readonly lines: readonly {
    readonly productId: string;
    readonly quantity: number;
    readonly unitPrice: number | null;
  }[];
}

interface Operation {
  readonly order_id: string;
  readonly product_id: string;
  readonly type: string;
  readonly quantity: number;
  readonly unit_price: number | null;
}

interface Reservation {
  readonly key: string;
  readonly state: string;
  readonly overdue: boolean;
}

/** What inventory knows of some orders. */
interface Stock {
  readonly states: ReadonlyMap<string, string>;
  readonly steps: ReadonlyMap<string, readonly Operation[]>;
}

/** What the reservation's state and the steps of each line must be, by the order's status; the first of a failed one never reserved. */
const AGREEING: Readonly<Record<string, readonly string[]>> = {
  CONFIRMED: ['CONFIRMED RESERVE CONFIRM'],
  FAILED: ['absent', 'RELEASED', 'RELEASED RESERVE RELEASE', 'EXPIRED RESERVE EXPIRE'],
  CANCELLED: ['RETURNED RESERVE CONFIRM RETURN'],
};

/** What may be found of an order that was read before its stock, and may have gone on since. */
const AGREEING_LATER: Readonly<Record<string, readonly string[]>> = {
  CONFIRMED: ['CONFIRMED RESERVE CONFIRM', 'RETURNED RESERVE CONFIRM RETURN'],
  CANCELLING: ['CONFIRMED RESERVE CONFIRM', 'RETURNED RESERVE CONFIRM RETURN'],
  // What it holds is released or expires soon; it may never be confirmed.
  FAILED: [...(AGREEING['FAILED'] ?? []), 'HELD RESERVE'],
  CANCELLED: ['RETURNED RESERVE CONFIRM RETURN'],
};

/** Invariant 7, and that no stock is kept for what is no order (4). */
export async function checkSagas(context: Context): Promise<void> {
  const { sources, sheet, quiet } = context;
  if (!quiet) sheet.sagas.leave('orders that are not decided yet, and what is held past its time');
  const { order, inventory } = sources.databases;
  for await (const orders of ordersIn(order)) {
    const stock = await stockOf(
      inventory,
      orders.map(({ key }) => key),
    );
    sheet.sagas.look('orders', orders.length);
    for (const one of orders) for (const wrong of wrongWith(one, stock, quiet)) sheet.sagas.violation(wrong);
  }
  for await (const reservations of reservationsIn(inventory)) await checkReservations(context, reservations);
}

function ordersIn(order: Reader): AsyncGenerator<readonly OrderRow[]> {
  return inBatches(FIRST_UUID, (after) =>
    order.rows<OrderRow>(
      `SELECT id::text AS key, status, lines FROM orders WHERE id > $1::uuid ORDER BY id LIMIT ${BATCH}`,
      [after],
    ),
  );
}

function reservationsIn(inventory: Reader): AsyncGenerator<readonly Reservation[]> {
  return inBatches(FIRST_UUID, (after) =>
    inventory.rows<Reservation>(
      `SELECT order_id::text AS key, state, expires_at < now() AS overdue FROM reservations
       WHERE order_id > $1::uuid ORDER BY order_id LIMIT ${BATCH}`,
      [after],
    ),
  );
}

/** Read in one statement: states and steps are of one moment. */
async function stockOf(inventory: Reader, orderIds: readonly string[]): Promise<Stock> {
  const rows = await inventory.rows<{ key: string; state: string; steps: readonly Operation[] | null }>(
    `SELECT order_id::text AS key, state, (SELECT jsonb_agg(o) FROM (
       SELECT order_id, product_id, operation_type AS type, quantity, unit_price FROM inventory_operations
       WHERE order_id = reservations.order_id ORDER BY occurred_at, id) AS o) AS steps
     FROM reservations WHERE order_id = ANY(${AMONG_UUIDS})`,
    [listed(orderIds)],
  );
  const steps = rows.flatMap((row) => row.steps ?? []);
  return {
    states: new Map(rows.map(({ key, state }) => [key, state])),
    steps: Map.groupBy(steps, ({ order_id: id, product_id: product }) => `${id} ${product}`),
  };
}

function wrongWith({ key, status, lines }: OrderRow, { states, steps }: Stock, quiet: boolean): string[] {
  const agreeing = quiet ? AGREEING[status] : AGREEING_LATER[status];
  if (agreeing === undefined) return quiet ? [`${key} is ${status}, though nothing is on its way`] : [];
  return lines.flatMap(({ productId, quantity, unitPrice }) => {
    const own = steps.get(`${key} ${productId}`) ?? [];
    const stands = [states.get(key) ?? 'absent', ...own.map(({ type }) => type)].join(' ');
    if (!agreeing.includes(stands)) return [`${key} is ${status}, its ${productId} ${stands}`];
    const price = status === 'FAILED' ? null : (own[0]?.unit_price ?? null);
    const differs = own.some((step) => step.quantity !== quantity) || price !== unitPrice;
    return differs ? [`the ${productId} of ${key} differ between order and stock`] : [];
  });
}

async function checkReservations({ sources, sheet, quiet }: Context, rows: readonly Reservation[]): Promise<void> {
  const found = await sources.databases.order.rows<{ id: string }>(
    `SELECT id::text FROM orders WHERE id = ANY(${AMONG_UUIDS})`,
    [listed(rows.map(({ key }) => key))],
  );
  const there = new Set(found.map(({ id }) => id));
  sheet.phantoms.look('reservations', rows.length);
  sheet.sagas.look('reservations', rows.length);
  for (const { key, state, overdue } of rows) {
    if (!there.has(key)) sheet.phantoms.violation(`there is no order of the reservation ${key}`);
    if (quiet && state === 'HELD' && overdue) sheet.sagas.violation(`the stock of ${key} is held past its time`);
  }
}
