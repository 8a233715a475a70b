import { appendEvents } from '#shared/events/outbox.ts';
import { withHeartbeat } from '#shared/heartbeat.ts';
import type { Log } from '#shared/log.ts';
import { backoffMs, pause, type Backoff } from '#shared/retry.ts';
import { transact, type Database } from '#shared/store/postgres.ts';
import type { Counts } from '#shared/worker.ts';
import { advanced, isDecided, STARTS_FROM, type Order, type OrderStep } from '../domain/order.ts';
import { orderChange } from '../domain/order-events.ts';
import { decideOrder } from '../domain/saga.ts';
import type { Inventory } from '../store/inventory.ts';
import { claimUndecided, findOrders, lockOrder, recoverOrderAt, saveOrder } from '../store/orders.ts';

interface OrderSagasOptions {
  readonly db: Database;
  readonly inventory: Inventory;
  readonly log: Log;
  readonly afterCommit: () => void;
  /** How long an order that was taken up is nobody else's; {@link CLAIM_MS} when left out. */
  readonly claimMs?: number;
}

/** How long a client waits for inventory before it is told that the order is on its way (CONTRACT.md). */
const CLIENT_WAITS_MS = 3_000;
/** How often a duplicate whose saga runs in another process looks for its end. */
const LOOK_AGAIN_MS = 100;
/** Soon at first, since most often one answer was lost; and never seldom, since each try costs little and all orders must be decided soon after inventory is back. */
const RECOVERY: Backoff = { firstMs: 500, longestMs: 4_000 };
/** The saga of a process that was killed or paused is taken over after this and one poll. While inventory is asked it is put off. */
export const CLAIM_MS = 3_000;
/** Each costs two short calls; inventory works them off one by one where they want the same product. */
const RECOVERY_BATCH = 50;

/**
 * Brings undecided orders to their end, whatever happens on the way: every call to inventory can be repeated with the same effect, and an
 * answer that never came is unknown, not a failure. Started by a command for its own order, and by the recovery worker for those
 * that a crash, a timeout or a lost answer has left behind.
 */
export class OrderSagas {
  readonly #options: OrderSagasOptions;
  readonly #claimMs: number;
  /** Sagas under way in this process: duplicates wait for them here, holding no connection. */
  readonly #running = new Map<string, Promise<void>>();

  constructor(options: OrderSagasOptions) {
    this.#options = options;
    this.#claimMs = options.claimMs ?? CLAIM_MS;
  }

  /** Goes on with an order and waits for its end, at most the time that a client waits; the saga itself goes on. */
  async advanceForClient(orderId: string): Promise<void> {
    await whileClientWaits(this.advance(orderId));
  }

  /** Waits for the end of an order's saga wherever it runs, at most the time that a client waits; starts none. */
  async waitForClient(orderId: string): Promise<void> {
    const deadline = Date.now() + CLIENT_WAITS_MS;
    const local = this.#running.get(orderId);
    if (local !== undefined) await whileClientWaits(local);
    while (Date.now() < deadline) {
      const [order] = await findOrders(this.#options.db, [orderId]);
      if (order === undefined || isDecided(order)) return;
      await pause(LOOK_AGAIN_MS);
    }
  }

  /** Goes on with an order as far as inventory answers, after the saga that is under way here: that one may not know of the last step. Never rejects. */
  advance(orderId: string): Promise<void> {
    const before = this.#running.get(orderId);
    const running = (before === undefined ? this.#run(orderId) : before.then(() => this.#run(orderId))).finally(() => {
      if (this.#running.get(orderId) === running) this.#running.delete(orderId);
    });
    this.#running.set(orderId, running);
    return running;
  }

  /** Takes up orders whose saga has not come to its end in time. */
  async recoverOnce(): Promise<Counts> {
    const now = new Date();
    const claim = { limit: RECOVERY_BATCH, now, until: recoveredAfter(now, this.#claimMs) };
    const orders = await transact(this.#options.db, (tx) => claimUndecided(tx, claim));
    await Promise.all(orders.map((order) => this.advance(order.id)));
    return { recovered: orders.length };
  }

  /** Waits for the sagas under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #run(orderId: string): Promise<void> {
    const { db, log } = this.#options;
    let recoveries = 0;
    try {
      const [order] = await findOrders(db, [orderId]);
      recoveries = order?.recoveries ?? 0;
      if (order === undefined || isDecided(order)) return;
      const beat = (): Promise<void> => recoverOrderAt(db, orderId, recoveredAfter(new Date(), this.#claimMs));
      await withHeartbeat(() => this.#askInventory(order), { everyMs: this.#claimMs / 3, beat });
    } catch (error) {
      log.warn({ err: error, orderId }, 'order is still undecided');
      await this.#tryLater(orderId, recoveries);
    }
  }

  async #askInventory(order: Order): Promise<void> {
    if (order.status === 'PENDING') await this.#decide(order);
    if (order.status === 'CANCELLING') await this.#return(order);
  }

  async #decide(order: Order): Promise<void> {
    const { inventory } = this.#options;
    const reserved = decideOrder(await inventory.reserve(order));
    const decision = reserved.kind === 'ASK_TO_CONFIRM' ? decideOrder(await inventory.confirm(order)) : reserved;
    if (decision.kind === 'ASK_TO_CONFIRM') throw new Error('inventory holds the stock and does not confirm it');
    await this.#take(order.id, decision);
  }

  async #return(order: Order): Promise<void> {
    const { reservation } = await this.#options.inventory.returnStock(order);
    if (reservation?.state !== 'RETURNED') throw new Error('inventory has not taken the stock back');
    await this.#take(order.id, { kind: 'RETURNED' });
  }

  /** Takes a step of the order with its event, if the order is still where the step starts. */
  async #take(orderId: string, step: OrderStep): Promise<void> {
    await transact(this.#options.db, async (tx) => {
      const order = await lockOrder(tx, orderId);
      const next = order && advanced(order, step, new Date());
      if (next === undefined) return;
      const saved = await saveOrder(tx, next, { from: STARTS_FROM[step.kind], recoverAt: null });
      if (saved) await appendEvents(tx, [orderChange(next)]);
    });
    this.#options.afterCommit();
  }

  async #tryLater(orderId: string, recoveries: number): Promise<void> {
    const at = new Date(Date.now() + backoffMs(RECOVERY, recoveries + 1));
    await recoverOrderAt(this.#options.db, orderId, at).catch((error: unknown) => {
      // The claim lapses by itself.
      this.#options.log.warn({ err: error, orderId }, 'recovery could not be put off');
    });
  }
}

/** When the recovery worker takes an order up that a saga which begins now, or still goes on, has not decided by then. */
export function recoveredAfter(now: Date, claimMs = CLAIM_MS): Date {
  return new Date(now.getTime() + claimMs);
}

/** Waits for the work, at most the time that a client waits; the work itself goes on. */
async function whileClientWaits(work: Promise<void>): Promise<void> {
  const done = new AbortController();
  await Promise.race([work, pause(CLIENT_WAITS_MS, done.signal)]);
  done.abort();
}
