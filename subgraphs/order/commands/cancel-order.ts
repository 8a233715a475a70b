import { traceOf, type Caller } from '#shared/command.ts';
import { appendEvents } from '#shared/events/outbox.ts';
import { callerName, mayChange, requireSignedIn } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import { refused, type Outcome } from '#shared/refusal.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import type { Transaction } from '#shared/store/postgres.ts';
import { cancelOrderInput } from '../domain/order-input.ts';
import { advanced, type Order, type OrderErrorCode } from '../domain/order.ts';
import { orderChange } from '../domain/order-events.ts';
import { lockOrder, saveOrder } from '../store/orders.ts';
import { recoveredAfter } from './order-sagas.ts';
import type { OrderOutcome, OrderServices } from './place-order.ts';

/**
 * Cancels a confirmed order, once per key, and waits up to 3 s for inventory to take the stock back; for its owner and admins. Refuses with
 * `ORDER_NOT_FOUND` (also for what is not the caller's), `ORDER_PENDING` or `ORDER_NOT_CANCELLABLE`.
 */
export async function cancelOrder(
  { idempotency, sagas }: OrderServices,
  input: unknown,
  by: Caller,
): Promise<Answer<OrderOutcome, OrderErrorCode>> {
  requireSignedIn(by.viewer);
  const { id } = checkInput(cancelOrderInput, input);
  const call = { caller: callerName(by.viewer), field: 'cancelOrder', key: by.idempotencyKey, args: input };
  const answer = await idempotency.once<OrderOutcome, void, OrderErrorCode>(call, {
    prepare: () => Promise.resolve(),
    effect: (tx) => cancel(tx, by, id),
  });
  const orderId = answer.outcome.data?.orderId;
  if (orderId !== undefined) await (answer.replayed ? sagas.waitForClient(orderId) : sagas.advanceForClient(orderId));
  return answer;
}

async function cancel(tx: Transaction, by: Caller, id: string): Promise<Outcome<OrderOutcome, OrderErrorCode>> {
  const order = await lockOrder(tx, id);
  if (order === undefined || !mayChange(by.viewer, order.userId)) {
    return refused('ORDER_NOT_FOUND', 'There is no such order.', 'id');
  }
  const at = new Date();
  const cancelling = advanced(order, { kind: 'CANCEL' }, at);
  if (cancelling === undefined) return refusedBy(order);
  await saveOrder(tx, cancelling, { from: order.status, recoverAt: recoveredAfter(at) });
  await appendEvents(tx, [{ ...orderChange(cancelling), ...traceOf(by) }]);
  return { data: { orderId: order.id } };
}

function refusedBy({ status }: Order): Outcome<never, OrderErrorCode> {
  if (status === 'PENDING') {
    return refused('ORDER_PENDING', 'The order is not decided yet; cancel it when it is confirmed.', 'id');
  }
  return refused('ORDER_NOT_CANCELLABLE', `The order is ${status.toLowerCase()}.`, 'id');
}
