import { CONSUMER_DEAD_LETTER_ROWS } from './access-of-consumer-dead-letters.ts';
import { DEAD_LETTER_ROWS } from './access-of-dead-letters.ts';
import { NOTIFICATION_ROWS, READ, SEND } from './access-of-notifications.ts';
import {
  ADMINS,
  ANY,
  BACK_OFFICE,
  CANCELLERS,
  CHANGED,
  CHANGERS,
  CONNECTION,
  CUSTOMERS,
  EDGE,
  EVERYONE,
  FOLLOWERS,
  MUTATION,
  OPERATORS,
  OWNERS,
  PAYLOAD,
  QUERY,
  READERS,
  REFUSABLE,
  type Row,
  SIGNED_IN,
  everyone,
  named,
  row,
  rows,
  through,
} from './access-vocabulary.ts';

/**
 * Who gets what: every field of the gateway's schema, how it is reached, and what each viewer then gets. The suite that reads it
 * (test/integration/access.test.ts) fails on a field that is missing here, and on a row that names no field.
 */
const REGISTER = 'registerUser(input: $new, idempotencyKey: $key)';
const LOGIN = 'login(input: $login)';
const UPDATE = 'updateUser(input: { id: $id, lastName: "Byron" }, idempotencyKey: $key)';
const SET_STATUS = 'setUserStatus(input: { id: $id, status: ACTIVE }, idempotencyKey: $key)';
const TRIGGER = 'triggerSync(input: { pipeline: "users-to-oracle" }, idempotencyKey: $key)';

const PLACE = 'placeOrder(input: { items: [{ productId: "PROD-005", quantity: 1 }] }, idempotencyKey: $key)';
const CANCEL = 'cancelOrder(input: { id: $confirmed }, idempotencyKey: $key)';
const ADJUST = 'adjustStock(input: { productId: "PROD-002", change: 1, reason: "Found one." }, idempotencyKey: $key)';
const TAME = 'setGremlin(input: { enabled: false }, idempotencyKey: $key)';
const CHECK = 'checkAvailability(items: [{ productId: "PROD-002", quantity: 1 }])';

const USER = through(QUERY, 'user(id: $id) { FIELD }', 'user');
const USERS = through(QUERY, 'users(filter: { search: "Ada" }) { FIELD }', 'users');
const PIPELINE = through(QUERY, 'syncPipeline(id: "users-to-oracle") { FIELD }', 'syncPipeline');
const ORDER = through(QUERY, 'order(id: $order) { FIELD }', 'order');
const ORDERS = through(USER, 'orders { FIELD }', 'orders');
const PRODUCT = through(QUERY, 'product(id: "PROD-002") { FIELD }', 'product');
const PRODUCTS = through(QUERY, 'products { FIELD }', 'products');
const OPERATIONS = through(QUERY, 'inventoryOperations { FIELD }', 'inventoryOperations');
const UNSYNCED = through(QUERY, 'unsyncedRecords { FIELD }', 'unsyncedRecords');

