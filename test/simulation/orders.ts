import { refused, type Outcome } from '#shared/refusal.ts';
import { backoffMs } from '#shared/retry.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import {
  advanced,
  isDecided,
  placed,
  STARTS_FROM,
  type Order,
  type OrderErrorCode,
  type OrderLine,
  type OrderStatus,
  type OrderStep,
} from '#order/domain/order.ts';
import { CLAIM_MS, recoveredAfter } from '#order/commands/order-sagas.ts';
import { orderChange } from '#order/domain/order-events.ts';
import { decideOrder, type InventoryAnswer } from '#order/domain/saga.ts';
import type { Bus } from './bus.ts';
import { withHeartbeat } from './heartbeat.ts';
import type { Inventory } from './inventory.ts';
import { Keys } from './keys.ts';
import { call } from './network.ts';
import { Outbox } from './outbox.ts';
import type { Process } from './scheduler.ts';
import { Service } from './service.ts';
import { Table } from './table.ts';
import type { Transaction } from './transaction.ts';
import { Gate, pauseFor, waitAt, type Task } from './task.ts';
import type { World } from './world.ts';

interface StoredOrder extends Order {
  readonly recoverAt: Date | null;
  readonly recoveries: number;
}

export interface OrderOutcome {
  readonly orderId: string;
}
export type OrderAnswer = Answer<OrderOutcome, OrderErrorCode>;

/** A client's call. */
export interface Wish {
  readonly userId: string;
  readonly key: string;
}

// As in order-sagas.ts, whose claims are imported. Safety depends on none of them; that all is decided in time does.
const RECOVERY_POLL_MS = 1_000;
const CLIENT_WAITS_MS = 3_000;
const LOOK_AGAIN_MS = 100;
const INVENTORY_PATIENCE_MS = 2_000;
const RECOVERY_BATCH = 50;

interface Saga {
  readonly ended: Gate;
  over: boolean;
}

/** The order service: its domain decides; transactions, sagas and their recovery are modelled on commands/. */
export class Orders {
  readonly service: Service;
  readonly keys: Keys;
  readonly outbox: Outbox;
  readonly rows = new Table<StoredOrder>('orders');
  readonly customers = new Table<{ readonly status: string; readonly revision: number }>('customers');
  /** How often the calls of a key have begun a saga. */
  readonly begun = new Map<string, number>();
  readonly #world: World;
  readonly #inventory: Inventory;
  readonly #sagas = new WeakMap<Process, { readonly life: number; readonly running: Map<string, Saga> }>();

