import type { Caller } from '#shared/command.ts';
import { callerName, requireService } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import { reservationInput } from '../domain/stock-input.ts';
import type { ReservationAnswer, StockDesk } from './stock-desk.ts';

/**
 * Holds all lines of an order or none, once per order; for services. A repeated call is answered with the present state. Refuses with
 * `PRODUCT_NOT_FOUND` or `OUT_OF_STOCK`, and with `RESERVATION_REFUSED` when the order has been released before.
 */
export async function reserveStock(desk: StockDesk, input: unknown, by: Caller): Promise<ReservationAnswer> {
  requireService(by.viewer);
  const { orderId, items } = checkInput(reservationInput, input);
  const call = { caller: callerName(by.viewer), field: 'reserveStock', key: by.idempotencyKey, args: input };
  return desk.take(call, { orderId, step: 'RESERVE', items }, by);
}
