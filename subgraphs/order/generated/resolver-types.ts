// Made by `npm run codegen`, see codegen.config.ts: a change made here is lost.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { Order as OrderRecord, PricedLine as PricedLineRecord } from '../domain/order.ts';
import type { RequestContext } from '../../../shared/graphql/context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** An instant: RFC 3339 in UTC with milliseconds, for example `2026-01-31T12:00:00.000Z`. */
  DateTime: { input: Date; output: Date; }
  _FieldSet: { input: never; output: never; }
};

/** Which order to cancel. */
export type CancelOrderInput = {
  /** The order's id. */
  readonly id: Scalars['ID']['input'];
};

/** What cancelling came to. */
export type CancelOrderPayload = {
  readonly __typename?: 'CancelOrderPayload';
  /** The order as it now stands; null when refused. */
  readonly order?: Maybe<Order>;
  /** True when an earlier call with this key had the effect. */
  readonly replayed: Scalars['Boolean']['output'];
  /** Why it was refused; empty on success. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Another service's event that a service could not handle, up to its last attempt. Only its record waits behind it. */
export type ConsumerDeadLetter = {
  readonly __typename?: 'ConsumerDeadLetter';
  /** How often it was tried, in all. */
  readonly attempts: Scalars['Int']['output'];
  /** When it was given up. */
  readonly deadLetteredAt: Scalars['DateTime']['output'];
  /** Why the last attempt failed. */
  readonly error: Scalars['String']['output'];
  /** The event's id; name it to redeliver or discard it. */
  readonly eventId: Scalars['ID']['output'];
  /** When the change was made. */
  readonly occurredAt: Scalars['DateTime']['output'];
  /** What the event carries: the whole record, as JSON. */
  readonly payload: Scalars['String']['output'];
  /** The record's id. */
  readonly recordId: Scalars['ID']['output'];
  /** How often an admin has had it delivered again. */
  readonly redeliveries: Scalars['Int']['output'];
  /** The service that told it. */
  readonly source: Scalars['String']['output'];
  /** What happened, for example `user.updated`. */
  readonly type: Scalars['String']['output'];
  /** The record's version that the event tells of. */
  readonly version: Scalars['Int']['output'];
};

/** A page of a service's dead letters. */
export type ConsumerDeadLetterConnection = {
  readonly __typename?: 'ConsumerDeadLetterConnection';
  /** The dead letters of the page with their cursors. */
  readonly edges: ReadonlyArray<ConsumerDeadLetterEdge>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
};

/** A service's dead letter in a list. */
export type ConsumerDeadLetterEdge = {
  readonly __typename?: 'ConsumerDeadLetterEdge';
  /** Hand it back as `after` for what follows. */
  readonly cursor: Scalars['String']['output'];
  /** The dead letter. */
  readonly node: ConsumerDeadLetter;
};

/** What of a service to give up, and why. */
export type DiscardDeadLetterInput = {
  /** The event's id. */
  readonly eventId: Scalars['ID']['input'];
  /** Why, for whoever asks later: 1 to 500 characters. Kept with the event. */
  readonly reason: Scalars['String']['input'];
};

/** What discarding of a service's came to. */
export type DiscardDeadLetterPayload = {
  readonly __typename?: 'DiscardDeadLetterPayload';
  /** True when an earlier call with this key had the effect. */
  readonly replayed: Scalars['Boolean']['output'];
  /** Why it was refused; empty on success. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** An amount of money. */
export type Money = {
  readonly __typename?: 'Money';
  /** A whole number of minor units, for example cents; below 2^53. */
  readonly amount: Scalars['Float']['output'];
  /** ISO 4217, for example `USD`. */
  readonly currency: Scalars['String']['output'];
};

export type Mutation = {
  readonly __typename?: 'Mutation';
  /** Cancels a confirmed order and gives its stock back. For its owner and admins. Refuses with `ORDER_NOT_FOUND`, `ORDER_PENDING` or `ORDER_NOT_CANCELLABLE`. */
  readonly cancelOrder?: Maybe<CancelOrderPayload>;
  /** Gives a dead letter of the order service up for good. What waits behind it goes on. For admins. Refuses with `DEAD_LETTER_NOT_FOUND`, also when it is a dead letter no more. */
  readonly discardOrderDeadLetter?: Maybe<DiscardDeadLetterPayload>;
  /** Places an order and waits up to 3 s for inventory: `CONFIRMED`, `FAILED`, or `PENDING` when the answer is not known yet, which completes by itself. Refuses with `OUT_OF_STOCK`, `PRODUCT_NOT_FOUND`, `RESERVATION_EXPIRED` or `ACCOUNT_SUSPENDED`. */
  readonly placeOrder?: Maybe<PlaceOrderPayload>;
  /** Lets the order service handle a dead letter of its own again, or all: due at once, with failures counted anew. What waits behind it follows in order. For admins. Refuses with `DEAD_LETTER_NOT_FOUND`, also when it is a dead letter no more. */
  readonly redeliverOrderDeadLetters?: Maybe<RedeliverDeadLettersPayload>;
};


export type MutationCancelOrderArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: CancelOrderInput;
};


export type MutationDiscardOrderDeadLetterArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: DiscardDeadLetterInput;
};