  constructor(world: World, bus: Bus, inventory: Inventory) {
    this.#world = world;
    this.#inventory = inventory;
    this.service = new Service(world, 'order');
    this.keys = new Keys(this.service);
    this.outbox = new Outbox(this.service, bus);
    this.service.worker({ pollMs: RECOVERY_POLL_MS, runOnce: (replica) => this.#recoverOnce(replica) });
  }

  /** Mirrors `placeOrder`. */
  *place(
    replica: Process,
    wish: Wish & { items: readonly Pick<OrderLine, 'productId' | 'quantity'>[] },
  ): Task<OrderAnswer> {
    const { userId, key, items } = wish;
    const keyed = { caller: `user:${userId}`, field: 'placeOrder', key, args: { items } };
    const answer = yield* this.keys.once<OrderOutcome, OrderErrorCode>(replica, keyed, (tx) =>
      this.#place(tx, { userId, items }),
    );
    yield* this.#waitFor(replica, key, answer);
    return answer;
  }

  *#place(
    tx: Transaction,
    { userId, items }: Pick<Order, 'userId'> & { items: readonly Pick<OrderLine, 'productId' | 'quantity'>[] },
  ): Task<Outcome<OrderOutcome, OrderErrorCode>> {
    yield* tx.statement();
    if (tx.get(this.customers, userId)?.status === 'SUSPENDED') {
      return refused('ACCOUNT_SUSPENDED', 'This account is suspended.');
    }
    const at = this.#world.date();
    const order = placed({ id: this.#world.newId(), userId, items, at });
    tx.put(this.rows, order.id, { ...order, recoverAt: recoveredAfter(at), recoveries: 0 });
    yield* this.outbox.append(tx, [orderChange(order)]);
    return { data: { orderId: order.id } };
  }

  /** Mirrors `cancelOrder`. */
  *cancel(replica: Process, { userId, key, id }: Wish & { id: string }): Task<OrderAnswer> {
    const keyed = { caller: `user:${userId}`, field: 'cancelOrder', key, args: { id } };
    const answer = yield* this.keys.once<OrderOutcome, OrderErrorCode>(replica, keyed, (tx) => this.#cancel(tx, id));
    yield* this.#waitFor(replica, key, answer);
    return answer;
  }

  *#cancel(tx: Transaction, id: string): Task<Outcome<OrderOutcome, OrderErrorCode>> {
    const order = yield* this.#lock(tx, id);
    if (order === undefined) return refused('ORDER_NOT_FOUND', 'There is no such order.', 'id');
    const at = this.#world.date();
    const cancelling = advanced(order, { kind: 'CANCEL' }, at);
    if (cancelling === undefined) {
      const code = order.status === 'PENDING' ? 'ORDER_PENDING' : 'ORDER_NOT_CANCELLABLE';
      return refused(code, `The order is ${order.status.toLowerCase()}.`, 'id');
    }
    this.#save(tx, cancelling, { from: order.status, recoverAt: recoveredAfter(at) });
    yield* this.outbox.append(tx, [orderChange(cancelling)]);
    return { data: { orderId: id } };
  }

  *#lock(tx: Transaction, id: string): Task<StoredOrder | undefined> {
    yield* tx.lock(this.rows, id);
    yield* tx.statement();
    return tx.get(this.rows, id);
  }

  /** Mirrors `saveOrder`: UPDATE … WHERE status = <from>. */
  #save(tx: Transaction, order: Order, { from, recoverAt }: { from: OrderStatus; recoverAt: Date | null }): boolean {
    const row = tx.get(this.rows, order.id);
    if (row?.status !== from) return false;
    tx.put(this.rows, order.id, { ...row, ...order, recoverAt });
    return true;
  }

  *#waitFor(replica: Process, key: string, { outcome, replayed }: OrderAnswer): Task<void> {
    this.outbox.wake(replica);
    const orderId = outcome.data?.orderId;
    if (orderId === undefined) return;
    if (replayed && !this.#world.has('duplicate-starts-second-saga')) return yield* this.#waitForEnd(replica, orderId);
    this.begun.set(key, (this.begun.get(key) ?? 0) + 1);
    yield* this.#until(this.#advance(replica, orderId));
  }

  /** Mirrors `waitForClient`: starts nothing. */
  *#waitForEnd(replica: Process, orderId: string): Task<void> {
    const deadline = this.#world.now + CLIENT_WAITS_MS;
    const local = this.#sagasOf(replica).get(orderId);
    if (local !== undefined) yield* this.#until(local);
    while (this.#world.now < deadline) {
      const order = yield* this.service.store.read(replica, '', () => this.rows.rows.get(orderId));
      if (order === undefined || isDecided(order)) return;
      yield* pauseFor(LOOK_AGAIN_MS);
    }
  }

