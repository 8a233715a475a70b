import { consumerDeadLetters } from '#shared/graphql/consumer-dead-letters.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { callerName, onlyOwner, requireAdmin, requireSignedIn } from '#shared/identity/viewer.ts';
import { findKey } from '#shared/store/idempotency-keys.ts';
import type { OrderOutcome } from '../commands/place-order.ts';
import type { OrderStatus } from '../domain/order.ts';
import type { QueryResolvers } from '../generated/resolver-types.ts';
import { countOrders } from '../store/orders.ts';
import { ordersPage, visibleOrder, type OrderLoader } from './order.ts';
import type { OrderServices } from './services.ts';

export function queries(services: OrderServices, orders: OrderLoader): FieldResolvers<QueryResolvers> {
  const { db } = services;
  return {
    order: (_, { id }, context) => visibleOrder(orders, context, id),
    orders: (_, { filter, ...page }, { viewer }) => {
      requireSignedIn(viewer);
      return ordersPage(db, { userId: onlyOwner(viewer), status: filter?.status }, page);
    },
    orderByIdempotencyKey: async (_, { key }, context) => {
      requireSignedIn(context.viewer);
      const stored = await findKey(db, { caller: callerName(context.viewer), field: 'placeOrder', key });
      const outcome = stored?.outcome?.data as OrderOutcome | undefined;
      return outcome === undefined ? null : visibleOrder(orders, context, outcome.orderId);
    },
    orderDeadLetters: (_, page, context) => consumerDeadLetters(services, page, context),
    orderStats: async (_, _arguments, { viewer }) => {
      requireAdmin(viewer);
      const counts = new Map((await countOrders(db)).map((count) => [count.status, count]));
      const count = (status: OrderStatus): number => counts.get(status)?.orders ?? 0;
      return {
        total: [...counts.values()].reduce((sum, { orders: ofStatus }) => sum + ofStatus, 0),
        pending: count('PENDING'),
        confirmed: count('CONFIRMED'),
        failed: count('FAILED'),
        cancelling: count('CANCELLING'),
        cancelled: count('CANCELLED'),
        revenue: { amount: counts.get('CONFIRMED')?.amount ?? 0, currency: 'USD' },
      };
    },
  };
}
