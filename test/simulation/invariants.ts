import type { OperationType } from '#inventory/domain/reservation.ts';
import type { OrderStatus } from '#order/domain/order.ts';
import type { Clients } from './clients.ts';
import type { System } from './system.ts';
import type { World } from './world.ts';

const HOLD_MS = 15 * 60_000;

/** Where an order may go from each status; nowhere else, whatever happens. */
const ARROWS: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  PENDING: ['CONFIRMED', 'FAILED'],
  CONFIRMED: ['CANCELLING'],
  FAILED: [],
  CANCELLING: ['CANCELLED'],
  CANCELLED: [],
};

/** What must be true at every moment, of what is committed (EXACTLY-ONCE §7: 1, 2, 4, 5). */
export class Safety {
  readonly #world: World;
  readonly #system: System;
  readonly #clients: Clients;
  readonly #statuses = new Map<string, OrderStatus>();

  constructor(world: World, system: System, clients: Clients) {
    this.#world = world;
    this.#system = system;
    this.#clients = clients;
    system.orders.service.store.onCommit.push(() => this.#checkArrows());
    system.inventory.service.store.onCommit.push(() => this.#checkCounters());
  }

  check(): void {
    this.#checkBooks();
    this.#checkHolds();
    this.#checkEffects();
  }

  #checkArrows(): void {
    for (const { id, status } of this.#system.orders.rows.rows.values()) {
      const before = this.#statuses.get(id);
      if (before === status) continue;
      const isAllowed = before === undefined ? status === 'PENDING' : ARROWS[before].includes(status);
      this.#world.claim(isAllowed, 'orders go along their arrows', () => `${id} from ${before} to ${status}`);
      this.#statuses.set(id, status);
    }
  }

  #checkCounters(): void {
    for (const { id, available, held } of this.#system.inventory.products.rows.values()) {
      const detail = (): string => `${id} has ${available} available and ${held} held`;
      this.#world.claim(available >= 0 && held >= 0, 'nothing is sold twice', detail);
    }
  }

  /** The counters are what the audit trail adds up to. */
  #checkBooks(): void {
    const { inventory, stock } = this.#system;
    for (const { id, available, held } of inventory.products.rows.values()) {
      const total = (type: OperationType): number =>
        [...inventory.operations.rows.values()]
          .filter((operation) => operation.productId === id && operation.type === type)
          .reduce((sum, { quantity }) => sum + quantity, 0);
      const reserved = total('RESERVE');
      const [confirmed, givenBack] = [total('CONFIRM'), total('RELEASE') + total('EXPIRE')];
      const left = (stock.get(id) ?? 0) - reserved + givenBack + total('RETURN');
      const isRight = available === left && held === reserved - confirmed - givenBack;
      const detail = (): string =>
        `${id}: ${available} available, ${held} held; the trail says ${left}, ${reserved - confirmed - givenBack}`;
      this.#world.claim(isRight, 'stock is conserved', detail);
    }
  }

  #checkHolds(): void {
    const operations = [...this.#system.inventory.operations.rows.values()];
    for (const [line, steps] of Map.groupBy(operations, ({ orderId, productId }) => `${orderId} ${productId}`)) {
      const ends = steps.filter(({ type }) => ['CONFIRM', 'RELEASE', 'EXPIRE'].includes(type));
      const types = steps.map(({ type }) => type).join(' ');
      this.#world.claim(ends.length <= 1, 'a hold ends once', () => `${line}: ${types}`);
      const reserved = steps.find(({ type }) => type === 'RESERVE');
      const confirmed = steps.find(({ type }) => type === 'CONFIRM');
      const isLate = confirmed !== undefined && +confirmed.occurredAt >= +(reserved?.occurredAt ?? 0) + HOLD_MS;
      this.#world.claim(!isLate, 'what has expired is not confirmed', () => line);
    }
  }

  #checkEffects(): void {
    const { orders, users, inventory } = this.#system;
    for (const { keys } of [orders, users, inventory]) {
      for (const [name, effects] of Map.groupBy(keys.effects.rows.values(), (name) => name)) {
        this.#world.claim(effects.length === 1, 'one effect per key', () => `${name} had ${effects.length}`);
      }
    }
    for (const [key, sagas] of orders.begun) {
      this.#world.claim(sagas === 1, 'one saga per key', () => `${key} has begun ${sagas}`);
    }
    const [there, wanted] = [orders.rows.rows.size, this.#clients.placings.size];
    this.#world.claim(there <= wanted, 'nothing that nobody asked for', () => `${there} orders of ${wanted} calls`);
  }
}