export type MutationPlaceOrderArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: PlaceOrderInput;
};


export type MutationRedeliverOrderDeadLettersArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: RedeliverDeadLettersInput;
};

/** A customer's order. Seen by its owner, by admins and by services. */
export type Order = {
  readonly __typename?: 'Order';
  /** When it was placed. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** Why it failed; null unless it did. */
  readonly failure?: Maybe<OrderFailure>;
  /** UUIDv7, given when it was placed. */
  readonly id: Scalars['ID']['output'];
  /** Its lines. */
  readonly items: ReadonlyArray<OrderItem>;
  /** Where it stands, for people. */
  readonly message: Scalars['String']['output'];
  /** Where it stands. */
  readonly status: OrderStatus;
  /** Of all lines; null until confirmed. */
  readonly total?: Maybe<Money>;
  /** When it last changed. */
  readonly updatedAt: Scalars['DateTime']['output'];
  /** Who placed it. */
  readonly user: User;
  /** 1 when it was placed, one more with every change. */
  readonly version: Scalars['Int']['output'];
};

/** A page of orders. */
export type OrderConnection = {
  readonly __typename?: 'OrderConnection';
  /** The orders of the page with their cursors. */
  readonly edges: ReadonlyArray<OrderEdge>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
};

/** An order in a list. */
export type OrderEdge = {
  readonly __typename?: 'OrderEdge';
  /** Hand it back as `after` for what follows. */
  readonly cursor: Scalars['String']['output'];
  /** The order. */
  readonly node: Order;
};

/** Why an order failed. */
export type OrderFailure = {
  readonly __typename?: 'OrderFailure';
  /** Stable code for programs. */
  readonly code: UserErrorCode;
  /** A sentence for people. */
  readonly message: Scalars['String']['output'];
};

/** Which orders a list shows. */
export type OrderFilter = {
  /** Only orders with this status. */
  readonly status?: InputMaybe<OrderStatus>;
};

/** A line of an order. */
export type OrderItem = {
  readonly __typename?: 'OrderItem';
  /** What was ordered; null when there is no such product. */
  readonly product?: Maybe<Product>;
  /** Pieces. */
  readonly quantity: Scalars['Int']['output'];
  /** Price of a piece when the order was confirmed; null until then. */
  readonly unitPrice?: Maybe<Money>;
};

/** A line to order. */
export type OrderItemInput = {
  /** The product's id. */
  readonly productId: Scalars['ID']['input'];
  /** 1 to 1,000 pieces. */
  readonly quantity: Scalars['Int']['input'];
};

/** All orders in figures. */
export type OrderStats = {
  readonly __typename?: 'OrderStats';
  /** Cancelled. */
  readonly cancelled: Scalars['Int']['output'];
  /** Being cancelled. */
  readonly cancelling: Scalars['Int']['output'];
  /** Confirmed, and not cancelled. */
  readonly confirmed: Scalars['Int']['output'];
  /** Failed. */
  readonly failed: Scalars['Int']['output'];
  /** Not decided yet. */
  readonly pending: Scalars['Int']['output'];
  /** Sum of the confirmed orders. */
  readonly revenue: Money;
  /** Orders ever placed. */
  readonly total: Scalars['Int']['output'];
};

/** Where an order stands. */
export type OrderStatus =
  /** Cancelled; the stock is back. */
  | 'CANCELLED'
  /** Being cancelled; the stock is on its way back. */
  | 'CANCELLING'
  /** The stock is the customer's. */
  | 'CONFIRMED'
  /** Could not be fulfilled; see `failure`. */
  | 'FAILED'
  /** Placed; what inventory says is not known yet. Completes by itself. */
  | 'PENDING';

