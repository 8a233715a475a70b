import { traceOf, type Caller, type CommandServices } from '#shared/command.ts';
import { appendEvents } from '#shared/events/outbox.ts';
import { callerName, requireAdmin } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import { refused } from '#shared/refusal.ts';
import type { Answer } from '#shared/store/idempotency.ts';
import { transact, type Database } from '#shared/store/postgres.ts';
import { CURRENCY, moved, SEED_PRODUCTS } from '../domain/product.ts';
import { stockChange } from '../domain/stock-events.ts';
import type { InventoryErrorCode } from '../domain/stock-steps.ts';
import { adjustmentInput } from '../domain/stock-input.ts';
import { recordOperations } from '../store/operations.ts';
import { addProducts, lockProducts, saveProducts } from '../store/products.ts';

/** What is frozen with the key. */
export interface ProductOutcome {
  readonly productId: string;
  readonly version: number;
}

/** Adds to or takes from what is available, once per key; for admins. Refuses with `PRODUCT_NOT_FOUND` or `OUT_OF_STOCK`. */
export async function adjustStock(
  { idempotency }: CommandServices,
  input: unknown,
  by: Caller,
): Promise<Answer<ProductOutcome, InventoryErrorCode>> {
  requireAdmin(by.viewer);
  const { productId, change, reason } = checkInput(adjustmentInput, input);
  const actor = callerName(by.viewer);
  const call = { caller: actor, field: 'adjustStock', key: by.idempotencyKey, args: input };
  return idempotency.once<ProductOutcome, void, InventoryErrorCode>(call, {
    prepare: () => Promise.resolve(),
    effect: async (tx) => {
      const [product] = await lockProducts(tx, [productId]);
      if (product === undefined) return refused('PRODUCT_NOT_FOUND', `There is no product ${productId}.`, 'productId');
      if (product.available + change < 0) {
        return refused('OUT_OF_STOCK', `Of ${product.name} ${product.available} are left.`, 'change');
      }
      const now = new Date();
      const adjusted = moved(product, { available: change, held: 0 }, now);
      await saveProducts(tx, [adjusted]);
      await recordOperations(tx, [{ productId, type: 'ADJUST', quantity: change, reason, actor, occurredAt: now }]);
      await appendEvents(tx, [{ ...stockChange(adjusted), ...traceOf(by) }]);
      return { data: { productId, version: adjusted.version } };
    },
  });
}

/** Stocks the shelves of a new system; what is there already stays as it is. */
export async function seedProducts(db: Database): Promise<void> {
  const updatedAt = new Date();
  const wanted = SEED_PRODUCTS.map((product) => ({ ...product, currency: CURRENCY, held: 0, version: 1, updatedAt }));
  await transact(db, async (tx) => {
    const added = await addProducts(tx, wanted);
    if (added.length === 0) return;
    const stocked = added.map(({ id: productId, available: quantity }) => ({
      productId,
      quantity,
      occurredAt: updatedAt,
    }));
    await recordOperations(
      tx,
      stocked.map((stock) => ({ ...stock, type: 'ADJUST' as const, reason: 'initial stock', actor: 'seed' })),
    );
    await appendEvents(tx, added.map(stockChange));
  });
}
