import { discardField, redeliverField } from '#shared/graphql/consumer-dead-letters.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import { callerOf, payloadBase, recordAsItStands, type PayloadBase } from '#shared/graphql/payload.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { cancelOrder } from '../commands/cancel-order.ts';
import { placeOrder } from '../commands/place-order.ts';
import type { Order, OrderErrorCode } from '../domain/order.ts';
import type { MutationResolvers } from '../generated/resolver-types.ts';
import type { OrderLoader } from './order.ts';
import type { OrderServices } from './services.ts';

interface MutationArguments {
  readonly input: unknown;
  readonly idempotencyKey: string;
}

interface OrderPayload extends PayloadBase<OrderErrorCode> {
  readonly order: Order | null;
}

type OrderCommand = typeof placeOrder;

export function mutations(services: OrderServices, orders: OrderLoader): FieldResolvers<MutationResolvers> {
  /** Gives the command, and answers with the order as it now stands: its id is frozen, its status is live. */
  async function carryOut(
    command: OrderCommand,
    { input, idempotencyKey }: MutationArguments,
    context: RequestContext,
  ): Promise<OrderPayload> {
    const answer = await command(services, input, callerOf(context, idempotencyKey));
    const order = await recordAsItStands(orders(context), answer.outcome.data?.orderId);
    const { replayed, userErrors } = payloadBase(answer, context);
    const failure = order?.failure ?? null;
    return { order, replayed, userErrors: failure === null ? userErrors : [{ ...failure, field: null }] };
  }

  return {
    placeOrder: (_, given, context) => carryOut(placeOrder, given, context),
    cancelOrder: (_, given, context) => carryOut(cancelOrder, given, context),
    redeliverOrderDeadLetters: redeliverField(services, 'redeliverOrderDeadLetters'),
    discardOrderDeadLetter: discardField(services, 'discardOrderDeadLetter'),
  };
}