/** How far this service's event log has come. For other services only. */
export type OutboxStatus = {
  readonly __typename?: 'OutboxStatus';
  /** How many committed events lie beyond the position that was asked about. */
  readonly beyond: Scalars['Int']['output'];
  /** When the oldest of them occurred; null when there are none. */
  readonly oldestBeyondAt?: Maybe<Scalars['DateTime']['output']>;
  /** The last position given to a committed event; 0 when there is none. */
  readonly position: Scalars['Float']['output'];
  /** The last position that the event bus has acknowledged. */
  readonly relayed: Scalars['Float']['output'];
};

/** Where a page of a Relay connection lies in its list. */
export type PageInfo = {
  readonly __typename?: 'PageInfo';
  /** Cursor of the last edge; null on an empty page. Hand it back as `after` for the next page. */
  readonly endCursor?: Maybe<Scalars['String']['output']>;
  /** Are there more edges behind this page? */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** Are there edges before this page? */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** Cursor of the first edge; null on an empty page. */
  readonly startCursor?: Maybe<Scalars['String']['output']>;
};

/** What to order. */
export type PlaceOrderInput = {
  /** 1 to 100 lines, no product twice. */
  readonly items: ReadonlyArray<OrderItemInput>;
};

/** What placing the order came to. */
export type PlaceOrderPayload = {
  readonly __typename?: 'PlaceOrderPayload';
  /** The order as it now stands; null when refused. */
  readonly order?: Maybe<Order>;
  /** True when an earlier call with this key had the effect. */
  readonly replayed: Scalars['Boolean']['output'];
  /** Why it was refused or failed; empty on success, and while it is pending. */
  readonly userErrors: ReadonlyArray<UserError>;
};

export type Product = {
  readonly __typename?: 'Product';
  readonly id: Scalars['ID']['output'];
};

export type Query = {
  readonly __typename?: 'Query';
  /** One order; null when there is none with this id, or when it is not the caller's to see. */
  readonly order?: Maybe<Order>;
  /** The order that the caller has placed under this idempotency key; null when there is none. For clients that never got their answer. */
  readonly orderByIdempotencyKey?: Maybe<Order>;
  /** Events that the order service has given up and that wait for an admin, the longest given up first. For admins. */
  readonly orderDeadLetters?: Maybe<ConsumerDeadLetterConnection>;
  /** All orders in figures. For admins. */
  readonly orderStats?: Maybe<OrderStats>;
  /** The caller's orders, newest first; for admins everyone's. */
  readonly orders?: Maybe<OrderConnection>;
  /** How far this service's event log has come, and what of it lies beyond a position. For other services only. */
  readonly outboxStatus: OutboxStatus;
};


export type QueryOrderArgs = {
  id: Scalars['ID']['input'];
};


export type QueryOrderByIdempotencyKeyArgs = {
  key: Scalars['ID']['input'];
};


export type QueryOrderDeadLettersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryOrdersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<OrderFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryOutboxStatusArgs = {
  after?: Scalars['Float']['input'];
};

/** What to handle again: one dead letter, or all of the service. */
export type RedeliverDeadLettersInput = {
  /** Instead of one: the thousand that were given up first. Call again, with a new key, while there are more. */
  readonly all?: InputMaybe<Scalars['Boolean']['input']>;
  /** The event's id; unless `all` is true. */
  readonly eventId?: InputMaybe<Scalars['ID']['input']>;
};

/** What redelivering to a service came to. */
export type RedeliverDeadLettersPayload = {
  readonly __typename?: 'RedeliverDeadLettersPayload';
  /** How many dead letters are due again; null when refused. */
  readonly redelivered?: Maybe<Scalars['Int']['output']>;
  /** True when an earlier call with this key had the effect. */
  readonly replayed: Scalars['Boolean']['output'];
  /** Why it was refused; empty on success. */
  readonly userErrors: ReadonlyArray<UserError>;
};

export type Subscription = {
  readonly __typename?: 'Subscription';
  /** An order after each change. Customers get their own orders, admins all. */
  readonly orderChanged: Order;
};


export type SubscriptionOrderChangedArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  id?: InputMaybe<Scalars['ID']['input']>;
};

export type User = {
  readonly __typename?: 'User';
  readonly id: Scalars['ID']['output'];
  /** The user's orders, newest first. For the user and for admins; null for others. */
  readonly orders?: Maybe<OrderConnection>;
};


