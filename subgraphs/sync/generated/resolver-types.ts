// Made by `npm run codegen`, see codegen.config.ts: a change made here is lost.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { RecordSync as RecordSyncRecord, RecordReference as RecordReferenceRecord } from '../domain/record-sync.ts';
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

/** An event that a target has refused for the last time. Only its record waits behind it. */
export type DeadLetter = {
  readonly __typename?: 'DeadLetter';
  /** How often it was tried, in all. */
  readonly attempts: Scalars['Int']['output'];
  /** When it was given up. */
  readonly deadLetteredAt: Scalars['DateTime']['output'];
  /** The kind of record. */
  readonly entity: SyncEntity;
  /** Why the last attempt failed. */
  readonly error: Scalars['String']['output'];
  /** The event's id; name it to `redeliver` or `discard`. */
  readonly eventId: Scalars['ID']['output'];
  /** When the change was made. */
  readonly occurredAt: Scalars['DateTime']['output'];
  /** What the event carries: the whole record, as JSON. */
  readonly payload: Scalars['String']['output'];
  /** The record's id. */
  readonly recordId: Scalars['ID']['output'];
  /** How often an admin has had it delivered again. */
  readonly redeliveries: Scalars['Int']['output'];
  /** The same with the source's epoch, `epoch × 2³² + version`, as decimal text: what targets compare. */
  readonly revision: Scalars['String']['output'];
  /** What happened, for example `user.updated`. */
  readonly type: Scalars['String']['output'];
  /** The record's version that the event tells of. */
  readonly version: Scalars['Int']['output'];
};

/** A page of dead letters. */
export type DeadLetterConnection = {
  readonly __typename?: 'DeadLetterConnection';
  /** The dead letters of the page with their cursors. */
  readonly edges: ReadonlyArray<DeadLetterEdge>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
};

/** A dead letter in a list. */
export type DeadLetterEdge = {
  readonly __typename?: 'DeadLetterEdge';
  /** Hand it back as `after` for what follows. */
  readonly cursor: Scalars['String']['output'];
  /** The dead letter. */
  readonly node: DeadLetter;
};

/** What to give up, and why. */
export type DiscardInput = {
  /** The event's id. */
  readonly eventId: Scalars['ID']['input'];
  /** The pipeline's id, for example `users-to-oracle`. */
  readonly pipeline: Scalars['ID']['input'];
  /** Why, for whoever asks later: 1 to 500 characters. Kept with the event. */
  readonly reason: Scalars['String']['input'];
};

/** What discarding came to. */
export type DiscardPayload = {
  readonly __typename?: 'DiscardPayload';
  /** The pipeline; null when refused. */
  readonly pipeline?: Maybe<SyncPipeline>;
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
  /** Gives a dead letter up for good. What waits behind it goes on; when nothing does, the target stays behind until the record's next change. For admins. Refuses with `PIPELINE_NOT_FOUND`, `PIPELINE_NOT_DRIVEN`, or `DEAD_LETTER_NOT_FOUND` also when it is a dead letter no more. */
  readonly discard?: Maybe<DiscardPayload>;
  /** Delivers a dead letter again, or all of a pipeline: due at once, with failures counted anew. What waits behind it follows in order. For admins. Refuses with `PIPELINE_NOT_FOUND`, `PIPELINE_NOT_DRIVEN`, or `DEAD_LETTER_NOT_FOUND` also when it is a dead letter no more. */
  readonly redeliver?: Maybe<RedeliverPayload>;
  /** Makes a pipeline look for work now, and try again at once what waits for its next attempt. For admins. Refuses with `PIPELINE_NOT_FOUND`, or `PIPELINE_NOT_DRIVEN` when the target takes its records by itself. */
  readonly triggerSync?: Maybe<TriggerSyncPayload>;
};


export type MutationDiscardArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: DiscardInput;
};


export type MutationRedeliverArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: RedeliverInput;
};


export type MutationTriggerSyncArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: TriggerSyncInput;
};

