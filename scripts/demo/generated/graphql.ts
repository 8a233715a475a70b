// Made by `npm run codegen`, see codegen.config.ts: a change made here is lost.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Which order to cancel. */
export type CancelOrderInput = {
  /** The order's id. */
  id: string;
};

/** Which notification was read. */
export type MarkNotificationReadInput = {
  /** The notification's id. */
  id: string;
};

/** How a notification reaches its user. */
export const NotificationChannel = {
  /** By e-mail; delivered at least once, always with the same Message-ID. */
  Email: 'EMAIL',
  /** In the lists of this API, and live over `notificationReceived`. */
  InApp: 'IN_APP'
} as const;

export type NotificationChannel = typeof NotificationChannel[keyof typeof NotificationChannel];
/** Where a notification stands. */
export const NotificationStatus = {
  /** Refused by the user's mail server, or tried for a day in vain. */
  Failed: 'FAILED',
  /** On its way. */
  Pending: 'PENDING',
  /** Read. */
  Read: 'READ',
  /** Handed over. */
  Sent: 'SENT'
} as const;

export type NotificationStatus = typeof NotificationStatus[keyof typeof NotificationStatus];
/** A line to order. */
export type OrderItemInput = {
  /** The product's id. */
  productId: string;
  /** 1 to 1,000 pieces. */
  quantity: number;
};

/** Where an order stands. */
export const OrderStatus = {
  /** Cancelled; the stock is back. */
  Cancelled: 'CANCELLED',
  /** Being cancelled; the stock is on its way back. */
  Cancelling: 'CANCELLING',
  /** The stock is the customer's. */
  Confirmed: 'CONFIRMED',
  /** Could not be fulfilled; see `failure`. */
  Failed: 'FAILED',
  /** Placed; what inventory says is not known yet. Completes by itself. */
  Pending: 'PENDING'
} as const;

export type OrderStatus = typeof OrderStatus[keyof typeof OrderStatus];
/** What to order. */
export type PlaceOrderInput = {
  /** 1 to 100 lines, no product twice. */
  items: Array<OrderItemInput>;
};

/** Where a record's latest version stands at a target. */
export const RecordSyncState = {
  /** The target holds it. */
  Applied: 'APPLIED',
  /** Failed for good; waiting for an admin. */
  DeadLettered: 'DEAD_LETTERED',
  /** Given up for good by an admin; the target stays behind until the record's next change. */
  Discarded: 'DISCARDED',
  /** Being written. */
  InFlight: 'IN_FLIGHT',
  /** Not yet tried; or not yet told of by a target that takes its records by itself. */
  Pending: 'PENDING',
  /** Failed, and waiting for the next attempt. */
  Retrying: 'RETRYING',
  /** The target holds something newer than the source has. */
  Superseded: 'SUPERSEDED'
} as const;

export type RecordSyncState = typeof RecordSyncState[keyof typeof RecordSyncState];
/** A new account. */
export type RegisterUserInput = {
  /** At most 254 characters; unique without regard to case. */
  email: string;
  /** Given name, 1 to 100 characters. */
  firstName: string;
  /** Family name, 1 to 100 characters. */
  lastName: string;
  /** E.164, for example `+4915112345678`; unique. */
  mobile?: string | null | undefined;
  /** 8 to 200 characters. */
  password: string;
};

/** Kinds of records that are replicated. */
export const SyncEntity = {
  /** Orders of the order service. */
  Order: 'ORDER',
  /** Products of the inventory service. */
  Product: 'PRODUCT',
  /** Users of the user service. */
  User: 'USER'
} as const;