export type UserOrdersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** An expected refusal that a client can act on. It is stored with the idempotency key, and a retry is given the same. */
export type UserError = {
  readonly __typename?: 'UserError';
  /** Stable code for programs. */
  readonly code: UserErrorCode;
  /** Dotted path of the input field at fault; null when no single field is. */
  readonly field?: Maybe<Scalars['String']['output']>;
  /** A sentence for people. */
  readonly message: Scalars['String']['output'];
};

/** Stable codes of refusals. */
export type UserErrorCode =
  /** A suspended account may not order. */
  | 'ACCOUNT_SUSPENDED'
  /** No dead letter has this event id where it was looked for, or not any more: it may have been redelivered or discarded. */
  | 'DEAD_LETTER_NOT_FOUND'
  /** The order has failed, or is cancelled already. */
  | 'ORDER_NOT_CANCELLABLE'
  /** There is no such order, or it is not the caller's to change. */
  | 'ORDER_NOT_FOUND'
  /** The order is not decided yet. */
  | 'ORDER_PENDING'
  /** Fewer pieces are available than asked for. */
  | 'OUT_OF_STOCK'
  /** There is no such product. */
  | 'PRODUCT_NOT_FOUND'
  /** The stock could not be held long enough. */
  | 'RESERVATION_EXPIRED';



export type ResolverTypeWrapper<T> = Promise<T> | T;

export type ReferenceResolver<TResult, TReference, TContext> = (
      reference: TReference,
      context: TContext,
      info: GraphQLResolveInfo
    ) => Promise<TResult> | TResult;

      type ScalarCheck<T, S> = S extends true ? T : NullableCheck<T, S>;
      type NullableCheck<T, S> = Maybe<T> extends T ? Maybe<ListCheck<NonNullable<T>, S>> : ListCheck<T, S>;
      type ListCheck<T, S> = T extends (infer U)[] ? NullableCheck<U, S>[] : GraphQLRecursivePick<T, S>;
      export type GraphQLRecursivePick<T, S> = { [K in keyof T & keyof S]: ScalarCheck<T[K], S[K]> };
    

export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

/** Mapping of federation types */
export type FederationTypes = {
  Order: Order;
  User: User;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Order:
    ( { __typename: 'Order' }
    & GraphQLRecursivePick<FederationTypes['Order'], {"id":true}> );
  User:
    ( { __typename: 'User' }
    & GraphQLRecursivePick<FederationTypes['User'], {"id":true}> );
};



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  CancelOrderInput: CancelOrderInput;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  CancelOrderPayload: ResolverTypeWrapper<Omit<CancelOrderPayload, 'order'> & { order?: Maybe<ResolversTypes['Order']> }>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  ConsumerDeadLetter: ResolverTypeWrapper<ConsumerDeadLetter>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  ConsumerDeadLetterConnection: ResolverTypeWrapper<ConsumerDeadLetterConnection>;
  ConsumerDeadLetterEdge: ResolverTypeWrapper<ConsumerDeadLetterEdge>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DiscardDeadLetterInput: DiscardDeadLetterInput;
  DiscardDeadLetterPayload: ResolverTypeWrapper<DiscardDeadLetterPayload>;
  Money: ResolverTypeWrapper<Money>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Order: ResolverTypeWrapper<OrderRecord>;
  OrderConnection: ResolverTypeWrapper<Omit<OrderConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['OrderEdge']> }>;
  OrderEdge: ResolverTypeWrapper<Omit<OrderEdge, 'node'> & { node: ResolversTypes['Order'] }>;
  OrderFailure: ResolverTypeWrapper<OrderFailure>;
  OrderFilter: OrderFilter;
  OrderItem: ResolverTypeWrapper<PricedLineRecord>;
  OrderItemInput: OrderItemInput;
  OrderStats: ResolverTypeWrapper<OrderStats>;
  OrderStatus: OrderStatus;
  OutboxStatus: ResolverTypeWrapper<OutboxStatus>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  PlaceOrderInput: PlaceOrderInput;
  PlaceOrderPayload: ResolverTypeWrapper<Omit<PlaceOrderPayload, 'order'> & { order?: Maybe<ResolversTypes['Order']> }>;
  Product: ResolverTypeWrapper<Product>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RedeliverDeadLettersInput: RedeliverDeadLettersInput;
  RedeliverDeadLettersPayload: ResolverTypeWrapper<RedeliverDeadLettersPayload>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  User: ResolverTypeWrapper<Omit<User, 'orders'> & { orders?: Maybe<ResolversTypes['OrderConnection']> }>;
  UserError: ResolverTypeWrapper<UserError>;
  UserErrorCode: UserErrorCode;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  CancelOrderInput: CancelOrderInput;
  ID: Scalars['ID']['output'];
  CancelOrderPayload: Omit<CancelOrderPayload, 'order'> & { order?: Maybe<ResolversParentTypes['Order']> };
  Boolean: Scalars['Boolean']['output'];
  ConsumerDeadLetter: ConsumerDeadLetter;
  Int: Scalars['Int']['output'];
  String: Scalars['String']['output'];
  ConsumerDeadLetterConnection: ConsumerDeadLetterConnection;
  ConsumerDeadLetterEdge: ConsumerDeadLetterEdge;
  DateTime: Scalars['DateTime']['output'];
  DiscardDeadLetterInput: DiscardDeadLetterInput;
  DiscardDeadLetterPayload: DiscardDeadLetterPayload;
  Money: Money;
  Float: Scalars['Float']['output'];
  Mutation: Record<PropertyKey, never>;
  Order: OrderRecord;
  OrderConnection: Omit<OrderConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['OrderEdge']> };
  OrderEdge: Omit<OrderEdge, 'node'> & { node: ResolversParentTypes['Order'] };
  OrderFailure: OrderFailure;
  OrderFilter: OrderFilter;
  OrderItem: PricedLineRecord;
  OrderItemInput: OrderItemInput;
  OrderStats: OrderStats;
  OutboxStatus: OutboxStatus;
  PageInfo: PageInfo;
  PlaceOrderInput: PlaceOrderInput;
  PlaceOrderPayload: Omit<PlaceOrderPayload, 'order'> & { order?: Maybe<ResolversParentTypes['Order']> };
  Product: Product;
  Query: Record<PropertyKey, never>;
  RedeliverDeadLettersInput: RedeliverDeadLettersInput;
  RedeliverDeadLettersPayload: RedeliverDeadLettersPayload;
  Subscription: Record<PropertyKey, never>;
  User: Omit<User, 'orders'> & { orders?: Maybe<ResolversParentTypes['OrderConnection']> } | FederationReferenceTypes['User'];
  UserError: UserError;
};