const ROOTS: readonly Row[] = [
  row('Query.me', `me ${ANY}`, { ...EVERYONE, anonymous: 'null', service: 'null' }),
  row('Query.user', `user(id: $id) ${ANY}`, OWNERS),
  row('Query.users', `users ${ANY}`, OPERATORS),
  row('Query.syncPipelines', `syncPipelines ${ANY}`, OPERATORS),
  row('Query.syncPipeline', `syncPipeline(id: "users-to-oracle") ${ANY}`, OPERATORS),
  row('Query.unsyncedRecords', `unsyncedRecords ${ANY}`, OPERATORS),
  row('Query.order', `order(id: $order) ${ANY}`, OWNERS),
  row('Query.orders', `orders ${ANY}`, SIGNED_IN),
  row('Query.orderByIdempotencyKey', `orderByIdempotencyKey(key: $placed) ${ANY}`, {
    ...everyone('null'),
    anonymous: 'UNAUTHENTICATED',
    owner: 'value',
  }),
  row('Query.orderStats', `orderStats ${ANY}`, ADMINS),
  row('Query.product', `product(id: "PROD-002") ${ANY}`, EVERYONE),
  row('Query.products', `products ${ANY}`, EVERYONE),
  row('Query.checkAvailability', `${CHECK} ${ANY}`, EVERYONE),
  row('Query.inventoryOperations', `inventoryOperations ${ANY}`, OPERATORS),
  row('Query.gremlin', `gremlin ${ANY}`, ADMINS),
  row('Query.notification', `notification(id: $notification) ${ANY}`, OWNERS),
  row('Query.notifications', `notifications ${ANY}`, SIGNED_IN),
  row('Query.notificationProfiles', `notificationProfiles ${ANY}`, OPERATORS),
  row('Mutation.registerUser', `${REGISTER} ${REFUSABLE}`, EVERYONE),
  row('Mutation.login', `${LOGIN} ${ANY}`, EVERYONE),
  row('Mutation.updateUser', `${UPDATE} ${REFUSABLE}`, CHANGERS),
  row('Mutation.setUserStatus', `${SET_STATUS} ${REFUSABLE}`, ADMINS),
  row('Mutation.triggerSync', `${TRIGGER} ${REFUSABLE}`, ADMINS),
  row('Mutation.placeOrder', `${PLACE} ${REFUSABLE}`, CUSTOMERS),
  row('Mutation.cancelOrder', `${CANCEL} ${REFUSABLE}`, CANCELLERS),
  row('Mutation.adjustStock', `${ADJUST} ${REFUSABLE}`, ADMINS),
  row('Mutation.setGremlin', `${TAME} ${REFUSABLE}`, ADMINS),
  row('Mutation.sendNotification', `${SEND} ${REFUSABLE}`, OPERATORS),
  row('Mutation.markNotificationRead', `${READ} ${REFUSABLE}`, READERS),
  row('Subscription.notificationReceived', 'notificationReceived { id }', SIGNED_IN),
  row('Subscription.orderChanged', 'orderChanged(id: $order, after: $cursor) { id }', FOLLOWERS),
  row('Subscription.stockChanged', 'stockChanged(productId: "PROD-002") { id }', OPERATORS),
  row('Subscription.userChanged', 'userChanged(id: $id) { id }', FOLLOWERS),
  row('Subscription.recordSynced', 'recordSynced(entity: USER, id: $id) { recordId }', FOLLOWERS),
  row('Subscription.syncStatusChanged', 'syncStatusChanged { id }', OPERATORS),
  row('Subscription.awaitSync', 'awaitSync(entity: USER, id: $id, version: 1) { recordId }', {
    ...EVERYONE,
    anonymous: 'UNAUTHENTICATED',
    other: 'FORBIDDEN',
  }),
];

const USER_ROWS: readonly Row[] = [
  ...rows('User', {
    reach: USER,
    gets: OWNERS,
    fields: {
      id: '',
      firstName: '',
      lastName: '',
      name: '',
      email: '',
      mobile: '',
      status: '',
      role: '',
      version: '',
      createdAt: '',
      updatedAt: '',
      syncState: ANY,
      orders: ANY,
      notifications: ANY,
      unreadCount: '',
      notificationProfile: ANY,
    },
  }),
  ...rows('UserConnection', { reach: USERS, gets: OPERATORS, fields: { edges: ANY, pageInfo: ANY } }),
  ...rows('UserEdge', {
    reach: through(USERS, 'edges { FIELD }', 'edges', 0),
    gets: OPERATORS,
    fields: { node: ANY, cursor: '' },
  }),
  ...rows('PageInfo', {
    reach: through(USERS, 'pageInfo { FIELD }', 'pageInfo'),
    gets: OPERATORS,
    fields: { hasNextPage: '', hasPreviousPage: '', startCursor: '', endCursor: '' },
  }),
];

