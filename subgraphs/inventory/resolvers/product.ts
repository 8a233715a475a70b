import type DataLoader from 'dataloader';
import { connection, pageRequest, type Connection, type PageArguments } from '#shared/graphql/connection.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import { loaderPerRequest } from '#shared/graphql/loader.ts';
import { pagesPerRequest } from '#shared/graphql/page-loader.ts';
import { mayRead } from '#shared/identity/viewer.ts';
import type { Queryable } from '#shared/store/postgres.ts';
import type { Product } from '../domain/product.ts';
import { listOperations, listOperationsOf, type Operation } from '../store/operations.ts';
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

export function productFields(db: Queryable, products: ProductLoader): Record<string, unknown> {
  const pages = pagesPerRequest({
    find: (productIds, page) => listOperationsOf(db, productIds, page),
    sortKeys: OPERATION_ID,
    sortKey: operationId,
  });
  return {
    __resolveReference: ({ id }: { id: string }, context: RequestContext) => products(context).load(id),
    price: ({ priceAmount, currency }: Product) => ({ amount: priceAmount, currency }),
    // What belongs to no one is for admins and services.
    operations: ({ id }: Product, page: PageArguments, context: RequestContext) =>
      mayRead(context.viewer, null) ? pages(context, id, page) : null,
  };
}

export function operationFields(products: ProductLoader): Record<string, unknown> {
  return {
    product: ({ productId }: Operation, _: unknown, context: RequestContext) => products(context).load(productId),
  };
}
