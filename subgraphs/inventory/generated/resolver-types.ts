// Made by `npm run codegen`, see codegen.config.ts: a change made here is lost.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { Product as ProductRecord } from '../domain/product.ts';
import type { Operation as OperationRecord } from '../domain/operation.ts';
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

/** By how much to change stock. */
export type AdjustStockInput = {
  /** Pieces to add, or to take when negative; not 0. */
  readonly change: Scalars['Int']['input'];
  /** The product's id. */
  readonly productId: Scalars['ID']['input'];
  /** Why; 1 to 200 characters, kept in the audit trail. */
  readonly reason: Scalars['String']['input'];
};

/** What the adjustment came to. */
export type AdjustStockPayload = {
  readonly __typename?: 'AdjustStockPayload';
  /** The product; null when refused. */
  readonly product?: Maybe<Product>;
  /** True when an earlier call with this key had the effect. */
  readonly replayed: Scalars['Boolean']['output'];
  /** Why it was refused; empty on success. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Whether a line could be reserved now. */
export type Availability = {
  readonly __typename?: 'Availability';
  /** Pieces available now; 0 of an unknown product. */
  readonly available: Scalars['Int']['output'];
  /** The product; null when there is none with this id. */
  readonly product?: Maybe<Product>;
  /** Pieces asked for. */
  readonly requested: Scalars['Int']['output'];
  /** Are there enough? */
  readonly sufficient: Scalars['Boolean']['output'];
};

/** A fault injector: how the service misbehaves on purpose. */
export type Gremlin = {
  readonly __typename?: 'Gremlin';
  /** Does it drop the response, after the work has been committed? */
  readonly dropResponses: Scalars['Boolean']['output'];
  /** Is it at work? */
  readonly enabled: Scalars['Boolean']['output'];
  /** It strikes every Nth request. */
  readonly everyNth: Scalars['Int']['output'];
  /** Does it fail the request with HTTP 503 and `SUBGRAPH_UNAVAILABLE`, before any work? Its answer is never dropped. */
  readonly failRequests: Scalars['Boolean']['output'];
  /** Milliseconds by which it delays a request. */
  readonly latencyMs: Scalars['Int']['output'];
};

/** One entry of the audit trail. */
export type InventoryOperation = {
  readonly __typename?: 'InventoryOperation';
  /** Who adjusted it; null otherwise. */
  readonly actor?: Maybe<Scalars['String']['output']>;
  /** UUIDv7. */
  readonly id: Scalars['ID']['output'];
  /** When. */
  readonly occurredAt: Scalars['DateTime']['output'];
  /** The order it was done for; null for adjustments. */
  readonly orderId?: Maybe<Scalars['ID']['output']>;
  /** The product. */
  readonly product: Product;
  /** Pieces; of an adjustment the change with its sign. */
  readonly quantity: Scalars['Int']['output'];
  /** Why it was adjusted; null otherwise. */
  readonly reason?: Maybe<Scalars['String']['output']>;
  /** What was done. */
  readonly type: InventoryOperationType;
};

/** A page of the audit trail. */
export type InventoryOperationConnection = {
  readonly __typename?: 'InventoryOperationConnection';
  /** The entries of the page with their cursors. */
  readonly edges: ReadonlyArray<InventoryOperationEdge>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
};

/** An entry in a list. */
export type InventoryOperationEdge = {
  readonly __typename?: 'InventoryOperationEdge';
  /** Hand it back as `after` for what follows. */
  readonly cursor: Scalars['String']['output'];
  /** The entry. */
  readonly node: InventoryOperation;
};

/** What is done with stock. */
export type InventoryOperationType =
  /** Counted anew by an admin. */
  | 'ADJUST'
  /** Left with an order. */
  | 'CONFIRM'
  /** Given back because it was held too long. */
  | 'EXPIRE'
  /** Given back before it was confirmed. */
  | 'RELEASE'
  /** Held for an order. */
  | 'RESERVE'
  /** Taken back from a confirmed order. */
  | 'RETURN';

/** How many pieces of which product. */
export type LineInput = {
  /** The product's id. */
  readonly productId: Scalars['ID']['input'];
  /** 1 to 1,000 pieces. */
  readonly quantity: Scalars['Int']['input'];
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
  /** Adds to or takes from what is available. For admins. Refuses with `PRODUCT_NOT_FOUND` or `OUT_OF_STOCK`. */
  readonly adjustStock?: Maybe<AdjustStockPayload>;
  /** Makes an order's hold final. For other services only. Refuses with `RESERVATION_REFUSED` when it was released or has expired. */
  readonly confirmReservation?: Maybe<ReservationPayload>;
  /** Gives back what an order holds; of an unknown order, refuses a later reserve. For other services only. */
  readonly releaseReservation?: Maybe<ReservationPayload>;
  /** Holds all lines of an order or none, for 15 minutes. For other services only. Refuses with `PRODUCT_NOT_FOUND`, `OUT_OF_STOCK` or `RESERVATION_REFUSED`. */
  readonly reserveStock?: Maybe<ReservationPayload>;
  /** Takes back what a confirmed order had. For other services only. */
  readonly returnStock?: Maybe<ReservationPayload>;
  /** Makes the service misbehave on purpose, for tests of those who call it. For admins; `FORBIDDEN` unless the configuration allows it. */
  readonly setGremlin?: Maybe<SetGremlinPayload>;
};


export type MutationAdjustStockArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: AdjustStockInput;
};