export type CancelOrderPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CancelOrderPayload'] = ResolversParentTypes['CancelOrderPayload']> = {
  order?: Resolver<Maybe<ResolversTypes['Order']>, ParentType, ContextType>;
  replayed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type ConsumerDeadLetterResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ConsumerDeadLetter'] = ResolversParentTypes['ConsumerDeadLetter']> = {
  attempts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  deadLetteredAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  error?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  eventId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  occurredAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  payload?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  recordId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  redeliveries?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  source?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  type?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ConsumerDeadLetterConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ConsumerDeadLetterConnection'] = ResolversParentTypes['ConsumerDeadLetterConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ConsumerDeadLetterEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ConsumerDeadLetterEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ConsumerDeadLetterEdge'] = ResolversParentTypes['ConsumerDeadLetterEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['ConsumerDeadLetter'], ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DiscardDeadLetterPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DiscardDeadLetterPayload'] = ResolversParentTypes['DiscardDeadLetterPayload']> = {
  replayed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type MoneyResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Money'] = ResolversParentTypes['Money']> = {
  amount?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  currency?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  cancelOrder?: Resolver<Maybe<ResolversTypes['CancelOrderPayload']>, ParentType, ContextType, RequireFields<MutationCancelOrderArgs, 'idempotencyKey' | 'input'>>;
  discardOrderDeadLetter?: Resolver<Maybe<ResolversTypes['DiscardDeadLetterPayload']>, ParentType, ContextType, RequireFields<MutationDiscardOrderDeadLetterArgs, 'idempotencyKey' | 'input'>>;
  placeOrder?: Resolver<Maybe<ResolversTypes['PlaceOrderPayload']>, ParentType, ContextType, RequireFields<MutationPlaceOrderArgs, 'idempotencyKey' | 'input'>>;
  redeliverOrderDeadLetters?: Resolver<Maybe<ResolversTypes['RedeliverDeadLettersPayload']>, ParentType, ContextType, RequireFields<MutationRedeliverOrderDeadLettersArgs, 'idempotencyKey' | 'input'>>;
};