export type Order = {
  readonly __typename?: 'Order';
  readonly id: Scalars['ID']['output'];
  /** For each configured target, whether it holds this version of the order. For its owner and for admins. */
  readonly syncState?: Maybe<ReadonlyArray<RecordSync>>;
  readonly user: User;
  readonly version: Scalars['Int']['output'];
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

/** What a pipeline does. */
export type PipelineKind =
  /** Copies data to where it survives the system. */
  | 'BACKUP'
  /** Fetches records from another system. */
  | 'IMPORT'
  /** Copies each change of a service's records to a target. */
  | 'REPLICATION';

/** Whether a pipeline is at work. */
export type PipelineStatus =
  /** Source or target cannot be reached, dead letters wait for an admin, or an observed target has not told of a change for more than ten seconds; the rest goes on by itself. */
  | 'DEGRADED'
  /** Not configured. */
  | 'DISABLED'
  /** Has failed for more than five minutes without a success; when observed, has been silent for that long while changes wait. */
  | 'FAILED'
  /** The target lacks events that are no longer kept; it must be filled anew. */
  | 'NEEDS_BACKFILL'
  /** Stopped by an admin; goes on where it stopped. */
  | 'PAUSED'
  /** Keeps the target up to date. */
  | 'RUNNING';

export type Product = {
  readonly __typename?: 'Product';
  readonly id: Scalars['ID']['output'];
  /** For each configured target, whether it holds this version of the product. For admins; null for others. */
  readonly syncState?: Maybe<ReadonlyArray<RecordSync>>;
  readonly version: Scalars['Int']['output'];
};

export type Query = {
  readonly __typename?: 'Query';
  /** Events that a pipeline has given up and that wait for an admin, the longest given up first; null when there is no such pipeline, and when its target takes its records by itself and keeps its own. For admins. */
  readonly deadLetters?: Maybe<DeadLetterConnection>;
  /** How far this service's event log has come, and what of it lies beyond a position. For other services only. */
  readonly outboxStatus: OutboxStatus;
  /** One sync pipeline; null when there is none with this id. For admins. */
  readonly syncPipeline?: Maybe<SyncPipeline>;
  /** Every sync pipeline with its live status. For admins. */
  readonly syncPipelines?: Maybe<ReadonlyArray<SyncPipeline>>;
  /** Records that some target does not hold in their latest version, the longest waiting first. For admins. */
  readonly unsyncedRecords?: Maybe<RecordSyncConnection>;
};


export type QueryDeadLettersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  pipeline: Scalars['ID']['input'];
};


export type QueryOutboxStatusArgs = {
  after?: Scalars['Float']['input'];
};


export type QuerySyncPipelineArgs = {
  id: Scalars['ID']['input'];
};


export type QueryUnsyncedRecordsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  entity?: InputMaybe<SyncEntity>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** Whether one target holds one record in its latest version. */
export type RecordSync = {
  readonly __typename?: 'RecordSync';
  /** Attempts that sync has made for the latest version; 0 when the target takes its records by itself. */
  readonly attempts: Scalars['Int']['output'];
  /** The kind of record. */
  readonly entity: SyncEntity;
  /** Why the last attempt failed; null when it did not. */
  readonly lastError?: Maybe<Scalars['String']['output']>;
  /** When it is tried again; null when no attempt is waiting. */
  readonly nextAttemptAt?: Maybe<Scalars['DateTime']['output']>;
  /** The record, when it is an order. */
  readonly order?: Maybe<Order>;
  /** The record, when it is a product. */
  readonly product?: Maybe<Product>;
  /** The record's id. */
  readonly recordId: Scalars['ID']['output'];
  /** The latest version known at the source. */
  readonly sourceVersion: Scalars['Int']['output'];
  /** Where the latest version stands. */
  readonly state: RecordSyncState;
  /** The store that should hold it. */
  readonly target: Scalars['String']['output'];
  /** The version the target holds; null when it holds none. */
  readonly targetVersion?: Maybe<Scalars['Int']['output']>;
  /** The record, when it is a user. */
  readonly user?: Maybe<User>;
};