export type MutationConfirmReservationArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: ReservationStepInput;
};


export type MutationReleaseReservationArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: ReservationStepInput;
};


export type MutationReserveStockArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: ReserveStockInput;
};


export type MutationReturnStockArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: ReservationStepInput;
};


export type MutationSetGremlinArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: SetGremlinInput;
};

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

/** Something that can be ordered. */
export type Product = {
  readonly __typename?: 'Product';
  /** Pieces that can still be reserved. */
  readonly available: Scalars['Int']['output'];
  /** What it is. */
  readonly description: Scalars['String']['output'];
  /** Pieces that orders hold which are not yet confirmed. */
  readonly held: Scalars['Int']['output'];
  /** For example `PROD-001`. */
  readonly id: Scalars['ID']['output'];
  /** What it is called. */
  readonly name: Scalars['String']['output'];
  /** The audit trail of this product, newest first. For admins; null for others. */
  readonly operations?: Maybe<InventoryOperationConnection>;
  /** Of one piece. */
  readonly price: Money;
  /** When the product last changed. */
  readonly updatedAt: Scalars['DateTime']['output'];
  /** 1 when it was first stocked, one more with every change. */
  readonly version: Scalars['Int']['output'];
};


/** Something that can be ordered. */
export type ProductOperationsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** A page of products. */
export type ProductConnection = {
  readonly __typename?: 'ProductConnection';
  /** The products of the page with their cursors. */
  readonly edges: ReadonlyArray<ProductEdge>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
};

/** A product in a list. */
export type ProductEdge = {
  readonly __typename?: 'ProductEdge';
  /** Hand it back as `after` for what follows. */
  readonly cursor: Scalars['String']['output'];
  /** The product. */
  readonly node: Product;
};

export type Query = {
  readonly __typename?: 'Query';
  /** For each line, whether that many pieces are available now. Nothing is held by asking. */
  readonly checkAvailability?: Maybe<ReadonlyArray<Availability>>;
  /** How the service misbehaves on purpose. For admins; null unless the configuration allows a gremlin. */
  readonly gremlin?: Maybe<Gremlin>;
  /** The audit trail of stock, newest first. For admins. */
  readonly inventoryOperations?: Maybe<InventoryOperationConnection>;
  /** How far this service's event log has come, and what of it lies beyond a position. For other services only. */
  readonly outboxStatus: OutboxStatus;
  /** One product; null when there is none with this id. */
  readonly product?: Maybe<Product>;
  /** All products, by id. */
  readonly products?: Maybe<ProductConnection>;
  /** What an order has reserved; null when nothing is known of it. For other services only. */
  readonly reservation?: Maybe<Reservation>;
};


export type QueryCheckAvailabilityArgs = {
  items: ReadonlyArray<LineInput>;
};


export type QueryInventoryOperationsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  productId?: InputMaybe<Scalars['ID']['input']>;
};


export type QueryOutboxStatusArgs = {
  after?: Scalars['Float']['input'];
};


export type QueryProductArgs = {
  id: Scalars['ID']['input'];
};


export type QueryProductsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryReservationArgs = {
  orderId: Scalars['ID']['input'];
};

/** What an order has reserved. */
export type Reservation = {
  readonly __typename?: 'Reservation';
  /** Until when it is held. */
  readonly expiresAt: Scalars['DateTime']['output'];
  /** What is reserved, at the price when it was. */
  readonly lines: ReadonlyArray<ReservedLine>;
  /** The order's id. */
  readonly orderId: Scalars['ID']['output'];
  /** Where it stands. */
  readonly state: ReservationState;
};

