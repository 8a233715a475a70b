import type { RequestContext } from '#shared/graphql/context.ts';
import { callerOf, payloadBase, recordAsItStands, type PayloadBase } from '#shared/graphql/payload.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { adjustStock } from '../commands/adjust-stock.ts';
import { reserveStock } from '../commands/reserve-stock.ts';
import { setGremlin } from '../commands/set-gremlin.ts';
import type { ReservationAnswer } from '../commands/stock-desk.ts';
import { takeStep } from '../commands/take-step.ts';
import type { InventoryErrorCode } from '../domain/stock-steps.ts';
import type { MutationResolvers } from '../generated/resolver-types.ts';
import type { ProductLoader } from './product.ts';
import { reservationView, type ReservationView } from './reservation.ts';
import type { InventoryServices } from './services.ts';

interface ReservationPayload extends PayloadBase<InventoryErrorCode> {
  readonly reservation: ReservationView | null;
}

interface StepArguments {
  readonly input: { readonly orderId: string };
  readonly idempotencyKey: string;
}

export function mutations(services: InventoryServices, products: ProductLoader): FieldResolvers<MutationResolvers> {
  /** The answer with the reservation as it stands, also when the step was refused: the caller learns what came first. */
  async function withReservation(
    answer: ReservationAnswer,
    orderId: string,
    context: RequestContext,
  ): Promise<ReservationPayload> {
    return { ...payloadBase(answer, context), reservation: await reservationView(services.db, orderId) };
  }

  const step =
    (name: 'CONFIRM' | 'RELEASE' | 'RETURN') =>
    async (
      _: unknown,
      { input, idempotencyKey }: StepArguments,
      context: RequestContext,
    ): Promise<ReservationPayload> =>
      withReservation(
        await takeStep(services.desk, { step: name, input }, callerOf(context, idempotencyKey)),
        input.orderId,
        context,
      );

  return {
    adjustStock: async (_, { input, idempotencyKey }, context) => {
      const answer = await adjustStock(services, input, callerOf(context, idempotencyKey));
      const product = await recordAsItStands(products(context), answer.outcome.data?.productId);
      return { ...payloadBase(answer, context), product };
    },
    setGremlin: async (_, { input, idempotencyKey }, context) => {
      const answer = await setGremlin(
        services,
        { input, allowed: services.gremlinAllowed },
        callerOf(context, idempotencyKey),
      );
      await services.heedGremlin();
      return { ...payloadBase(answer, context), gremlin: answer.outcome.data ?? null };
    },
    reserveStock: async (_, { input, idempotencyKey }, context) =>
      withReservation(
        await reserveStock(services.desk, input, callerOf(context, idempotencyKey)),
        input.orderId,
        context,
      ),
    confirmReservation: step('CONFIRM'),
    releaseReservation: step('RELEASE'),
    returnStock: step('RETURN'),
  };
}