/** A page of sync states. */
export type RecordSyncConnection = {
  readonly __typename?: 'RecordSyncConnection';
  /** The states of the page with their cursors. */
  readonly edges: ReadonlyArray<RecordSyncEdge>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
};

/** A sync state in a list. */
export type RecordSyncEdge = {
  readonly __typename?: 'RecordSyncEdge';
  /** Hand it back as `after` for what follows. */
  readonly cursor: Scalars['String']['output'];
  /** The state. */
  readonly node: RecordSync;
};

/** Where a record's latest version stands at a target. */
export type RecordSyncState =
  /** The target holds it. */
  | 'APPLIED'
  /** Failed for good; waiting for an admin. */
  | 'DEAD_LETTERED'
  /** Given up for good by an admin; the target stays behind until the record's next change. */
  | 'DISCARDED'
  /** Being written. */
  | 'IN_FLIGHT'
  /** Not yet tried; or not yet told of by a target that takes its records by itself. */
  | 'PENDING'
  /** Failed, and waiting for the next attempt. */
  | 'RETRYING'
  /** The target holds something newer than the source has. */
  | 'SUPERSEDED';

/** What to deliver again: one dead letter, or all of a pipeline. */
export type RedeliverInput = {
  /** Instead of one: the thousand that were given up first. Call again, with a new key, while there are more. */
  readonly all?: InputMaybe<Scalars['Boolean']['input']>;
  /** The event's id; unless `all` is true. */
  readonly eventId?: InputMaybe<Scalars['ID']['input']>;
  /** The pipeline's id, for example `users-to-oracle`. */
  readonly pipeline: Scalars['ID']['input'];
};

/** What redelivering came to. */
export type RedeliverPayload = {
  readonly __typename?: 'RedeliverPayload';
  /** The pipeline; null when refused. */
  readonly pipeline?: Maybe<SyncPipeline>;
  /** How many dead letters are due again; null when refused. */
  readonly redelivered?: Maybe<Scalars['Int']['output']>;
  /** True when an earlier call with this key had the effect. */
  readonly replayed: Scalars['Boolean']['output'];
  /** Why it was refused; empty on success. */
  readonly userErrors: ReadonlyArray<UserError>;
};

export type Subscription = {
  readonly __typename?: 'Subscription';
  /** One event for each target as soon as it holds at least this version of the record, at once for those that already do; ends when all do. For the record's owner and admins. */
  readonly awaitSync: RecordSync;
  /** Each time a target has taken a record, refused it, or must be tried again, and when an admin has discarded what it refused. Customers get their own records, admins all. */
  readonly recordSynced: RecordSync;
  /** A pipeline's status: as it is now, then whenever it changes, at most twice a second. For admins. */
  readonly syncStatusChanged: SyncPipeline;
};


export type SubscriptionAwaitSyncArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  entity: SyncEntity;
  id: Scalars['ID']['input'];
  version: Scalars['Int']['input'];
};


export type SubscriptionRecordSyncedArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  entity?: InputMaybe<SyncEntity>;
  id?: InputMaybe<Scalars['ID']['input']>;
};


export type SubscriptionSyncStatusChangedArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  pipeline?: InputMaybe<Scalars['ID']['input']>;
};

/** Events of a pipeline, by what has become of them. `committed` is the sum of the others. */
export type SyncCounts = {
  readonly __typename?: 'SyncCounts';
  /** Taken by the target. */
  readonly applied: Scalars['Float']['output'];
  /** Committed at the source, ever; null when the source cannot be asked. */
  readonly committed?: Maybe<Scalars['Float']['output']>;
  /** Given up after the last attempt; the record waits for an admin. */
  readonly deadLettered: Scalars['Float']['output'];
  /** Given up for good by an admin. */
  readonly discarded: Scalars['Float']['output'];
  /** On their way; null when `committed` is. */
  readonly inFlight?: Maybe<Scalars['Float']['output']>;
  /** Not needed, because the target already held something newer. */
  readonly superseded: Scalars['Float']['output'];
};

