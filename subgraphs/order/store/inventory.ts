import { callService, type ServiceClient } from '#shared/graphql/service-client.ts';
import type { Order } from '../domain/order.ts';
import type { InventoryAnswer } from '../domain/saga.ts';

/** Inventory, as the order saga needs it. Every call can be repeated with the same effect: its key follows from order and step. A call that gets no answer rejects: its effect is unknown. */
export interface Inventory {
  reserve(order: Order): Promise<InventoryAnswer>;
  confirm(order: Order): Promise<InventoryAnswer>;
  returnStock(order: Order): Promise<InventoryAnswer>;
}

const ANSWER = 'reservation { state lines { productId unitPrice { amount } } } userErrors { code message }';
const RESERVE = `mutation Reserve($input: ReserveStockInput!, $key: ID!) { answer: reserveStock(input: $input, idempotencyKey: $key) { ${ANSWER} } }`;
const CONFIRM = `mutation Confirm($input: ReservationStepInput!, $key: ID!) { answer: confirmReservation(input: $input, idempotencyKey: $key) { ${ANSWER} } }`;
const RETURN = `mutation Return($input: ReservationStepInput!, $key: ID!) { answer: returnStock(input: $input, idempotencyKey: $key) { ${ANSWER} } }`;

interface AnswerData {
  readonly answer: {
    readonly reservation: InventoryAnswer['reservation'];
    readonly userErrors: readonly { readonly code: string; readonly message: string }[];
  } | null;
}

/** Inventory over GraphQL. */
export function inventoryClient(client: ServiceClient): Inventory {
  async function step(
    document: string,
    name: string,
    input: { orderId: string; items?: unknown },
  ): Promise<InventoryAnswer> {
    const key = `order:${input.orderId}:${name}`;
    const { answer } = await callService<AnswerData>(client, document, { input, key });
    if (answer === null) throw new Error('inventory gave no answer');
    return { reservation: answer.reservation, refusal: answer.userErrors[0] ?? null };
  }
  return {
    reserve: ({ id: orderId, lines }) => {
      const items = lines.map(({ productId, quantity }) => ({ productId, quantity }));
      return step(RESERVE, 'reserve', { orderId, items });
    },
    confirm: ({ id: orderId }) => step(CONFIRM, 'confirm', { orderId }),
    returnStock: ({ id: orderId }) => step(RETURN, 'return', { orderId }),
  };
}
