// Made by `npm run codegen`, see codegen.config.ts: a change made here is lost.
import * as types from './graphql.ts';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  mutation RegisterUser($input: RegisterUserInput!, $idempotencyKey: ID!) {\n    registerUser(input: $input, idempotencyKey: $idempotencyKey) {\n      user {\n        id\n        name\n        version\n      }\n      token\n      userErrors {\n        code\n        message\n      }\n    }\n  }\n": typeof types.RegisterUserDocument,
    "\n  query BrowseProducts {\n    products(first: 5) {\n      edges {\n        node {\n          id\n          name\n          available\n          price {\n            amount\n            currency\n          }\n        }\n      }\n    }\n  }\n": typeof types.BrowseProductsDocument,
    "\n  mutation PlaceOrder($input: PlaceOrderInput!, $idempotencyKey: ID!) {\n    placeOrder(input: $input, idempotencyKey: $idempotencyKey) {\n      order {\n        id\n        status\n        message\n        version\n        total {\n          amount\n          currency\n        }\n        syncState {\n          target\n        }\n      }\n      replayed\n      userErrors {\n        code\n        message\n      }\n    }\n  }\n": typeof types.PlaceOrderDocument,
    "\n  mutation CancelOrder($input: CancelOrderInput!, $idempotencyKey: ID!) {\n    cancelOrder(input: $input, idempotencyKey: $idempotencyKey) {\n      order {\n        id\n        status\n        message\n        version\n      }\n      userErrors {\n        code\n        message\n      }\n    }\n  }\n": typeof types.CancelOrderDocument,
    "\n  query OrderNow($id: ID!) {\n    order(id: $id) {\n      id\n      status\n      message\n      version\n    }\n  }\n": typeof types.OrderNowDocument,
    "\n  query MyOrders($key: ID!) {\n    orders(first: 10) {\n      edges {\n        node {\n          id\n        }\n      }\n    }\n    orderByIdempotencyKey(key: $key) {\n      id\n    }\n  }\n": typeof types.MyOrdersDocument,
    "\n  subscription AwaitSync($entity: SyncEntity!, $id: ID!, $version: Int!, $after: String) {\n    awaitSync(entity: $entity, id: $id, version: $version, after: $after) {\n      target\n      targetVersion\n      state\n    }\n  }\n": typeof types.AwaitSyncDocument,
    "\n  subscription RecordSynced($after: String) {\n    recordSynced(after: $after) {\n      entity\n      recordId\n      target\n      targetVersion\n      state\n    }\n  }\n": typeof types.RecordSyncedDocument,
    "\n  subscription NotificationReceived($after: String) {\n    notificationReceived(after: $after) {\n      subject\n      channel\n    }\n  }\n": typeof types.NotificationReceivedDocument,
    "\n  query MyNotifications {\n    me {\n      unreadCount\n      notifications(first: 10) {\n        edges {\n          node {\n            id\n            subject\n            channel\n            status\n          }\n        }\n      }\n    }\n  }\n": typeof types.MyNotificationsDocument,
    "\n  mutation MarkNotificationRead($input: MarkNotificationReadInput!, $idempotencyKey: ID!) {\n    markNotificationRead(input: $input, idempotencyKey: $idempotencyKey) {\n      notification {\n        status\n      }\n      userErrors {\n        code\n        message\n      }\n    }\n  }\n": typeof types.MarkNotificationReadDocument,
};
const documents: Documents = {
    "\n  mutation RegisterUser($input: RegisterUserInput!, $idempotencyKey: ID!) {\n    registerUser(input: $input, idempotencyKey: $idempotencyKey) {\n      user {\n        id\n        name\n        version\n      }\n      token\n      userErrors {\n        code\n        message\n      }\n    }\n  }\n": types.RegisterUserDocument,
    "\n  query BrowseProducts {\n    products(first: 5) {\n      edges {\n        node {\n          id\n          name\n          available\n          price {\n            amount\n            currency\n          }\n        }\n      }\n    }\n  }\n": types.BrowseProductsDocument,
    "\n  mutation PlaceOrder($input: PlaceOrderInput!, $idempotencyKey: ID!) {\n    placeOrder(input: $input, idempotencyKey: $idempotencyKey) {\n      order {\n        id\n        status\n        message\n        version\n        total {\n          amount\n          currency\n        }\n        syncState {\n          target\n        }\n      }\n      replayed\n      userErrors {\n        code\n        message\n      }\n    }\n  }\n": types.PlaceOrderDocument,
    "\n  mutation CancelOrder($input: CancelOrderInput!, $idempotencyKey: ID!) {\n    cancelOrder(input: $input, idempotencyKey: $idempotencyKey) {\n      order {\n        id\n        status\n        message\n        version\n      }\n      userErrors {\n        code\n        message\n      }\n    }\n  }\n": types.CancelOrderDocument,
    "\n  query OrderNow($id: ID!) {\n    order(id: $id) {\n      id\n      status\n      message\n      version\n    }\n  }\n": types.OrderNowDocument,
    "\n  query MyOrders($key: ID!) {\n    orders(first: 10) {\n      edges {\n        node {\n          id\n        }\n      }\n    }\n    orderByIdempotencyKey(key: $key) {\n      id\n    }\n  }\n": types.MyOrdersDocument,
    "\n  subscription AwaitSync($entity: SyncEntity!, $id: ID!, $version: Int!, $after: String) {\n    awaitSync(entity: $entity, id: $id, version: $version, after: $after) {\n      target\n      targetVersion\n      state\n    }\n  }\n": types.AwaitSyncDocument,
    "\n  subscription RecordSynced($after: String) {\n    recordSynced(after: $after) {\n      entity\n      recordId\n      target\n      targetVersion\n      state\n    }\n  }\n": types.RecordSyncedDocument,
    "\n  subscription NotificationReceived($after: String) {\n    notificationReceived(after: $after) {\n      subject\n      channel\n    }\n  }\n": types.NotificationReceivedDocument,
    "\n  query MyNotifications {\n    me {\n      unreadCount\n      notifications(first: 10) {\n        edges {\n          node {\n            id\n            subject\n            channel\n            status\n          }\n        }\n      }\n    }\n  }\n": types.MyNotificationsDocument,
    "\n  mutation MarkNotificationRead($input: MarkNotificationReadInput!, $idempotencyKey: ID!) {\n    markNotificationRead(input: $input, idempotencyKey: $idempotencyKey) {\n      notification {\n        status\n      }\n      userErrors {\n        code\n        message\n      }\n    }\n  }\n": types.MarkNotificationReadDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RegisterUser($input: RegisterUserInput!, $idempotencyKey: ID!) {\n    registerUser(input: $input, idempotencyKey: $idempotencyKey) {\n      user {\n        id\n        name\n        version\n      }\n      token\n      userErrors {\n        code\n        message\n      }\n    }\n  }\n"): typeof import('./graphql.ts').RegisterUserDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query BrowseProducts {\n    products(first: 5) {\n      edges {\n        node {\n          id\n          name\n          available\n          price {\n            amount\n            currency\n          }\n        }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').BrowseProductsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PlaceOrder($input: PlaceOrderInput!, $idempotencyKey: ID!) {\n    placeOrder(input: $input, idempotencyKey: $idempotencyKey) {\n      order {\n        id\n        status\n        message\n        version\n        total {\n          amount\n          currency\n        }\n        syncState {\n          target\n        }\n      }\n      replayed\n      userErrors {\n        code\n        message\n      }\n    }\n  }\n"): typeof import('./graphql.ts').PlaceOrderDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CancelOrder($input: CancelOrderInput!, $idempotencyKey: ID!) {\n    cancelOrder(input: $input, idempotencyKey: $idempotencyKey) {\n      order {\n        id\n        status\n        message\n        version\n      }\n      userErrors {\n        code\n        message\n      }\n    }\n  }\n"): typeof import('./graphql.ts').CancelOrderDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query OrderNow($id: ID!) {\n    order(id: $id) {\n      id\n      status\n      message\n      version\n    }\n  }\n"): typeof import('./graphql.ts').OrderNowDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query MyOrders($key: ID!) {\n    orders(first: 10) {\n      edges {\n        node {\n          id\n        }\n      }\n    }\n    orderByIdempotencyKey(key: $key) {\n      id\n    }\n  }\n"): typeof import('./graphql.ts').MyOrdersDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription AwaitSync($entity: SyncEntity!, $id: ID!, $version: Int!, $after: String) {\n    awaitSync(entity: $entity, id: $id, version: $version, after: $after) {\n      target\n      targetVersion\n      state\n    }\n  }\n"): typeof import('./graphql.ts').AwaitSyncDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription RecordSynced($after: String) {\n    recordSynced(after: $after) {\n      entity\n      recordId\n      target\n      targetVersion\n      state\n    }\n  }\n"): typeof import('./graphql.ts').RecordSyncedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription NotificationReceived($after: String) {\n    notificationReceived(after: $after) {\n      subject\n      channel\n    }\n  }\n"): typeof import('./graphql.ts').NotificationReceivedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query MyNotifications {\n    me {\n      unreadCount\n      notifications(first: 10) {\n        edges {\n          node {\n            id\n            subject\n            channel\n            status\n          }\n        }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').MyNotificationsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation MarkNotificationRead($input: MarkNotificationReadInput!, $idempotencyKey: ID!) {\n    markNotificationRead(input: $input, idempotencyKey: $idempotencyKey) {\n      notification {\n        status\n      }\n      userErrors {\n        code\n        message\n      }\n    }\n  }\n"): typeof import('./graphql.ts').MarkNotificationReadDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
