import type { Inventory } from '#order/store/inventory.ts';

export type InventoryCall = keyof Inventory;

/** When a call fails: `before` it has an effect, or `after` it, so that only the answer is lost. */
export type Failure = 'before' | 'after';

/** An inventory whose calls fail on demand, and are counted. */
export class FailingInventory implements Inventory {
  readonly calls: InventoryCall[] = [];
  readonly #real: Inventory;
  readonly #failures = new Map<InventoryCall, Failure>();
  #gate: Promise<void> = Promise.resolve();
  #afterReserve: () => Promise<unknown> = () => Promise.resolve();

  readonly reserve: Inventory['reserve'];
  readonly confirm: Inventory['confirm'];
  readonly returnStock: Inventory['returnStock'];

  constructor(real: Inventory) {
    this.#real = real;
    this.reserve = (order) => this.#call('reserve', order);
    this.confirm = (order) => this.#call('confirm', order);
    this.returnStock = (order) => this.#call('returnStock', order);
  }

  /** Every call of this name fails from now on. */
  fail(call: InventoryCall, when: Failure): void {
    this.#failures.set(call, when);
  }

  /** Answers nothing until the returned function is called; then what waits, and what comes, goes through. */
  hang(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return resolve;
  }

  /** Has something happen between reserving and confirming. */
  onReserved(work: () => Promise<unknown>): void {
    this.#afterReserve = work;
  }

  async #call(name: InventoryCall, order: Parameters<Inventory['reserve']>[0]): ReturnType<Inventory['reserve']> {
    this.calls.push(name);
    await this.#gate;
    const failure = this.#failures.get(name);
    if (failure === 'before') throw new Error(`${name} did not reach inventory`);
    const answer = await this.#real[name](order);
    if (name === 'reserve') await this.#afterReserve();
    if (failure === 'after') throw new Error(`the answer to ${name} was lost`);
    return answer;
  }
}
