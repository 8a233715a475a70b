import type DataLoader from 'dataloader';
import { connection, pageRequest, type Connection, type PageArguments } from '#shared/graphql/connection.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import { loaderPerRequest } from '#shared/graphql/loader.ts';
import { pagesPerRequest } from '#shared/graphql/page-loader.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { mayRead } from '#shared/identity/viewer.ts';
import { invariant } from '#shared/invariant.ts';
import type { Queryable } from '#shared/store/postgres.ts';
import type { Operation } from '../domain/operation.ts';
import type { Product } from '../domain/product.ts';
import type { InventoryOperationResolvers, ProductResolvers } from '../generated/resolver-types.ts';
import { listOperations, listOperationsOf } from '../store/operations.ts';
import { findProducts } from '../store/products.ts';

export type ProductLoader = (context: RequestContext) => DataLoader<string, Product | null>;

export function productLoader(db: Queryable): ProductLoader {
  return loaderPerRequest(
    (ids) => findProducts(db, ids),
    (product) => product.id,
  );
}

/** Operations are listed by id: UUIDv7 ids follow time. */
const OPERATION_ID = /^[\da-f-]{36}$/;
const operationId = (operation: Operation): string => operation.id;

/** A page of the audit trail, of one product or all. */
export async function operationsPage(
  db: Queryable,
  productId: string | undefined,
  page: PageArguments,
): Promise<Connection<Operation>> {
  const request = pageRequest(page, OPERATION_ID);
  return connection(await listOperations(db, productId, request), request, operationId);
}

export function productFields(db: Queryable, products: ProductLoader): FieldResolvers<ProductResolvers> {
  const pages = pagesPerRequest({
    find: (productIds, page) => listOperationsOf(db, productIds, page),
    sortKeys: OPERATION_ID,
    sortKey: operationId,
  });
  return {
    __resolveReference: ({ id }, context) => products(context).load(id),
    price: ({ priceAmount, currency }) => ({ amount: priceAmount, currency }),
    // What belongs to no one is for admins and services.
    operations: ({ id }, page, context) => (mayRead(context.viewer, null) ? pages(context, id, page) : null),
  };
}

export function operationFields(products: ProductLoader): FieldResolvers<InventoryOperationResolvers> {
  return {
    product: async ({ productId }, _, context) => {
      const product = await products(context).load(productId);
      invariant(product !== null, 'products are never deleted, and the audit trail is only of those there are');
      return product;
    },
  };
}
