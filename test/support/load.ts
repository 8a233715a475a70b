import { randomUUID } from 'node:crypto';
import { TestClient } from './client.ts';
import { newRegistration, REGISTER } from './customers.ts';
import { PersistentCalls } from './persistent-calls.ts';

interface Payload {
  readonly user?: { readonly id: string } | null;
  readonly order?: { readonly id: string; readonly status: string } | null;
  readonly product?: { readonly id: string } | null;
  readonly replayed: boolean;
  readonly userErrors: readonly { readonly code: string }[];
}

const ORDER = '{ order { id status } replayed userErrors { code } }';
const PLACE = `mutation Place($input: PlaceOrderInput!, $key: ID!) { placeOrder(input: $input, idempotencyKey: $key) ${ORDER} }`;
const CANCEL = `mutation Cancel($input: CancelOrderInput!, $key: ID!) { cancelOrder(input: $input, idempotencyKey: $key) ${ORDER} }`;
/** With fields of other services, whose failing must not take the answer with it. */
const RENAME = `mutation Rename($input: UpdateUserInput!, $key: ID!) {
  updateUser(input: $input, idempotencyKey: $key) {
    user { id syncState { target state } unreadCount orders(first: 1) { edges { node { id } } } } replayed userErrors { code }
  }
}`;
const RESTOCK = `mutation Restock($input: AdjustStockInput!, $key: ID!) {
  adjustStock(input: $input, idempotencyKey: $key) { product { id } replayed userErrors { code } }
}`;

const PRODUCTS = ['PROD-001', 'PROD-002', 'PROD-003', 'PROD-004', 'PROD-005'];
/** A password's hash takes a tenth of a second: most of the load are not registrations. */
const ACTIONS_EACH = 20;
/** What a customer does next, by share; the rest orders. */
const SHARES = { rename: 0.22, repeat: 0.1, restock: 0.03 } as const;
const CANCELLED_SHARE = 0.4;
/** Orders that are sent twice at the same time, as by a double click. */
const DOUBLED_SHARE = 0.1;

interface LoadOptions {
  readonly url: string;
  readonly clients: number;
  readonly random: () => number;
  readonly tokenOf: (id: string, role: 'CUSTOMER' | 'ADMIN') => Promise<string>;
}

/** Customers who register, order, cancel, change their names and ask again, and a keeper who brings new stock: each call under a key of its own. */
export class Load extends PersistentCalls<Payload> {
  /** When (`Date.now()`) a call was told that its order is not decided yet. */
  readonly undecidedAt: number[] = [];
  readonly #options: LoadOptions;
  readonly #keeper = randomUUID();
  readonly #stopping = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(options: LoadOptions) {
    super(new TestClient(options.url), ({ user, order, product, replayed, userErrors }) => {
      if (order?.status === 'PENDING' || order?.status === 'CANCELLING') this.undecidedAt.push(Date.now());
      const { id } = user ?? order ?? product ?? { id: null };
      const refusals = id === null ? userErrors.map(({ code }) => code) : [];
      return { id, replayed, refusals, ...(order && { status: order.status }) };
    });
    this.#options = options;
    this.#running = Promise.all(Array.from({ length: options.clients }, () => this.#live()));
    // Whoever abandons the load does not wait for it.
    this.#running.catch(() => undefined);
  }

  /** Begins nothing new; resolves when every call is answered. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** How many calls have no answer yet. */
  get unanswered(): number {
    return this.calls.length - this.answered;
  }

  async #live(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const id = await this.#register();
      for (let action = 0; action < ACTIONS_EACH && !this.#stopping.signal.aborted; action += 1) await this.#act(id);
    }
  }

  async #act(userId: string): Promise<void> {
    const { random } = this.#options;
    const { rename, repeat, restock } = SHARES;
    const draw = random();
    if (draw < rename) await this.#rename(userId);
    else if (draw < rename + repeat) await this.#repeat();
    else if (draw < rename + repeat + restock) await this.#restock();
    else await this.#order(userId);
  }

  async #register(): Promise<string> {
    const [input, key] = [newRegistration(), randomUUID()];
    const variables = { input, key };
    const about = { email: input.email };
    const call = { field: 'registerUser', key, about, document: REGISTER, variables, token: undefined };
    const { user } = await this.make(call);
    if (user == null) throw new Error('a new customer was refused');
    return user.id;
  }

  async #rename(userId: string): Promise<void> {
    const key = randomUUID();
    const variables = { input: { id: userId, firstName: `Ada ${key.slice(0, 8)}` }, key };
    const about = { userId, changes: true };
    await this.make({ field: 'updateUser', key, about, document: RENAME, variables, token: this.#as(userId) });
  }

  async #order(userId: string): Promise<void> {
    const { random } = this.#options;
    const [items, key] = [this.#someItems(), randomUUID()];
    const variables = { input: { items }, key };
    const call = { field: 'placeOrder', key, about: { userId, items }, document: PLACE, variables };
    const placing = this.make({ ...call, token: this.#as(userId) });
    const made = this.calls.at(-1);
    const doubled = made !== undefined && random() < DOUBLED_SHARE ? this.repeat(made) : undefined;
    const { order } = await placing;
    await doubled;
    if (order != null && random() < CANCELLED_SHARE) await this.#cancel(userId, order.id);
  }

  async #cancel(userId: string, orderId: string): Promise<void> {
    const key = randomUUID();
    const variables = { input: { id: orderId }, key };
    const about = { userId, orderId };
    await this.make({ field: 'cancelOrder', key, about, document: CANCEL, variables, token: this.#as(userId) });
  }

  /** One of all calls so far: its answer must be the first one. */
  async #repeat(): Promise<void> {
    const call = this.calls[Math.floor(this.#options.random() * this.calls.length)];
    if (call !== undefined) await this.repeat(call);
  }

  async #restock(): Promise<void> {
    const key = randomUUID();
    const variables = { input: { productId: this.#someProduct(), change: 60, reason: 'the load brings more' }, key };
    const token = (): Promise<string> => this.#options.tokenOf(this.#keeper, 'ADMIN');
    await this.make({ field: 'adjustStock', key, about: {}, document: RESTOCK, variables, token });
  }

  #as(userId: string): () => Promise<string> {
    return () => this.#options.tokenOf(userId, 'CUSTOMER');
  }

  #someProduct(): string {
    return PRODUCTS[Math.floor(this.#options.random() * PRODUCTS.length)] ?? '';
  }

  /** One to three products, now and then more pieces than there are, or what is no product. */
  #someItems(): { productId: string; quantity: number }[] {
    const { random } = this.#options;
    const start = Math.floor(random() * PRODUCTS.length);
    const items = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, at) => ({
      productId: PRODUCTS[(start + at) % PRODUCTS.length] ?? '',
      quantity: 1 + Math.floor(random() * 3),
    }));
    const odd = random();
    if (odd < 0.03) items.push({ productId: 'PROD-999', quantity: 1 });
    return odd > 0.97 ? items.map((item) => ({ ...item, quantity: 1_000 })) : items;
  }
}
