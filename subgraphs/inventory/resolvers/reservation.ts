import type { Queryable } from '#shared/store/postgres.ts';
import { CURRENCY } from '../domain/product.ts';
import type { Reservation } from '../domain/reservation.ts';
import { findReservation } from '../store/reservations.ts';

export interface ReservationView extends Reservation {
  readonly orderId: string;
  readonly lines: readonly {
    readonly productId: string;
    readonly quantity: number;
    readonly unitPrice: { readonly amount: number; readonly currency: string };
  }[];
}

/** An order's reservation as it stands, or null when nothing is known of it. */
export async function reservationView(db: Queryable, orderId: string): Promise<ReservationView | null> {
  const found = await findReservation(db, orderId);
  if (found === undefined) return null;
  return {
    ...found.reservation,
    orderId,
    lines: found.lines.map(({ productId, quantity, unitPrice }) => ({
      productId,
      quantity,
      unitPrice: { amount: unitPrice ?? 0, currency: CURRENCY },
    })),
  };
}
