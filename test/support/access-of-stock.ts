import {
  ADMINS,
  ANY,
  BACK_OFFICE,
  CONNECTION,
  EDGE,
  EVERYONE,
  MUTATION,
  OPERATORS,
  PAYLOAD,
  QUERY,
  REFUSABLE,
  type Row,
  named,
  row,
  rows,
  through,
} from './access-vocabulary.ts';

const ADJUST = 'adjustStock(input: { productId: "PROD-002", change: 1, reason: "Found one." }, idempotencyKey: $key)';
const TAME = 'setGremlin(input: { enabled: false }, idempotencyKey: $key)';
const CHECK = 'checkAvailability(items: [{ productId: "PROD-002", quantity: 1 }])';
const PRODUCT = through(QUERY, 'product(id: "PROD-002") { FIELD }', 'product');
const PRODUCTS = through(QUERY, 'products { FIELD }', 'products');
const OPERATIONS = through(QUERY, 'inventoryOperations { FIELD }', 'inventoryOperations');

export const STOCK_ROWS: readonly Row[] = [
  row('Query.product', `product(id: "PROD-002") ${ANY}`, EVERYONE),
  row('Query.products', `products ${ANY}`, EVERYONE),
  row('Query.checkAvailability', `${CHECK} ${ANY}`, EVERYONE),
  row('Query.inventoryOperations', `inventoryOperations ${ANY}`, OPERATORS),
  row('Query.gremlin', `gremlin ${ANY}`, ADMINS),
  row('Mutation.adjustStock', `${ADJUST} ${REFUSABLE}`, ADMINS),
  row('Mutation.setGremlin', `${TAME} ${REFUSABLE}`, ADMINS),
  row('Subscription.stockChanged', 'stockChanged(productId: "PROD-002") { id }', OPERATORS),
  ...rows('Product', {
    reach: PRODUCT,
    gets: EVERYONE,
    fields: { ...named('id', 'name', 'description', 'available', 'held', 'version', 'updatedAt'), price: ANY },
  }),
  ...rows('Product', { reach: PRODUCT, gets: BACK_OFFICE, fields: { operations: ANY, syncState: ANY } }),
  ...rows('Money', {
    reach: through(PRODUCT, 'price { FIELD }', 'price'),
    gets: EVERYONE,
    fields: named('amount', 'currency'),
  }),
  ...rows('ProductConnection', { reach: PRODUCTS, gets: EVERYONE, fields: CONNECTION }),
  ...rows('ProductEdge', { reach: through(PRODUCTS, 'edges { FIELD }', 'edges', 0), gets: EVERYONE, fields: EDGE }),
  ...rows('Availability', {
    reach: through(QUERY, `${CHECK} { FIELD }`, 'checkAvailability', 0),
    gets: EVERYONE,
    fields: { ...named('requested', 'available', 'sufficient'), product: ANY },
  }),
  ...rows('InventoryOperationConnection', { reach: OPERATIONS, gets: OPERATORS, fields: CONNECTION }),
  ...rows('InventoryOperationEdge', {
    reach: through(OPERATIONS, 'edges { FIELD }', 'edges', 0),
    gets: OPERATORS,
    fields: EDGE,
  }),
  ...rows('InventoryOperation', {
    reach: through(OPERATIONS, 'edges { node { FIELD } }', 'edges', 0, 'node'),
    gets: OPERATORS,
    fields: {
      ...named('id', 'type', 'quantity', 'occurredAt'),
      product: '{ name }',
      orderId: '?',
      reason: '?',
      actor: '?',
    },
  }),
  ...rows('AdjustStockPayload', {
    reach: through(MUTATION, `${ADJUST} { FIELD }`, 'adjustStock'),
    gets: ADMINS,
    fields: { ...PAYLOAD, product: ANY },
  }),
  ...rows('Gremlin', {
    reach: through(QUERY, 'gremlin { FIELD }', 'gremlin'),
    gets: ADMINS,
    fields: named('enabled', 'latencyMs', 'everyNth', 'dropResponses', 'failRequests'),
  }),
  ...rows('SetGremlinPayload', {
    reach: through(MUTATION, `${TAME} { FIELD }`, 'setGremlin'),
    gets: ADMINS,
    fields: { ...PAYLOAD, gremlin: ANY },
  }),
];