/** Kinds of records that are replicated. */
export type SyncEntity =
  /** Orders of the order service. */
  | 'ORDER'
  /** Products of the inventory service. */
  | 'PRODUCT'
  /** Users of the user service. */
  | 'USER';

/** How far a target is behind its source. Never less than the truth a second ago. */
export type SyncLag = {
  readonly __typename?: 'SyncLag';
  /** When that change was made; null when the target lacks none. */
  readonly oldestUnsyncedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Records, or changes not yet received, that the target lacks, discarded ones included. */
  readonly records: Scalars['Int']['output'];
  /** Age in seconds of the oldest change that the target lacks; 0 when it lacks none. */
  readonly seconds: Scalars['Float']['output'];
};

/**
 * A stream of records between two stores, and how far it has come.
 *
 * Most pipelines are driven: sync takes each change to the target. The target of an observed pipeline (`users-to-notification`) takes its records by itself and tells what it holds; sync keeps the same account of it, and there is nothing to trigger.
 */
export type SyncPipeline = {
  readonly __typename?: 'SyncPipeline';
  /** What has become of all events. */
  readonly counts: SyncCounts;
  /** For example `users-to-oracle`. */
  readonly id: Scalars['ID']['output'];
  /** The longest wait, in seconds, before a target that could not be reached is tried again; 0 for an observed pipeline, where sync tries nothing. */
  readonly intervalSeconds: Scalars['Float']['output'];
  /** What it does. */
  readonly kind: PipelineKind;
  /** How far the target is behind; null when that is unknown because the source cannot be asked. */
  readonly lag?: Maybe<SyncLag>;
  /** The last failure while it lasts: until an attempt succeeds, or until the last dead letter is redelivered or discarded. */
  readonly lastError?: Maybe<Scalars['String']['output']>;
  /** When a record was last applied; null when none was yet. */
  readonly lastSyncedAt?: Maybe<Scalars['DateTime']['output']>;
  /** The service or system records come from. */
  readonly source: Scalars['String']['output'];
  /** Is it at work? */
  readonly status: PipelineStatus;
  /** The store they go to. */
  readonly target: Scalars['String']['output'];
  /** Records applied per second, over the last minute. */
  readonly throughput: Scalars['Float']['output'];
};

/** Which pipeline to trigger. */
export type TriggerSyncInput = {
  /** The pipeline's id, for example `users-to-oracle`. */
  readonly pipeline: Scalars['ID']['input'];
};

/** What triggering came to. */
export type TriggerSyncPayload = {
  readonly __typename?: 'TriggerSyncPayload';
  /** The pipeline; null when refused. */
  readonly pipeline?: Maybe<SyncPipeline>;
  /** True when an earlier call with this key had the effect. */
  readonly replayed: Scalars['Boolean']['output'];
  /** Why it was refused; empty on success. */
  readonly userErrors: ReadonlyArray<UserError>;
};