export type SyncEntity = typeof SyncEntity[keyof typeof SyncEntity];
/** Stable codes of refusals. */
export const UserErrorCode = {
  /** A suspended account may not order. */
  AccountSuspended: 'ACCOUNT_SUSPENDED',
  /** No dead letter has this event id where it was looked for, or not any more: it may have been redelivered or discarded. */
  DeadLetterNotFound: 'DEAD_LETTER_NOT_FOUND',
  /** Another user has this e-mail. */
  EmailTaken: 'EMAIL_TAKEN',
  /** Another user has this mobile number. */
  MobileTaken: 'MOBILE_TAKEN',
  /** There is no such notification, or it is not the caller's to change. */
  NotificationNotFound: 'NOTIFICATION_NOT_FOUND',
  /** The order has failed, or is cancelled already. */
  OrderNotCancellable: 'ORDER_NOT_CANCELLABLE',
  /** There is no such order, or it is not the caller's to change. */
  OrderNotFound: 'ORDER_NOT_FOUND',
  /** The order is not decided yet. */
  OrderPending: 'ORDER_PENDING',
  /** Fewer pieces are available than asked for. */
  OutOfStock: 'OUT_OF_STOCK',
  /** The pipeline's target takes its records by itself; sync only observes it. */
  PipelineNotDriven: 'PIPELINE_NOT_DRIVEN',
  /** There is no such pipeline. */
  PipelineNotFound: 'PIPELINE_NOT_FOUND',
  /** There is no such product. */
  ProductNotFound: 'PRODUCT_NOT_FOUND',
  /** The stock could not be held long enough. */
  ReservationExpired: 'RESERVATION_EXPIRED',
  /** The reservation has already taken a contradicting step. */
  ReservationRefused: 'RESERVATION_REFUSED',
  /** There is no such user. */
  UserNotFound: 'USER_NOT_FOUND'
} as const;

export type UserErrorCode = typeof UserErrorCode[keyof typeof UserErrorCode];
export type RegisterUserMutationVariables = Exact<{
  input: RegisterUserInput;
  idempotencyKey: string;
}>;


export type RegisterUserMutation = { registerUser: { token: string | null, user: { id: string, name: string, version: number } | null, userErrors: Array<{ code: UserErrorCode, message: string }> } | null };

export type BrowseProductsQueryVariables = Exact<{ [key: string]: never; }>;


export type BrowseProductsQuery = { products: { edges: Array<{ node: { id: string, name: string, available: number, price: { amount: number, currency: string } } }> } | null };

export type PlaceOrderMutationVariables = Exact<{
  input: PlaceOrderInput;
  idempotencyKey: string;
}>;


export type PlaceOrderMutation = { placeOrder: { replayed: boolean, order: { id: string, status: OrderStatus, message: string, version: number, total: { amount: number, currency: string } | null, syncState: Array<{ target: string }> | null } | null, userErrors: Array<{ code: UserErrorCode, message: string }> } | null };

export type CancelOrderMutationVariables = Exact<{
  input: CancelOrderInput;
  idempotencyKey: string;
}>;


export type CancelOrderMutation = { cancelOrder: { order: { id: string, status: OrderStatus, message: string, version: number } | null, userErrors: Array<{ code: UserErrorCode, message: string }> } | null };

export type OrderNowQueryVariables = Exact<{
  id: string;
}>;


export type OrderNowQuery = { order: { id: string, status: OrderStatus, message: string, version: number } | null };

export type MyOrdersQueryVariables = Exact<{
  key: string;
}>;


export type MyOrdersQuery = { orders: { edges: Array<{ node: { id: string } }> } | null, orderByIdempotencyKey: { id: string } | null };

export type AwaitSyncSubscriptionVariables = Exact<{
  entity: SyncEntity;
  id: string;
  version: number;
  after?: string | null | undefined;
}>;


export type AwaitSyncSubscription = { awaitSync: { target: string, targetVersion: number | null, state: RecordSyncState } };

export type RecordSyncedSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type RecordSyncedSubscription = { recordSynced: { entity: SyncEntity, recordId: string, target: string, targetVersion: number | null, state: RecordSyncState } };

export type NotificationReceivedSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type NotificationReceivedSubscription = { notificationReceived: { subject: string, channel: NotificationChannel } };

export type MyNotificationsQueryVariables = Exact<{ [key: string]: never; }>;


export type MyNotificationsQuery = { me: { unreadCount: number | null, notifications: { edges: Array<{ node: { id: string, subject: string, channel: NotificationChannel, status: NotificationStatus } }> } | null } | null };