const PAYLOAD_ROWS: readonly Row[] = [
  ...rows('RegisterUserPayload', {
    reach: through(MUTATION, `${REGISTER} { FIELD }`, 'registerUser'),
    gets: EVERYONE,
    fields: { ...PAYLOAD, user: '{ name syncState { state } }', token: '' },
  }),
  ...rows('UserError', {
    reach: through(
      MUTATION,
      'registerUser(input: $taken, idempotencyKey: $key) { userErrors { FIELD } }',
      'registerUser',
      'userErrors',
      0,
    ),
    gets: EVERYONE,
    fields: { code: '', message: '', field: '' },
  }),
  ...rows('LoginPayload', {
    reach: through(MUTATION, `${LOGIN} { FIELD }`, 'login'),
    gets: EVERYONE,
    fields: { token: '', expiresAt: '', user: '{ name syncState { state } }' },
  }),
  ...rows('UpdateUserPayload', {
    reach: through(MUTATION, `${UPDATE} { FIELD }`, 'updateUser'),
    gets: CHANGED,
    fields: { replayed: '' },
  }),
  ...rows('UpdateUserPayload', {
    reach: through(MUTATION, `${UPDATE} { FIELD }`, 'updateUser'),
    gets: { ...CHANGED, other: 'null', service: 'null' },
    fields: { user: '{ name syncState { state } }' },
  }),
  ...rows('UpdateUserPayload', {
    reach: through(MUTATION, `${UPDATE} { FIELD }`, 'updateUser'),
    gets: CHANGERS,
    fields: { userErrors: '{ code }' },
  }),
  ...rows('SetUserStatusPayload', {
    reach: through(MUTATION, `${SET_STATUS} { FIELD }`, 'setUserStatus'),
    gets: ADMINS,
    fields: { ...PAYLOAD, user: '{ name syncState { state } }' },
  }),
  ...rows('TriggerSyncPayload', {
    reach: through(MUTATION, `${TRIGGER} { FIELD }`, 'triggerSync'),
    gets: ADMINS,
    fields: { ...PAYLOAD, pipeline: ANY },
  }),
];

const ORDER_ROWS: readonly Row[] = [
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

const STOCK_ROWS: readonly Row[] = [
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

const SYNC_ROWS: readonly Row[] = [
  ...rows('RecordSync', {
    reach: through(ORDER, 'syncState { FIELD }', 'syncState', 0),
    gets: OWNERS,
    fields: { order: '{ status }' },
  }),
  ...rows('RecordSync', {
    reach: through(PRODUCT, 'syncState { FIELD }', 'syncState', 0),
    gets: BACK_OFFICE,
    fields: { product: '{ name }' },
  }),
  ...rows('RecordSync', {
    reach: through(USER, 'syncState { FIELD }', 'syncState', 0),
    gets: OWNERS,
    fields: {
      entity: '',
      recordId: '',
      sourceVersion: '',
      target: '',
      targetVersion: '',
      state: '',
      attempts: '',
      nextAttemptAt: '?',
      lastError: '?',
      user: '{ name }',
    },
  }),
  ...rows('RecordSyncConnection', { reach: UNSYNCED, gets: OPERATORS, fields: { edges: ANY, pageInfo: ANY } }),
  ...rows('RecordSyncEdge', {
    reach: through(UNSYNCED, 'edges { FIELD }', 'edges', 0),
    gets: OPERATORS,
    fields: { node: '{ recordId state user { name } }', cursor: '' },
  }),
  ...rows('SyncPipeline', {
    reach: PIPELINE,
    gets: OPERATORS,
    fields: {
      id: '',
      kind: '',
      source: '',
      target: '',
      status: '',
      lag: ANY,
      throughput: '',
      counts: ANY,
      lastError: '?',
      lastSyncedAt: '',
      intervalSeconds: '',
    },
  }),
  ...rows('SyncLag', {
    reach: through(PIPELINE, 'lag { FIELD }', 'lag'),
    gets: OPERATORS,
    fields: { records: '', seconds: '', oldestUnsyncedAt: '?' },
  }),
  ...rows('SyncCounts', {
    reach: through(PIPELINE, 'counts { FIELD }', 'counts'),
    gets: OPERATORS,
    fields: { committed: '', applied: '', superseded: '', inFlight: '', deadLettered: '', discarded: '' },
  }),
];

export const ACCESS_TABLE: readonly Row[] = [
  ...ROOTS,
  ...USER_ROWS,
  ...PAYLOAD_ROWS,
  ...ORDER_ROWS,
  ...STOCK_ROWS,
  ...NOTIFICATION_ROWS,
  ...SYNC_ROWS,
  ...DEAD_LETTER_ROWS,
  ...CONSUMER_DEAD_LETTER_ROWS,
];