/** What a step of a reservation came to. */
export type ReservationPayload = {
  readonly __typename?: 'ReservationPayload';
  /** True when an earlier call with this key had the effect. */
  readonly replayed: Scalars['Boolean']['output'];
  /** The reservation as it stands; null when nothing is known of the order. */
  readonly reservation?: Maybe<Reservation>;
  /** Why it was refused; empty on success. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Where a reservation stands. */
export type ReservationState =
  /** The order's for good. */
  | 'CONFIRMED'
  /** Held too long, and given back. */
  | 'EXPIRED'
  /** Held for the order, and not for others. */
  | 'HELD'
  /** Given back, or never to be made. */
  | 'RELEASED'
  /** Taken back after it was confirmed. */
  | 'RETURNED';

/** Whose reservation to advance. */
export type ReservationStepInput = {
  /** The order's id, a UUID. */
  readonly orderId: Scalars['ID']['input'];
};

/** Which order to hold stock for. */
export type ReserveStockInput = {
  /** 1 to 100 lines, no product twice. */
  readonly items: ReadonlyArray<LineInput>;
  /** The order's id, a UUID. */
  readonly orderId: Scalars['ID']['input'];
};

/** A reserved line. */
export type ReservedLine = {
  readonly __typename?: 'ReservedLine';
  /** The product's id. */
  readonly productId: Scalars['ID']['output'];
  /** Pieces. */
  readonly quantity: Scalars['Int']['output'];
  /** Price of a piece. */
  readonly unitPrice: Money;
};

/** How the gremlin is to behave; what is left out stays. */
export type SetGremlinInput = {
  /** Does it drop the response, after the work has been committed? */
  readonly dropResponses?: InputMaybe<Scalars['Boolean']['input']>;
  /** Is it at work? */
  readonly enabled: Scalars['Boolean']['input'];
  /** It strikes every Nth request; 1 to 1,000. */
  readonly everyNth?: InputMaybe<Scalars['Int']['input']>;
  /** Does it fail the request with HTTP 503 and `SUBGRAPH_UNAVAILABLE`, before any work? Its answer is never dropped. */
  readonly failRequests?: InputMaybe<Scalars['Boolean']['input']>;
  /** Milliseconds, 0 to 60,000. */
  readonly latencyMs?: InputMaybe<Scalars['Int']['input']>;
};

/** How the gremlin now behaves. */
export type SetGremlinPayload = {
  readonly __typename?: 'SetGremlinPayload';
  /** The gremlin; null when refused. */
  readonly gremlin?: Maybe<Gremlin>;
  /** True when an earlier call with this key had the effect. */
  readonly replayed: Scalars['Boolean']['output'];
  /** Why it was refused; empty on success. */
  readonly userErrors: ReadonlyArray<UserError>;
};

export type Subscription = {
  readonly __typename?: 'Subscription';
  /** A product after each change of its stock. For admins. */
  readonly stockChanged: Product;
};


export type SubscriptionStockChangedArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  productId?: InputMaybe<Scalars['ID']['input']>;
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
  /** Fewer pieces are available than asked for. */
  | 'OUT_OF_STOCK'
  /** There is no such product. */
  | 'PRODUCT_NOT_FOUND'
  /** The reservation has already taken a contradicting step. */
  | 'RESERVATION_REFUSED';



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
  Product: Product;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Product:
    ( { __typename: 'Product' }
    & GraphQLRecursivePick<FederationTypes['Product'], {"id":true}> );
};



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  AdjustStockInput: AdjustStockInput;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  AdjustStockPayload: ResolverTypeWrapper<Omit<AdjustStockPayload, 'product'> & { product?: Maybe<ResolversTypes['Product']> }>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Availability: ResolverTypeWrapper<Omit<Availability, 'product'> & { product?: Maybe<ResolversTypes['Product']> }>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Gremlin: ResolverTypeWrapper<Gremlin>;
  InventoryOperation: ResolverTypeWrapper<OperationRecord>;
  InventoryOperationConnection: ResolverTypeWrapper<Omit<InventoryOperationConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['InventoryOperationEdge']> }>;
  InventoryOperationEdge: ResolverTypeWrapper<Omit<InventoryOperationEdge, 'node'> & { node: ResolversTypes['InventoryOperation'] }>;
  InventoryOperationType: InventoryOperationType;
  LineInput: LineInput;
  Money: ResolverTypeWrapper<Money>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  OutboxStatus: ResolverTypeWrapper<OutboxStatus>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Product: ResolverTypeWrapper<ProductRecord>;
  ProductConnection: ResolverTypeWrapper<Omit<ProductConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['ProductEdge']> }>;
  ProductEdge: ResolverTypeWrapper<Omit<ProductEdge, 'node'> & { node: ResolversTypes['Product'] }>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Reservation: ResolverTypeWrapper<Reservation>;
  ReservationPayload: ResolverTypeWrapper<ReservationPayload>;
  ReservationState: ReservationState;
  ReservationStepInput: ReservationStepInput;
  ReserveStockInput: ReserveStockInput;
  ReservedLine: ResolverTypeWrapper<ReservedLine>;
  SetGremlinInput: SetGremlinInput;
  SetGremlinPayload: ResolverTypeWrapper<SetGremlinPayload>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  UserError: ResolverTypeWrapper<UserError>;
  UserErrorCode: UserErrorCode;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  AdjustStockInput: AdjustStockInput;
  Int: Scalars['Int']['output'];
  ID: Scalars['ID']['output'];
  String: Scalars['String']['output'];
  AdjustStockPayload: Omit<AdjustStockPayload, 'product'> & { product?: Maybe<ResolversParentTypes['Product']> };
  Boolean: Scalars['Boolean']['output'];
  Availability: Omit<Availability, 'product'> & { product?: Maybe<ResolversParentTypes['Product']> };
  DateTime: Scalars['DateTime']['output'];
  Gremlin: Gremlin;
  InventoryOperation: OperationRecord;
  InventoryOperationConnection: Omit<InventoryOperationConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['InventoryOperationEdge']> };
  InventoryOperationEdge: Omit<InventoryOperationEdge, 'node'> & { node: ResolversParentTypes['InventoryOperation'] };
  LineInput: LineInput;
  Money: Money;
  Float: Scalars['Float']['output'];
  Mutation: Record<PropertyKey, never>;
  OutboxStatus: OutboxStatus;
  PageInfo: PageInfo;
  Product: ProductRecord;
  ProductConnection: Omit<ProductConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['ProductEdge']> };
  ProductEdge: Omit<ProductEdge, 'node'> & { node: ResolversParentTypes['Product'] };
  Query: Record<PropertyKey, never>;
  Reservation: Reservation;
  ReservationPayload: ReservationPayload;
  ReservationStepInput: ReservationStepInput;
  ReserveStockInput: ReserveStockInput;
  ReservedLine: ReservedLine;
  SetGremlinInput: SetGremlinInput;
  SetGremlinPayload: SetGremlinPayload;
  Subscription: Record<PropertyKey, never>;
  UserError: UserError;
};

