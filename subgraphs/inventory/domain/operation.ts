import type { OperationType } from './reservation.ts';

/** An entry of the audit trail. */
export interface Operation {
  /** UUIDv7. */
  readonly id: string;
  /** Null when no order is behind it. */
  readonly orderId: string | null;
  readonly productId: string;
  readonly type: OperationType;
  /** Pieces; of an adjustment the change. */
  readonly quantity: number;
  /** Minor units; of reserved lines only. */
  readonly unitPrice: number | null;
  /** Why the stock was adjusted; null otherwise. */
  readonly reason: string | null;
  /** Who has adjusted it; null otherwise. */
  readonly actor: string | null;
  readonly occurredAt: Date;
}
