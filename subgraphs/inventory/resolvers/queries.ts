import { connection, pageRequest } from '#shared/graphql/connection.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { requireAdmin, requireOperator, requireService } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import { TAME } from '../domain/gremlin.ts';
import { availabilityInput, stepInput } from '../domain/stock-input.ts';
import type { QueryResolvers } from '../generated/resolver-types.ts';
import { readGremlin } from '../store/gremlin.ts';
import { listProducts } from '../store/products.ts';
import { operationsPage, type ProductLoader } from './product.ts';
import { reservationView } from './reservation.ts';
import type { InventoryServices } from './services.ts';

/** Any text that is a product's id; they are chosen by people. */
const PRODUCT_ID = /^[^\0]{1,100}$/;

export function queries(
  { db, gremlinAllowed }: InventoryServices,
  products: ProductLoader,
): FieldResolvers<QueryResolvers> {
  return {
    product: (_, { id }, context) => products(context).load(id),
    products: async (_, page) => {
      const request = pageRequest(page, PRODUCT_ID);
      return connection(await listProducts(db, request), request, (product) => product.id);
    },
    checkAvailability: (_, given, context) => {
      const { items } = checkInput(availabilityInput, given);
      return Promise.all(
        items.map(async ({ productId, quantity }) => {
          const product = await products(context).load(productId);
          const available = product?.available ?? 0;
          return { product, requested: quantity, available, sufficient: available >= quantity };
        }),
      );
    },
    inventoryOperations: (_, { productId, ...page }, { viewer }) => {
      requireOperator(viewer);
      return operationsPage(db, productId ?? undefined, page);
    },
    gremlin: async (_, _arguments, { viewer }) => {
      requireAdmin(viewer);
      return gremlinAllowed ? ((await readGremlin(db)) ?? TAME) : null;
    },
    reservation: (_, given, { viewer }) => {
      requireService(viewer);
      return reservationView(db, checkInput(stepInput, given).orderId);
    },
  };
}