export type AdjustStockPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['AdjustStockPayload'] = ResolversParentTypes['AdjustStockPayload']> = {
  product?: Resolver<Maybe<ResolversTypes['Product']>, ParentType, ContextType>;
  replayed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type AvailabilityResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Availability'] = ResolversParentTypes['Availability']> = {
  available?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  product?: Resolver<Maybe<ResolversTypes['Product']>, ParentType, ContextType>;
  requested?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  sufficient?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type GremlinResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Gremlin'] = ResolversParentTypes['Gremlin']> = {
  dropResponses?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  enabled?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  everyNth?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  failRequests?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  latencyMs?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type InventoryOperationResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['InventoryOperation'] = ResolversParentTypes['InventoryOperation']> = {
  actor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  occurredAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  orderId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  product?: Resolver<ResolversTypes['Product'], ParentType, ContextType>;
  quantity?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  type?: Resolver<ResolversTypes['InventoryOperationType'], ParentType, ContextType>;
};

export type InventoryOperationConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['InventoryOperationConnection'] = ResolversParentTypes['InventoryOperationConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['InventoryOperationEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type InventoryOperationEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['InventoryOperationEdge'] = ResolversParentTypes['InventoryOperationEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['InventoryOperation'], ParentType, ContextType>;
};

export type MoneyResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Money'] = ResolversParentTypes['Money']> = {
  amount?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  currency?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  adjustStock?: Resolver<Maybe<ResolversTypes['AdjustStockPayload']>, ParentType, ContextType, RequireFields<MutationAdjustStockArgs, 'idempotencyKey' | 'input'>>;
  confirmReservation?: Resolver<Maybe<ResolversTypes['ReservationPayload']>, ParentType, ContextType, RequireFields<MutationConfirmReservationArgs, 'idempotencyKey' | 'input'>>;
  releaseReservation?: Resolver<Maybe<ResolversTypes['ReservationPayload']>, ParentType, ContextType, RequireFields<MutationReleaseReservationArgs, 'idempotencyKey' | 'input'>>;
  reserveStock?: Resolver<Maybe<ResolversTypes['ReservationPayload']>, ParentType, ContextType, RequireFields<MutationReserveStockArgs, 'idempotencyKey' | 'input'>>;
  returnStock?: Resolver<Maybe<ResolversTypes['ReservationPayload']>, ParentType, ContextType, RequireFields<MutationReturnStockArgs, 'idempotencyKey' | 'input'>>;
  setGremlin?: Resolver<Maybe<ResolversTypes['SetGremlinPayload']>, ParentType, ContextType, RequireFields<MutationSetGremlinArgs, 'idempotencyKey' | 'input'>>;
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

export type ProductResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Product'] = ResolversParentTypes['Product'], FederationReferenceType extends FederationReferenceTypes['Product'] = FederationReferenceTypes['Product']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Product']> | FederationReferenceType, FederationReferenceType, ContextType>;
  available?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  description?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  held?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  operations?: Resolver<Maybe<ResolversTypes['InventoryOperationConnection']>, ParentType, ContextType, Partial<ProductOperationsArgs>>;
  price?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ProductConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ProductConnection'] = ResolversParentTypes['ProductConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ProductEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ProductEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ProductEdge'] = ResolversParentTypes['ProductEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Product'], ParentType, ContextType>;
};