export type User = {
  readonly __typename?: 'User';
  readonly id: Scalars['ID']['output'];
  /** For each configured target, whether it holds this version of the user. For the user and for admins. */
  readonly syncState?: Maybe<ReadonlyArray<RecordSync>>;
  readonly version: Scalars['Int']['output'];
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
  /** No dead letter has this event id where it was looked for, or not any more: it may have been redelivered or discarded. */
  | 'DEAD_LETTER_NOT_FOUND'
  /** The pipeline's target takes its records by itself; sync only observes it. */
  | 'PIPELINE_NOT_DRIVEN'
  /** There is no such pipeline. */
  | 'PIPELINE_NOT_FOUND';



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
  Product: Product;
  SyncPipeline: SyncPipeline;
  User: User;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Order:
    ( { __typename: 'Order' }
    & GraphQLRecursivePick<FederationTypes['Order'], {"id":true}>
    & ( Record<PropertyKey, never>
        | GraphQLRecursivePick<FederationTypes['Order'], {"version":true,"user":{"id":true}}> ) );
  Product:
    ( { __typename: 'Product' }
    & GraphQLRecursivePick<FederationTypes['Product'], {"id":true}>
    & ( Record<PropertyKey, never>
        | GraphQLRecursivePick<FederationTypes['Product'], {"version":true}> ) );
  SyncPipeline:
    ( { __typename: 'SyncPipeline' }
    & GraphQLRecursivePick<FederationTypes['SyncPipeline'], {"id":true}> );
  User:
    ( { __typename: 'User' }
    & GraphQLRecursivePick<FederationTypes['User'], {"id":true}>
    & ( Record<PropertyKey, never>
        | GraphQLRecursivePick<FederationTypes['User'], {"version":true}> ) );
};



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DeadLetter: ResolverTypeWrapper<DeadLetter>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  DeadLetterConnection: ResolverTypeWrapper<DeadLetterConnection>;
  DeadLetterEdge: ResolverTypeWrapper<DeadLetterEdge>;
  DiscardInput: DiscardInput;
  DiscardPayload: ResolverTypeWrapper<Omit<DiscardPayload, 'pipeline'> & { pipeline?: Maybe<ResolversTypes['SyncPipeline']> }>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Money: ResolverTypeWrapper<Money>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Order: ResolverTypeWrapper<RecordReferenceRecord>;
  OutboxStatus: ResolverTypeWrapper<OutboxStatus>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  PipelineKind: PipelineKind;
  PipelineStatus: PipelineStatus;
  Product: ResolverTypeWrapper<RecordReferenceRecord>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RecordSync: ResolverTypeWrapper<RecordSyncRecord>;
  RecordSyncConnection: ResolverTypeWrapper<Omit<RecordSyncConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['RecordSyncEdge']> }>;
  RecordSyncEdge: ResolverTypeWrapper<Omit<RecordSyncEdge, 'node'> & { node: ResolversTypes['RecordSync'] }>;
  RecordSyncState: RecordSyncState;
  RedeliverInput: RedeliverInput;
  RedeliverPayload: ResolverTypeWrapper<Omit<RedeliverPayload, 'pipeline'> & { pipeline?: Maybe<ResolversTypes['SyncPipeline']> }>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  SyncCounts: ResolverTypeWrapper<SyncCounts>;
  SyncEntity: SyncEntity;
  SyncLag: ResolverTypeWrapper<SyncLag>;
  SyncPipeline: ResolverTypeWrapper<SyncPipeline>;
  TriggerSyncInput: TriggerSyncInput;
  TriggerSyncPayload: ResolverTypeWrapper<Omit<TriggerSyncPayload, 'pipeline'> & { pipeline?: Maybe<ResolversTypes['SyncPipeline']> }>;
  User: ResolverTypeWrapper<RecordReferenceRecord>;
  UserError: ResolverTypeWrapper<UserError>;
  UserErrorCode: UserErrorCode;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  DateTime: Scalars['DateTime']['output'];
  DeadLetter: DeadLetter;
  Int: Scalars['Int']['output'];
  String: Scalars['String']['output'];
  ID: Scalars['ID']['output'];
  DeadLetterConnection: DeadLetterConnection;
  DeadLetterEdge: DeadLetterEdge;
  DiscardInput: DiscardInput;
  DiscardPayload: Omit<DiscardPayload, 'pipeline'> & { pipeline?: Maybe<ResolversParentTypes['SyncPipeline']> };
  Boolean: Scalars['Boolean']['output'];
  Money: Money;
  Float: Scalars['Float']['output'];
  Mutation: Record<PropertyKey, never>;
  Order: RecordReferenceRecord;
  OutboxStatus: OutboxStatus;
  PageInfo: PageInfo;
  Product: RecordReferenceRecord;
  Query: Record<PropertyKey, never>;
  RecordSync: RecordSyncRecord;
  RecordSyncConnection: Omit<RecordSyncConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['RecordSyncEdge']> };
  RecordSyncEdge: Omit<RecordSyncEdge, 'node'> & { node: ResolversParentTypes['RecordSync'] };
  RedeliverInput: RedeliverInput;
  RedeliverPayload: Omit<RedeliverPayload, 'pipeline'> & { pipeline?: Maybe<ResolversParentTypes['SyncPipeline']> };
  Subscription: Record<PropertyKey, never>;
  SyncCounts: SyncCounts;
  SyncLag: SyncLag;
  SyncPipeline: SyncPipeline;
  TriggerSyncInput: TriggerSyncInput;
  TriggerSyncPayload: Omit<TriggerSyncPayload, 'pipeline'> & { pipeline?: Maybe<ResolversParentTypes['SyncPipeline']> };
  User: RecordReferenceRecord;
  UserError: UserError;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DeadLetterResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DeadLetter'] = ResolversParentTypes['DeadLetter']> = {
  attempts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  deadLetteredAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  entity?: Resolver<ResolversTypes['SyncEntity'], ParentType, ContextType>;
  error?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  eventId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  occurredAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  payload?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  recordId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  redeliveries?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  revision?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  type?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type DeadLetterConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DeadLetterConnection'] = ResolversParentTypes['DeadLetterConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['DeadLetterEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type DeadLetterEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DeadLetterEdge'] = ResolversParentTypes['DeadLetterEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['DeadLetter'], ParentType, ContextType>;
};

