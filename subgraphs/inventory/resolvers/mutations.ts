import type { RequestContext } from '#shared/graphql/context.ts';
import { callerOf, payloadBase, recordAsItStands } from '#shared/graphql/payload.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import { adjustStock } from '../commands/adjust-stock.ts';
import { reserveStock } from '../commands/reserve-stock.ts';
import { setGremlin } from '../commands/set-gremlin.ts';
import type { ReservationOutcome } from '../commands/stock-desk.ts';
import { takeStep } from '../commands/take-step.ts';
import type { ProductLoader } from './product.ts';
import { reservationView } from './reservation.ts';
import type { InventoryServices } from './services.ts';

interface MutationArguments {
  readonly input: { readonly orderId: string };
  readonly idempotencyKey: string;
}

type Resolve = (parent: unknown, given: MutationArguments, context: RequestContext) => Promise<unknown>;

export function mutations(services: InventoryServices, products: ProductLoader): Record<string, unknown> {
  /** The answer with the reservation as it stands, also when the step was refused: the caller learns what came first. */
  async function withReservation(
    answer: Answer<ReservationOutcome>,
    orderId: string,
    context: RequestContext,
  ): Promise<unknown> {
    return { ...payloadBase(answer, context), reservation: await reservationView(services.db, orderId) };
  }

  const step =
    (name: 'CONFIRM' | 'RELEASE' | 'RETURN'): Resolve =>
    async (_, { input, idempotencyKey }, context) =>
      withReservation(
        await takeStep(services.desk, { step: name, input }, callerOf(context, idempotencyKey)),
        input.orderId,
        context,
      );

  const reserve: Resolve = async (_, { input, idempotencyKey }, context) =>
    withReservation(
      await reserveStock(services.desk, input, callerOf(context, idempotencyKey)),
      input.orderId,
      context,
    );

  const adjust: Resolve = async (_, { input, idempotencyKey }, context) => {
    const answer = await adjustStock(services, input, callerOf(context, idempotencyKey));
    const product = await recordAsItStands(products(context), answer.outcome.data?.productId);
    return { ...payloadBase(answer, context), product };
  };

  const tame: Resolve = async (_, { input, idempotencyKey }, context) => {
    const answer = await setGremlin(
      services,
      { input, allowed: services.gremlinAllowed },
      callerOf(context, idempotencyKey),
    );
    await services.heedGremlin();
    return { ...payloadBase(answer, context), gremlin: answer.outcome.data ?? null };
  };

  return {
    adjustStock: adjust,
    setGremlin: tame,
    reserveStock: reserve,
    confirmReservation: step('CONFIRM'),
    releaseReservation: step('RELEASE'),
    returnStock: step('RETURN'),
  };
}