export type QueryResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  checkAvailability?: Resolver<Maybe<ReadonlyArray<ResolversTypes['Availability']>>, ParentType, ContextType, RequireFields<QueryCheckAvailabilityArgs, 'items'>>;
  gremlin?: Resolver<Maybe<ResolversTypes['Gremlin']>, ParentType, ContextType>;
  inventoryOperations?: Resolver<Maybe<ResolversTypes['InventoryOperationConnection']>, ParentType, ContextType, Partial<QueryInventoryOperationsArgs>>;
  outboxStatus?: Resolver<ResolversTypes['OutboxStatus'], ParentType, ContextType, RequireFields<QueryOutboxStatusArgs, 'after'>>;
  product?: Resolver<Maybe<ResolversTypes['Product']>, ParentType, ContextType, RequireFields<QueryProductArgs, 'id'>>;
  products?: Resolver<Maybe<ResolversTypes['ProductConnection']>, ParentType, ContextType, Partial<QueryProductsArgs>>;
  reservation?: Resolver<Maybe<ResolversTypes['Reservation']>, ParentType, ContextType, RequireFields<QueryReservationArgs, 'orderId'>>;
};

export type ReservationResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Reservation'] = ResolversParentTypes['Reservation']> = {
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  lines?: Resolver<ReadonlyArray<ResolversTypes['ReservedLine']>, ParentType, ContextType>;
  orderId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['ReservationState'], ParentType, ContextType>;
};

export type ReservationPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ReservationPayload'] = ResolversParentTypes['ReservationPayload']> = {
  replayed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  reservation?: Resolver<Maybe<ResolversTypes['Reservation']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type ReservedLineResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ReservedLine'] = ResolversParentTypes['ReservedLine']> = {
  productId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  quantity?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  unitPrice?: Resolver<ResolversTypes['Money'], ParentType, ContextType>;
};

export type SetGremlinPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SetGremlinPayload'] = ResolversParentTypes['SetGremlinPayload']> = {
  gremlin?: Resolver<Maybe<ResolversTypes['Gremlin']>, ParentType, ContextType>;
  replayed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  stockChanged?: SubscriptionResolver<ResolversTypes['Product'], "stockChanged", ParentType, ContextType, Partial<SubscriptionStockChangedArgs>>;
};

export type UserErrorResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = {
  code?: Resolver<ResolversTypes['UserErrorCode'], ParentType, ContextType>;
  field?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = RequestContext> = {
  AdjustStockPayload?: AdjustStockPayloadResolvers<ContextType>;
  Availability?: AvailabilityResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  Gremlin?: GremlinResolvers<ContextType>;
  InventoryOperation?: InventoryOperationResolvers<ContextType>;
  InventoryOperationConnection?: InventoryOperationConnectionResolvers<ContextType>;
  InventoryOperationEdge?: InventoryOperationEdgeResolvers<ContextType>;
  Money?: MoneyResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  OutboxStatus?: OutboxStatusResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Product?: ProductResolvers<ContextType>;
  ProductConnection?: ProductConnectionResolvers<ContextType>;
  ProductEdge?: ProductEdgeResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Reservation?: ReservationResolvers<ContextType>;
  ReservationPayload?: ReservationPayloadResolvers<ContextType>;
  ReservedLine?: ReservedLineResolvers<ContextType>;
  SetGremlinPayload?: SetGremlinPayloadResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
};