export type DiscardPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DiscardPayload'] = ResolversParentTypes['DiscardPayload']> = {
  pipeline?: Resolver<Maybe<ResolversTypes['SyncPipeline']>, ParentType, ContextType>;
  replayed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type MoneyResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Money'] = ResolversParentTypes['Money']> = {
  amount?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  currency?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  discard?: Resolver<Maybe<ResolversTypes['DiscardPayload']>, ParentType, ContextType, RequireFields<MutationDiscardArgs, 'idempotencyKey' | 'input'>>;
  redeliver?: Resolver<Maybe<ResolversTypes['RedeliverPayload']>, ParentType, ContextType, RequireFields<MutationRedeliverArgs, 'idempotencyKey' | 'input'>>;
  triggerSync?: Resolver<Maybe<ResolversTypes['TriggerSyncPayload']>, ParentType, ContextType, RequireFields<MutationTriggerSyncArgs, 'idempotencyKey' | 'input'>>;
};

export type OrderResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Order'] = ResolversParentTypes['Order'], FederationReferenceType extends FederationReferenceTypes['Order'] = FederationReferenceTypes['Order']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Order']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  syncState?: Resolver<Maybe<ReadonlyArray<ResolversTypes['RecordSync']>>, ParentType, ContextType>;
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
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  syncState?: Resolver<Maybe<ReadonlyArray<ResolversTypes['RecordSync']>>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  deadLetters?: Resolver<Maybe<ResolversTypes['DeadLetterConnection']>, ParentType, ContextType, RequireFields<QueryDeadLettersArgs, 'pipeline'>>;
  outboxStatus?: Resolver<ResolversTypes['OutboxStatus'], ParentType, ContextType, RequireFields<QueryOutboxStatusArgs, 'after'>>;
  syncPipeline?: Resolver<Maybe<ResolversTypes['SyncPipeline']>, ParentType, ContextType, RequireFields<QuerySyncPipelineArgs, 'id'>>;
  syncPipelines?: Resolver<Maybe<ReadonlyArray<ResolversTypes['SyncPipeline']>>, ParentType, ContextType>;
  unsyncedRecords?: Resolver<Maybe<ResolversTypes['RecordSyncConnection']>, ParentType, ContextType, Partial<QueryUnsyncedRecordsArgs>>;
};

export type RecordSyncResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RecordSync'] = ResolversParentTypes['RecordSync']> = {
  attempts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  entity?: Resolver<ResolversTypes['SyncEntity'], ParentType, ContextType>;
  lastError?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  nextAttemptAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  order?: Resolver<Maybe<ResolversTypes['Order']>, ParentType, ContextType>;
  product?: Resolver<Maybe<ResolversTypes['Product']>, ParentType, ContextType>;
  recordId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  sourceVersion?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  state?: Resolver<ResolversTypes['RecordSyncState'], ParentType, ContextType>;
  target?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  targetVersion?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
};