  *#until(saga: Saga): Task<void> {
    if (!saga.over) yield* waitAt(saga.ended, { ms: CLIENT_WAITS_MS });
  }

  #sagasOf(replica: Process): Map<string, Saga> {
    const known = this.#sagas.get(replica);
    if (known?.life === replica.life) return known.running;
    const running = new Map<string, Saga>();
    this.#sagas.set(replica, { life: replica.life, running });
    return running;
  }

  /** Mirrors `advance`: after the saga of this order that is under way in this process. */
  #advance(replica: Process, orderId: string): Saga {
    const sagas = this.#sagasOf(replica);
    const before = sagas.get(orderId);
    const saga: Saga = { ended: new Gate(), over: false };
    sagas.set(orderId, saga);
    this.#world.scheduler.spawn(replica, this.#follow(replica, orderId, { before, saga }));
    return saga;
  }

  *#follow(replica: Process, orderId: string, { before, saga }: { before: Saga | undefined; saga: Saga }): Task<void> {
    if (before !== undefined && !before.over) yield* waitAt(before.ended);
    yield* this.#run(replica, orderId);
    saga.over = true;
    const sagas = this.#sagasOf(replica);
    if (sagas.get(orderId) === saga) sagas.delete(orderId);
    saga.ended.open();
  }

  *#run(replica: Process, orderId: string): Task<void> {
    let recoveries = 0;
    try {
      const order = yield* this.service.store.read(replica, `saga of ${orderId}`, () => this.rows.rows.get(orderId));
      recoveries = order?.recoveries ?? 0;
      if (order === undefined || isDecided(order)) return;
      const beat = (): Task<void> => this.#putOff(replica, orderId, recoveredAfter(this.#world.date()));
      const at = { world: this.#world, process: replica };
      yield* withHeartbeat(at, this.#askInventory(replica, order), { everyMs: CLAIM_MS / 3, beat });
    } catch (error) {
      if (!(error instanceof Undecided)) this.#world.expected(error);
      yield* this.#tryLater(replica, orderId, recoveries);
    }
  }

  *#askInventory(replica: Process, order: Order): Task<void> {
    if (order.status === 'PENDING') yield* this.#decide(replica, order);
    if (order.status === 'CANCELLING') yield* this.#return(replica, order);
  }

  *#decide(replica: Process, order: Order): Task<void> {
    const items = order.lines.map(({ productId, quantity }) => ({ productId, quantity }));
    const reserved = decideOrder(yield* this.#ask(replica, { orderId: order.id, step: 'RESERVE', items }));
    const decision =
      reserved.kind === 'ASK_TO_CONFIRM'
        ? decideOrder(yield* this.#ask(replica, { orderId: order.id, step: 'CONFIRM' }))
        : reserved;
    if (decision.kind === 'ASK_TO_CONFIRM') throw new Undecided('inventory holds the stock and does not confirm it');
    yield* this.#take(replica, order.id, decision);
  }

  *#return(replica: Process, { id: orderId }: Order): Task<void> {
    const { reservation } = yield* this.#ask(replica, { orderId, step: 'RETURN' });
    if (reservation?.state !== 'RETURNED') throw new Undecided('inventory has not taken the stock back');
    yield* this.#take(replica, orderId, { kind: 'RETURNED' });
  }

  /** Mirrors `inventoryClient`: the key follows from order and step. */
  *#ask(replica: Process, step: Parameters<Inventory['take']>[1]): Task<InventoryAnswer> {
    const what = `${step.step} ${step.orderId}`;
    return yield* call(this.#world, {
      from: replica,
      to: this.#inventory.service.replicas,
      what,
      timeoutMs: INVENTORY_PATIENCE_MS,
      work: (at) => this.#inventory.take(at, step, `order:${step.orderId}:${step.step.toLowerCase()}`),
    });
  }

  *#take(replica: Process, orderId: string, step: OrderStep): Task<void> {
    yield* this.service.store.transact(replica, `${step.kind} ${orderId}`, (tx) => this.#step(tx, orderId, step));
    this.outbox.wake(replica);
  }

  *#step(tx: Transaction, orderId: string, step: OrderStep): Task<void> {
    const order = yield* this.#lock(tx, orderId);
    const next = order && advanced(order, step, this.#world.date());
    if (next === undefined) return;
    const saved = this.#save(tx, next, { from: STARTS_FROM[step.kind], recoverAt: null });
    if (saved) yield* this.outbox.append(tx, [orderChange(next)]);
  }

  *#tryLater(replica: Process, orderId: string, recoveries: number): Task<void> {
    const waitMs = backoffMs({ firstMs: 500, longestMs: 4_000 }, recoveries + 1);
    const at = later(this.#world.date(), waitMs);
    try {
      yield* this.#putOff(replica, orderId, at);
    } catch (error) {
      // The claim lapses by itself.
      this.#world.expected(error);
    }
  }

  *#putOff(replica: Process, orderId: string, at: Date): Task<void> {
    yield* this.service.store.transact(replica, `put off ${orderId}`, (tx) => this.#recoverAt(tx, orderId, at));
  }

  *#recoverAt(tx: Transaction, orderId: string, at: Date): Task<void> {
    const order = yield* this.#lock(tx, orderId);
    if (order !== undefined && order.recoverAt !== null) tx.put(this.rows, orderId, { ...order, recoverAt: at });
  }

  /** Mirrors `recoverOnce`. */
  *#recoverOnce(replica: Process): Task<number> {
    const orders = yield* this.service.store.transact(replica, '', (tx) => this.#claim(tx));
    const sagas = orders.map(({ id }) => this.#advance(replica, id));
    this.#world.tally.recovered += orders.length;
    for (const saga of sagas) if (!saga.over) yield* waitAt(saga.ended);
    return orders.length;
  }

  /** Mirrors `claimUndecided`: FOR UPDATE SKIP LOCKED, and the time of the next try as the fence. */
  *#claim(tx: Transaction): Task<Order[]> {
    yield* tx.statement();
    const now = this.#world.date();
    const due = [...this.rows.rows.values()].filter(
      ({ id, recoverAt }) => recoverAt !== null && recoverAt <= now && !tx.isLocked(this.rows, id),
    );
    const claimed = due.slice(0, RECOVERY_BATCH);
    for (const order of claimed) {
      yield* tx.lock(this.rows, order.id);
      tx.put(this.rows, order.id, { ...order, recoverAt: recoveredAfter(now), recoveries: order.recoveries + 1 });
    }
    return claimed;
  }
}

/** What the saga throws where the product throws an `Error`: inventory is not yet as it must be. */
class Undecided extends Error {
  override readonly name = 'Undecided';
}

function later(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}
