import { traceOf, type Caller, type CommandServices } from '#shared/command.ts';
import { appendEvents } from '#shared/events/outbox.ts';
import { callerName, requireService } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import { refused, type Outcome } from '#shared/refusal.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import type { Transaction } from '#shared/store/postgres.ts';
import { moved, type Product } from '../domain/product.ts';
import { moveOf } from '../domain/reservation.ts';
import { stockChange } from '../domain/stock-events.ts';
import { reservationInput, type Line } from '../domain/stock-input.ts';
import { recordOperations } from '../store/operations.ts';
import { lockProducts, saveProducts } from '../store/products.ts';
import { lockReservation, saveReservation } from '../store/reservations.ts';

export const INVENTORY_ERROR_CODES = ['PRODUCT_NOT_FOUND', 'OUT_OF_STOCK', 'RESERVATION_REFUSED'] as const;
export type InventoryErrorCode = (typeof INVENTORY_ERROR_CODES)[number];

/** What is frozen with the key: whose reservation. Its state is read live. */
export interface ReservationOutcome {
  readonly orderId: string;
}

/** A hold outlives the 3 s that an order has by far, and gives the stock back the same quarter of an hour (CONTRACT.md). */
const HOLD_MS = 15 * 60_000;

/**
 * Holds all lines of an order or none, once per order; for services. A repeated call is answered with the present state. Refuses with
 * `PRODUCT_NOT_FOUND` or `OUT_OF_STOCK`, and with `RESERVATION_REFUSED` when the order has been released before.
 */
export async function reserveStock(
  { idempotency }: CommandServices,
  input: unknown,
  by: Caller,
): Promise<Answer<ReservationOutcome, InventoryErrorCode>> {
  requireService(by.viewer);
  const { orderId, items } = checkInput(reservationInput, input);
  const call = { caller: callerName(by.viewer), field: 'reserveStock', key: by.idempotencyKey, args: input };
  return idempotency.once<ReservationOutcome, void, InventoryErrorCode>(call, {
    prepare: () => Promise.resolve(),
    effect: (tx) => reserve(tx, by, { orderId, items }),
  });
}

interface Order {
  readonly orderId: string;
  readonly items: readonly Line[];
}

async function reserve(
  tx: Transaction,
  by: Caller,
  { orderId, items }: Order,
): Promise<Outcome<ReservationOutcome, InventoryErrorCode>> {
  const { reservation, now } = await lockReservation(tx, orderId);
  if (reservation?.state === 'RELEASED')
    return refused('RESERVATION_REFUSED', 'The order has been released before.', 'orderId');
  if (reservation !== undefined) return { data: { orderId } };
  const products = new Map(
    (
      await lockProducts(
        tx,
        items.map((item) => item.productId),
      )
    ).map((product) => [product.id, product]),
  );
  const refusal = firstShortage(items, products);
  if (refusal !== undefined) return refusal;
  const changed = items.map(({ productId, quantity }) => {
    const product = products.get(productId) as Product;
    return { product: moved(product, moveOf('RESERVE', quantity), now), quantity };
  });
  await saveReservation(tx, orderId, { state: 'HELD', expiresAt: new Date(now.getTime() + HOLD_MS) });
  await recordOperations(
    tx,
    changed.map(({ product, quantity }) => ({
      orderId,
      productId: product.id,
      type: 'RESERVE' as const,
      quantity,
      unitPrice: product.priceAmount,
      occurredAt: now,
    })),
  );
  await saveProducts(
    tx,
    changed.map(({ product }) => product),
  );
  await appendEvents(
    tx,
    changed.map(({ product }) => ({ ...stockChange(product), ...traceOf(by) })),
  );
  return { data: { orderId } };
}

/** The refusal for the first line that cannot be held. */
function firstShortage(
  items: readonly Line[],
  products: ReadonlyMap<string, Product>,
): Outcome<never, InventoryErrorCode> | undefined {
  for (const [at, { productId, quantity }] of items.entries()) {
    const product = products.get(productId);
    const field = `items.${at}.productId`;
    if (product === undefined) return refused('PRODUCT_NOT_FOUND', `There is no product ${productId}.`, field);
    if (product.available < quantity) {
      return refused('OUT_OF_STOCK', `Of ${product.name} ${product.available} are left.`, `items.${at}.quantity`);
    }
  }
  return undefined;
}
