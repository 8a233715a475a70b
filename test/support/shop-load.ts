import { randomUUID } from 'node:crypto';
import { pause } from '#shared/retry.ts';
import type { OrderStatus } from '#order/domain/order.ts';
import { TestClient } from './client.ts';
import { PersistentCalls } from './persistent-calls.ts';
import { newRandom } from './seeded-random.ts';
import { register, type Customer } from './customers.ts';

interface OrderPayload {
  readonly order: { readonly id: string; readonly status: OrderStatus } | null;
  readonly replayed: boolean;
  readonly userErrors: readonly { readonly code: string }[];
}

const ANSWER = '{ order { id status } replayed userErrors { code } }';
const PLACE = `mutation Place($input: PlaceOrderInput!, $key: ID!) { placeOrder(input: $input, idempotencyKey: $key) ${ANSWER} }`;
const CANCEL = `mutation Cancel($input: CancelOrderInput!, $key: ID!) { cancelOrder(input: $input, idempotencyKey: $key) ${ANSWER} }`;

const PRODUCTS = ['PROD-001', 'PROD-002', 'PROD-003', 'PROD-004', 'PROD-005'];
/** Few, so that tokens never expire, and many customers are at work. */
const ORDERS_EACH = 8;
const CANCELLED_SHARE = 0.4;
const BETWEEN_TRIES_MS = 60;

/** Customers who order and cancel, each call under a key of its own, tried with that key until it is answered. */
export class ShopLoad extends PersistentCalls<OrderPayload> {
  /** When (`Date.now()`) a call was told that its order is not decided yet. */
  readonly undecidedAt: number[] = [];
  readonly #url: string;
  readonly #random = newRandom('shop load');
  readonly #stopping = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(url: string, clients: number) {
    super(new TestClient(url), ({ order, replayed, userErrors }) => {
      if (order?.status === 'PENDING' || order?.status === 'CANCELLING') this.undecidedAt.push(Date.now());
      const refusals = order === null ? userErrors.map(({ code }) => code) : [];
      return { id: order?.id ?? null, replayed, refusals, ...(order && { status: order.status }) };
    });
    this.#url = url;
    this.#running = Promise.all(Array.from({ length: clients }, () => this.#live()));
    // Whoever abandons the load does not wait for it.
    this.#running.catch(() => undefined);
  }

  /** Begins nothing new; resolves when every call is answered. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #live(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const customer = await this.#newCustomer();
      const { id: userId, token } = customer;
      for (let order = 0; order < ORDERS_EACH && !this.#stopping.signal.aborted; order += 1) {
        const items = this.#someItems();
        const key = randomUUID();
        const variables = { input: { items }, key };
        const placed = await this.make({
          field: 'placeOrder',
          key,
          about: { userId, items },
          document: PLACE,
          variables,
          token,
        });
        if (placed.order === null || this.#random() > CANCELLED_SHARE) continue;
        await this.#cancel(placed.order.id, customer);
      }
    }
  }

  async #cancel(orderId: string, { id: userId, token }: Customer): Promise<void> {
    const key = randomUUID();
    const variables = { input: { id: orderId }, key };
    await this.make({ field: 'cancelOrder', key, about: { userId, orderId }, document: CANCEL, variables, token });
  }

  /** One to three products, now and then more pieces than there are, or what is no product. */
  #someItems(): { productId: string; quantity: number }[] {
    const start = Math.floor(this.#random() * PRODUCTS.length);
    const count = 1 + Math.floor(this.#random() * 3);
    const items = Array.from({ length: count }, (_, at) => ({
      productId: PRODUCTS[(start + at) % PRODUCTS.length] ?? '',
      quantity: 1 + Math.floor(this.#random() * 3),
    }));
    const odd = this.#random();
    if (odd < 0.03) items.push({ productId: 'PROD-999', quantity: 1 });
    return odd > 0.97 ? items.map((item) => ({ ...item, quantity: 1_000 })) : items;
  }

  async #newCustomer(): Promise<Customer> {
    for (; ; await pause(BETWEEN_TRIES_MS)) {
      if (this.#stopping.signal.aborted) throw new Error('nobody new comes');
      try {
        return await register(new TestClient(this.#url));
      } catch {
        // What becomes of registrations is another test's.
      }
    }
  }
}
