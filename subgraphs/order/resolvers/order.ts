import type DataLoader from 'dataloader';
import { connection, pageRequest, type Connection, type PageArguments } from '#shared/graphql/connection.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import { loaderPerRequest } from '#shared/graphql/loader.ts';
import { pagesPerRequest } from '#shared/graphql/page-loader.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { mayRead } from '#shared/identity/viewer.ts';
import type { Queryable } from '#shared/store/postgres.ts';
import { sentenceOf, totalOf, type Order } from '../domain/order.ts';
import type { OrderItemResolvers, OrderResolvers, UserResolvers } from '../generated/resolver-types.ts';
import { findOrders, listOrders, listOrdersOf, type OrderQuery } from '../store/orders.ts';

export type OrderLoader = (context: RequestContext) => DataLoader<string, Order | null>;

interface Money {
  readonly amount: number;
  readonly currency: string;
}

export function orderLoader(db: Queryable): OrderLoader {
  return loaderPerRequest(
    (ids) => findOrders(db, ids),
    (order) => order.id,
  );
}

/** An order the viewer may see, or null: a foreign order and none look the same. */
export async function visibleOrder(orders: OrderLoader, context: RequestContext, id: string): Promise<Order | null> {
  const order = await orders(context).load(id.toLowerCase());
  return order !== null && mayRead(context.viewer, order.userId) ? order : null;
}

/** Orders are listed by id: UUIDv7 ids follow time. */
const ORDER_ID = /^[\da-f-]{36}$/;
const orderId = (order: Order): string => order.id;

export async function ordersPage(db: Queryable, query: OrderQuery, page: PageArguments): Promise<Connection<Order>> {
  const request = pageRequest(page, ORDER_ID);
  return connection(await listOrders(db, query, request), request, orderId);
}

const money = (amount: number | null, currency: string): Money | null =>
  amount === null ? null : { amount, currency };

export function orderFields(orders: OrderLoader): FieldResolvers<OrderResolvers> {
  return {
    __resolveReference: ({ id }, context) => visibleOrder(orders, context, id),
    user: ({ userId }) => ({ id: userId }),
    items: ({ lines, currency }) => lines.map((line) => ({ ...line, currency })),
    total: (order) => money(totalOf(order), order.currency),
    message: sentenceOf,
  };
}

export const orderItemFields: FieldResolvers<OrderItemResolvers> = {
  product: ({ productId }) => ({ id: productId }),
  unitPrice: ({ unitPrice, currency }) => money(unitPrice, currency),
};

export function userFields(db: Queryable): FieldResolvers<UserResolvers> {
  const pages = pagesPerRequest({
    find: (userIds, page) => listOrdersOf(db, userIds, page),
    sortKeys: ORDER_ID,
    sortKey: orderId,
  });
  return {
    __resolveReference: (reference) => reference,
    orders: ({ id }, page, context) => (mayRead(context.viewer, id) ? pages(context, id, page) : null),
  };
}
