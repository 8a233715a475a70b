import { v7 } from 'uuid';
import { traceOf, type Caller, type CommandServices } from '#shared/command.ts';
import { appendEvents } from '#shared/events/outbox.ts';
import { callerName, requireSignedIn } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import { Refusal, refused } from '#shared/refusal.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import { placeOrderInput } from '../domain/order-input.ts';
import { placed, type OrderErrorCode } from '../domain/order.ts';
import { orderChange } from '../domain/order-events.ts';
import { isSuspended } from '../store/customers.ts';
import { insertOrder } from '../store/orders.ts';
import { recoveredAfter, type OrderSagas } from './order-sagas.ts';

export interface OrderServices extends CommandServices {
  readonly sagas: OrderSagas;
}

/** What is frozen with the key: which order. Its status is read live, since it may still be decided. */
export interface OrderOutcome {
  readonly orderId: string;
}

/**
 * Places an order, once per key, and waits up to 3 s for inventory. An order that inventory refuses is `FAILED`, one whose answer is not
 * known yet is `PENDING` and completes by itself. A duplicate starts no second saga. Throws `BAD_USER_INPUT` or `UNAUTHENTICATED`; refuses
 * with `ACCOUNT_SUSPENDED`.
 */
export async function placeOrder(
  { idempotency, sagas }: OrderServices,
  input: unknown,
  by: Caller,
): Promise<Answer<OrderOutcome, OrderErrorCode>> {
  requireSignedIn(by.viewer);
  if (by.viewer.kind !== 'user') throw new Refusal('FORBIDDEN', 'Only users place orders.');
  const { id: userId } = by.viewer;
  const { items } = checkInput(placeOrderInput, input);
  const call = { caller: callerName(by.viewer), field: 'placeOrder', key: by.idempotencyKey, args: input };
  const answer = await idempotency.once<OrderOutcome, void, OrderErrorCode>(call, {
    prepare: () => Promise.resolve(),
    effect: async (tx) => {
      if (await isSuspended(tx, userId)) return refused('ACCOUNT_SUSPENDED', 'This account is suspended.');
      const at = new Date();
      const order = placed({ id: v7(), userId, items, at });
      await insertOrder(tx, order, recoveredAfter(at));
      await appendEvents(tx, [{ ...orderChange(order), ...traceOf(by) }]);
      return { data: { orderId: order.id } };
    },
  });
  const orderId = answer.outcome.data?.orderId;
  if (orderId !== undefined) await (answer.replayed ? sagas.waitForClient(orderId) : sagas.advanceForClient(orderId));
  return answer;
}