export type OrderResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Order'] = ResolversParentTypes['Order'], FederationReferenceType extends FederationReferenceTypes['Order'] = FederationReferenceTypes['Order']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Order']> | FederationReferenceType, FederationReferenceType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  failure?: Resolver<Maybe<ResolversTypes['OrderFailure']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  items?: Resolver<ReadonlyArray<ResolversTypes['OrderItem']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['OrderStatus'], ParentType, ContextType>;
  total?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type OrderConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['OrderConnection'] = ResolversParentTypes['OrderConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['OrderEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type OrderEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['OrderEdge'] = ResolversParentTypes['OrderEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Order'], ParentType, ContextType>;
};

export type OrderFailureResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['OrderFailure'] = ResolversParentTypes['OrderFailure']> = {
  code?: Resolver<ResolversTypes['UserErrorCode'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type OrderItemResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['OrderItem'] = ResolversParentTypes['OrderItem']> = {
  product?: Resolver<Maybe<ResolversTypes['Product']>, ParentType, ContextType>;
  quantity?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  unitPrice?: Resolver<Maybe<ResolversTypes['Money']>, ParentType, ContextType>;
};

export type OrderStatsResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['OrderStats'] = ResolversParentTypes['OrderStats']> = {
  cancelled?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  cancelling?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  confirmed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  failed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  pending?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  revenue?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  total?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type OutboxStatusResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['OutboxStatus'] = ResolversParentTypes['OutboxStatus']> = {
  beyond?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  oldestBeyondAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  relayed?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PlaceOrderPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['PlaceOrderPayload'] = ResolversParentTypes['PlaceOrderPayload']> = {
  order?: Resolver<Maybe<ResolversTypes['Order']>, ParentType, ContextType>;
  replayed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type ProductResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Product'] = ResolversParentTypes['Product']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type QueryResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  order?: Resolver<Maybe<ResolversTypes['Order']>, ParentType, ContextType, RequireFields<QueryOrderArgs, 'id'>>;
  orderByIdempotencyKey?: Resolver<Maybe<ResolversTypes['Order']>, ParentType, ContextType, RequireFields<QueryOrderByIdempotencyKeyArgs, 'key'>>;
  orderDeadLetters?: Resolver<Maybe<ResolversTypes['ConsumerDeadLetterConnection']>, ParentType, ContextType, Partial<QueryOrderDeadLettersArgs>>;
  orderStats?: Resolver<Maybe<ResolversTypes['OrderStats']>, ParentType, ContextType>;
  orders?: Resolver<Maybe<ResolversTypes['OrderConnection']>, ParentType, ContextType, Partial<QueryOrdersArgs>>;
  outboxStatus?: Resolver<ResolversTypes['OutboxStatus'], ParentType, ContextType, RequireFields<QueryOutboxStatusArgs, 'after'>>;
};

export type RedeliverDeadLettersPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RedeliverDeadLettersPayload'] = ResolversParentTypes['RedeliverDeadLettersPayload']> = {
  redelivered?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  replayed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  orderChanged?: SubscriptionResolver<ResolversTypes['Order'], "orderChanged", ParentType, ContextType, Partial<SubscriptionOrderChangedArgs>>;
};

export type UserResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User'], FederationReferenceType extends FederationReferenceTypes['User'] = FederationReferenceTypes['User']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['User']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  orders?: Resolver<Maybe<ResolversTypes['OrderConnection']>, ParentType, ContextType, Partial<UserOrdersArgs>>;
};

export type UserErrorResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = {
  code?: Resolver<ResolversTypes['UserErrorCode'], ParentType, ContextType>;
  field?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = RequestContext> = {
  CancelOrderPayload?: CancelOrderPayloadResolvers<ContextType>;
  ConsumerDeadLetter?: ConsumerDeadLetterResolvers<ContextType>;
  ConsumerDeadLetterConnection?: ConsumerDeadLetterConnectionResolvers<ContextType>;
  ConsumerDeadLetterEdge?: ConsumerDeadLetterEdgeResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DiscardDeadLetterPayload?: DiscardDeadLetterPayloadResolvers<ContextType>;
  Money?: MoneyResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Order?: OrderResolvers<ContextType>;
  OrderConnection?: OrderConnectionResolvers<ContextType>;
  OrderEdge?: OrderEdgeResolvers<ContextType>;
  OrderFailure?: OrderFailureResolvers<ContextType>;
  OrderItem?: OrderItemResolvers<ContextType>;
  OrderStats?: OrderStatsResolvers<ContextType>;
  OutboxStatus?: OutboxStatusResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  PlaceOrderPayload?: PlaceOrderPayloadResolvers<ContextType>;
  Product?: ProductResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  RedeliverDeadLettersPayload?: RedeliverDeadLettersPayloadResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
};