export type MarkNotificationReadMutationVariables = Exact<{
  input: MarkNotificationReadInput;
  idempotencyKey: string;
}>;


export type MarkNotificationReadMutation = { markNotificationRead: { notification: { status: NotificationStatus } | null, userErrors: Array<{ code: UserErrorCode, message: string }> } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const RegisterUserDocument = new TypedDocumentString(`
    mutation RegisterUser($input: RegisterUserInput!, $idempotencyKey: ID!) {
  registerUser(input: $input, idempotencyKey: $idempotencyKey) {
    user {
      id
      name
      version
    }
    token
    userErrors {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<RegisterUserMutation, RegisterUserMutationVariables>;
export const BrowseProductsDocument = new TypedDocumentString(`
    query BrowseProducts {
  products(first: 5) {
    edges {
      node {
        id
        name
        available
        price {
          amount
          currency
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<BrowseProductsQuery, BrowseProductsQueryVariables>;
export const PlaceOrderDocument = new TypedDocumentString(`
    mutation PlaceOrder($input: PlaceOrderInput!, $idempotencyKey: ID!) {
  placeOrder(input: $input, idempotencyKey: $idempotencyKey) {
    order {
      id
      status
      message
      version
      total {
        amount
        currency
      }
      syncState {
        target
      }
    }
    replayed
    userErrors {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<PlaceOrderMutation, PlaceOrderMutationVariables>;
export const CancelOrderDocument = new TypedDocumentString(`
    mutation CancelOrder($input: CancelOrderInput!, $idempotencyKey: ID!) {
  cancelOrder(input: $input, idempotencyKey: $idempotencyKey) {
    order {
      id
      status
      message
      version
    }
    userErrors {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<CancelOrderMutation, CancelOrderMutationVariables>;
export const OrderNowDocument = new TypedDocumentString(`
    query OrderNow($id: ID!) {
  order(id: $id) {
    id
    status
    message
    version
  }
}
    `) as unknown as TypedDocumentString<OrderNowQuery, OrderNowQueryVariables>;
export const MyOrdersDocument = new TypedDocumentString(`
    query MyOrders($key: ID!) {
  orders(first: 10) {
    edges {
      node {
        id
      }
    }
  }
  orderByIdempotencyKey(key: $key) {
    id
  }
}
    `) as unknown as TypedDocumentString<MyOrdersQuery, MyOrdersQueryVariables>;
export const AwaitSyncDocument = new TypedDocumentString(`
    subscription AwaitSync($entity: SyncEntity!, $id: ID!, $version: Int!, $after: String) {
  awaitSync(entity: $entity, id: $id, version: $version, after: $after) {
    target
    targetVersion
    state
  }
}
    `) as unknown as TypedDocumentString<AwaitSyncSubscription, AwaitSyncSubscriptionVariables>;
export const RecordSyncedDocument = new TypedDocumentString(`
    subscription RecordSynced($after: String) {
  recordSynced(after: $after) {
    entity
    recordId
    target
    targetVersion
    state
  }
}
    `) as unknown as TypedDocumentString<RecordSyncedSubscription, RecordSyncedSubscriptionVariables>;
export const NotificationReceivedDocument = new TypedDocumentString(`
    subscription NotificationReceived($after: String) {
  notificationReceived(after: $after) {
    subject
    channel
  }
}
    `) as unknown as TypedDocumentString<NotificationReceivedSubscription, NotificationReceivedSubscriptionVariables>;
export const MyNotificationsDocument = new TypedDocumentString(`
    query MyNotifications {
  me {
    unreadCount
    notifications(first: 10) {
      edges {
        node {
          id
          subject
          channel
          status
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<MyNotificationsQuery, MyNotificationsQueryVariables>;
export const MarkNotificationReadDocument = new TypedDocumentString(`
    mutation MarkNotificationRead($input: MarkNotificationReadInput!, $idempotencyKey: ID!) {
  markNotificationRead(input: $input, idempotencyKey: $idempotencyKey) {
    notification {
      status
    }
    userErrors {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<MarkNotificationReadMutation, MarkNotificationReadMutationVariables>;