export type RecordSyncConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RecordSyncConnection'] = ResolversParentTypes['RecordSyncConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['RecordSyncEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type RecordSyncEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RecordSyncEdge'] = ResolversParentTypes['RecordSyncEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['RecordSync'], ParentType, ContextType>;
};

export type RedeliverPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RedeliverPayload'] = ResolversParentTypes['RedeliverPayload']> = {
  pipeline?: Resolver<Maybe<ResolversTypes['SyncPipeline']>, ParentType, ContextType>;
  redelivered?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  replayed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  awaitSync?: SubscriptionResolver<ResolversTypes['RecordSync'], "awaitSync", ParentType, ContextType, RequireFields<SubscriptionAwaitSyncArgs, 'entity' | 'id' | 'version'>>;
  recordSynced?: SubscriptionResolver<ResolversTypes['RecordSync'], "recordSynced", ParentType, ContextType, Partial<SubscriptionRecordSyncedArgs>>;
  syncStatusChanged?: SubscriptionResolver<ResolversTypes['SyncPipeline'], "syncStatusChanged", ParentType, ContextType, Partial<SubscriptionSyncStatusChangedArgs>>;
};

export type SyncCountsResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SyncCounts'] = ResolversParentTypes['SyncCounts']> = {
  applied?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  committed?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  deadLettered?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  discarded?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  inFlight?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  superseded?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type SyncLagResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SyncLag'] = ResolversParentTypes['SyncLag']> = {
  oldestUnsyncedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  records?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  seconds?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type SyncPipelineResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SyncPipeline'] = ResolversParentTypes['SyncPipeline'], FederationReferenceType extends FederationReferenceTypes['SyncPipeline'] = FederationReferenceTypes['SyncPipeline']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['SyncPipeline']> | FederationReferenceType, FederationReferenceType, ContextType>;
  counts?: Resolver<ResolversTypes['SyncCounts'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  intervalSeconds?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['PipelineKind'], ParentType, ContextType>;
  lag?: Resolver<Maybe<ResolversTypes['SyncLag']>, ParentType, ContextType>;
  lastError?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  lastSyncedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  source?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['PipelineStatus'], ParentType, ContextType>;
  target?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  throughput?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type TriggerSyncPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['TriggerSyncPayload'] = ResolversParentTypes['TriggerSyncPayload']> = {
  pipeline?: Resolver<Maybe<ResolversTypes['SyncPipeline']>, ParentType, ContextType>;
  replayed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type UserResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User'], FederationReferenceType extends FederationReferenceTypes['User'] = FederationReferenceTypes['User']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['User']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  syncState?: Resolver<Maybe<ReadonlyArray<ResolversTypes['RecordSync']>>, ParentType, ContextType>;
};

export type UserErrorResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = {
  code?: Resolver<ResolversTypes['UserErrorCode'], ParentType, ContextType>;
  field?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = RequestContext> = {
  DateTime?: GraphQLScalarType;
  DeadLetter?: DeadLetterResolvers<ContextType>;
  DeadLetterConnection?: DeadLetterConnectionResolvers<ContextType>;
  DeadLetterEdge?: DeadLetterEdgeResolvers<ContextType>;
  DiscardPayload?: DiscardPayloadResolvers<ContextType>;
  Money?: MoneyResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Order?: OrderResolvers<ContextType>;
  OutboxStatus?: OutboxStatusResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Product?: ProductResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  RecordSync?: RecordSyncResolvers<ContextType>;
  RecordSyncConnection?: RecordSyncConnectionResolvers<ContextType>;
  RecordSyncEdge?: RecordSyncEdgeResolvers<ContextType>;
  RedeliverPayload?: RedeliverPayloadResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  SyncCounts?: SyncCountsResolvers<ContextType>;
  SyncLag?: SyncLagResolvers<ContextType>;
  SyncPipeline?: SyncPipelineResolvers<ContextType>;
  TriggerSyncPayload?: TriggerSyncPayloadResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
};
