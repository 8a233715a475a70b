import {
  ADMINS,
  ANY,
  CANCELLERS,
  CONNECTION,
  CUSTOMERS,
  EDGE,
  FOLLOWERS,
  MUTATION,
  OWNERS,
  PAYLOAD,
  QUERY,
  REFUSABLE,
  type Row,
  SIGNED_IN,
  everyone,
  named,
  row,
  rows,
  through,
} from './access-vocabulary.ts';

const PLACE = 'placeOrder(input: { items: [{ productId: "PROD-005", quantity: 1 }] }, idempotencyKey: $key)';
const CANCEL = 'cancelOrder(input: { id: $confirmed }, idempotencyKey: $key)';
const ORDER = through(QUERY, 'order(id: $order) { FIELD }', 'order');
const USER = through(QUERY, 'user(id: $id) { FIELD }', 'user');
const ORDERS = through(USER, 'orders { FIELD }', 'orders');

export const ORDER_ROWS: readonly Row[] = [
  row('Query.order', `order(id: $order) ${ANY}`, OWNERS),
  row('Query.orders', `orders ${ANY}`, SIGNED_IN),
  row('Query.orderByIdempotencyKey', `orderByIdempotencyKey(key: $placed) ${ANY}`, {
    ...everyone('null'),
    anonymous: 'UNAUTHENTICATED',
    owner: 'value',
  }),
  row('Query.orderStats', `orderStats ${ANY}`, ADMINS),
  row('Mutation.placeOrder', `${PLACE} ${REFUSABLE}`, CUSTOMERS),
  row('Mutation.cancelOrder', `${CANCEL} ${REFUSABLE}`, CANCELLERS),
  row('Subscription.orderChanged', 'orderChanged(id: $order, after: $cursor) { id }', FOLLOWERS),
  ...rows('Order', {
    reach: ORDER,
    gets: OWNERS,
    fields: {
      ...named('id', 'status', 'message', 'version', 'createdAt', 'updatedAt'),
      user: '{ name }',
      items: ANY,
      total: ANY,
      syncState: ANY,
    },
  }),
  ...rows('Order', {
    reach: through(QUERY, 'order(id: $failed) { FIELD }', 'order'),
    gets: OWNERS,
    fields: { failure: ANY },
  }),
  ...rows('OrderItem', {
    reach: through(ORDER, 'items { FIELD }', 'items', 0),
    gets: OWNERS,
    fields: { product: '{ name }', quantity: '', unitPrice: ANY },
  }),
  ...rows('OrderFailure', {
    reach: through(QUERY, 'order(id: $failed) { failure { FIELD } }', 'order', 'failure'),
    gets: OWNERS,
    fields: named('code', 'message'),
  }),
  ...rows('OrderConnection', { reach: ORDERS, gets: OWNERS, fields: CONNECTION }),
  ...rows('OrderEdge', { reach: through(ORDERS, 'edges { FIELD }', 'edges', 0), gets: OWNERS, fields: EDGE }),
  ...rows('OrderStats', {
    reach: through(QUERY, 'orderStats { FIELD }', 'orderStats'),
    gets: ADMINS,
    fields: { ...named('total', 'pending', 'confirmed', 'failed', 'cancelling', 'cancelled'), revenue: ANY },
  }),
  ...rows('PlaceOrderPayload', {
    reach: through(MUTATION, `${PLACE} { FIELD }`, 'placeOrder'),
    gets: CUSTOMERS,
    fields: { ...PAYLOAD, order: '{ status syncState { state } }' },
  }),
  ...rows('CancelOrderPayload', {
    reach: through(MUTATION, `${CANCEL} { FIELD }`, 'cancelOrder'),
    gets: SIGNED_IN,
    fields: { replayed: '' },
  }),
  ...rows('CancelOrderPayload', {
    reach: through(MUTATION, `${CANCEL} { FIELD }`, 'cancelOrder'),
    gets: { ...SIGNED_IN, other: 'null', service: 'null' },
    fields: { order: '{ status syncState { state } }' },
  }),
  ...rows('CancelOrderPayload', {
    reach: through(MUTATION, `${CANCEL} { FIELD }`, 'cancelOrder'),
    gets: CANCELLERS,
    fields: { userErrors: '{ code }' },
  }),
];
