import type { RequestContext } from '#shared/graphql/context.ts';
import { callerOf, payloadBase, recordAsItStands, type PayloadBase } from '#shared/graphql/payload.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import { cancelOrder } from '../commands/cancel-order.ts';
import { placeOrder, type OrderOutcome } from '../commands/place-order.ts';
import type { Order } from '../domain/order.ts';
import type { OrderLoader } from './order.ts';
import type { OrderServices } from './services.ts';

interface MutationArguments {
  readonly input: unknown;
  readonly idempotencyKey: string;
}

interface OrderPayload extends PayloadBase {
  readonly order: Order | null;
}

type OrderCommand = (
  services: OrderServices,
  input: unknown,
  by: ReturnType<typeof callerOf>,
) => Promise<Answer<OrderOutcome>>;

export function mutations(services: OrderServices, orders: OrderLoader): Record<string, unknown> {
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
    placeOrder: (_: unknown, given: MutationArguments, context: RequestContext) => carryOut(placeOrder, given, context),
    cancelOrder: (_: unknown, given: MutationArguments, context: RequestContext) =>
      carryOut(cancelOrder, given, context),
  };
}
