import { connection, pageRequest, type Connection, type PageArguments } from '#shared/graphql/connection.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import { requireAdmin, requireOperator, requireService } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import { TAME, type Gremlin } from '../domain/gremlin.ts';
import type { Product } from '../domain/product.ts';
import { availabilityInput, stepInput } from '../domain/stock-input.ts';
import { readGremlin } from '../store/gremlin.ts';
import { listProducts } from '../store/products.ts';
import { operationsPage, type ProductLoader } from './product.ts';
import { reservationView } from './reservation.ts';
import type { InventoryServices } from './services.ts';

interface Availability {
  readonly product: Product | null;
  readonly requested: number;
  readonly available: number;
  readonly sufficient: boolean;
}

/** Any text that is a product's id; they are chosen by people. */
const PRODUCT_ID = /^[^\0]{1,100}$/;

export function queries({ db, gremlinAllowed }: InventoryServices, products: ProductLoader): Record<string, unknown> {
  return {
    product: (_: unknown, { id }: { id: string }, context: RequestContext) => products(context).load(id),
    products: async (_: unknown, page: PageArguments): Promise<Connection<Product>> => {
      const request = pageRequest(page, PRODUCT_ID);
      return connection(await listProducts(db, request), request, (product) => product.id);
    },
    checkAvailability: (_: unknown, given: unknown, context: RequestContext): Promise<Availability[]> => {
      const { items } = checkInput(availabilityInput, given);
      return Promise.all(
        items.map(async ({ productId, quantity }) => {
          const product = await products(context).load(productId);
          const available = product?.available ?? 0;
          return { product, requested: quantity, available, sufficient: available >= quantity };
        }),
      );
    },
    inventoryOperations: (
      _: unknown,
      { productId, ...page }: PageArguments & { productId?: string | null },
      { viewer }: RequestContext,
    ) => {
      requireOperator(viewer);
      return operationsPage(db, productId ?? undefined, page);
    },
    gremlin: async (_: unknown, _arguments: unknown, { viewer }: RequestContext): Promise<Gremlin | null> => {
      requireAdmin(viewer);
      return gremlinAllowed ? ((await readGremlin(db)) ?? TAME) : null;
    },
    reservation: (_: unknown, given: unknown, { viewer }: RequestContext) => {
      requireService(viewer);
      return reservationView(db, checkInput(stepInput, given).orderId);
    },
  };
}
