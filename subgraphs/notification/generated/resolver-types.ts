// Made by `npm run codegen`, see codegen.config.ts: a change made here is lost.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { Notification as NotificationRecord } from '../domain/notification.ts';
import type { Profile as ProfileRecord, UserReference as UserReferenceRecord } from '../domain/profile.ts';
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

/** Which notification was read. */
export type MarkNotificationReadInput = {
  /** The notification's id. */
  readonly id: Scalars['ID']['input'];
};

/** What marking came to. */
export type MarkNotificationReadPayload = {
  readonly __typename?: 'MarkNotificationReadPayload';
  /** The notification as it now stands; null when refused. */
  readonly notification?: Maybe<Notification>;
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
  /** Gives a dead letter of the notification service up for good. What waits behind it goes on. For admins. Refuses with `DEAD_LETTER_NOT_FOUND`, also when it is a dead letter no more. */
  readonly discardNotificationDeadLetter?: Maybe<DiscardDeadLetterPayload>;
  /** Marks a notification as read; one that is read already stays so. For its user and for admins. Refuses with `NOTIFICATION_NOT_FOUND`. */
  readonly markNotificationRead?: Maybe<MarkNotificationReadPayload>;
  /** Lets the notification service handle a dead letter of its own again, or all: due at once, with failures counted anew. What waits behind it follows in order. For admins. Refuses with `DEAD_LETTER_NOT_FOUND`, also when it is a dead letter no more. */
  readonly redeliverNotificationDeadLetters?: Maybe<RedeliverDeadLettersPayload>;
  /** Sends a user a message. For admins. Refuses with `USER_NOT_FOUND`. */
  readonly sendNotification?: Maybe<SendNotificationPayload>;
};


export type MutationDiscardNotificationDeadLetterArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: DiscardDeadLetterInput;
};


export type MutationMarkNotificationReadArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: MarkNotificationReadInput;
};


export type MutationRedeliverNotificationDeadLettersArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: RedeliverDeadLettersInput;
};


export type MutationSendNotificationArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: SendNotificationInput;
};

/** A message to a user over one channel. Seen by its user, by admins and by services. */
export type Notification = {
  readonly __typename?: 'Notification';
  /** How often it was tried to hand it over; 1 at once in the app. */
  readonly attempts: Scalars['Int']['output'];
  /** Plain text. */
  readonly body: Scalars['String']['output'];
  /** How it reaches them. */
  readonly channel: NotificationChannel;
  /** When it was made. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** UUIDv5 of what caused it: one cause makes one notification. */
  readonly id: Scalars['ID']['output'];
  /** Why the last attempt failed; null when it did not. For admins; null for others. */
  readonly lastError?: Maybe<Scalars['String']['output']>;
  /** When it was read; null until then. */
  readonly readAt?: Maybe<Scalars['DateTime']['output']>;
  /** When it was handed over; null until then. */
  readonly sentAt?: Maybe<Scalars['DateTime']['output']>;
  /** Where it stands. */
  readonly status: NotificationStatus;
  /** One line. */
  readonly subject: Scalars['String']['output'];
  /** What it was made from. */
  readonly template: NotificationTemplate;
  /** When its status last changed. */
  readonly updatedAt: Scalars['DateTime']['output'];
  /** Whom it is for. */
  readonly user: User;
  /** 1 when it was made, one more with every change of its status. */
  readonly version: Scalars['Int']['output'];
};

/** How a notification reaches its user. */
export type NotificationChannel =
  /** By e-mail; delivered at least once, always with the same Message-ID. */
  | 'EMAIL'
  /** In the lists of this API, and live over `notificationReceived`. */
  | 'IN_APP';

/** A page of notifications. */
export type NotificationConnection = {
  readonly __typename?: 'NotificationConnection';
  /** The notifications of the page with their cursors. */
  readonly edges: ReadonlyArray<NotificationEdge>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
};

/** A notification in a list. */
export type NotificationEdge = {
  readonly __typename?: 'NotificationEdge';
  /** Hand it back as `after` for what follows. */
  readonly cursor: Scalars['String']['output'];
  /** The notification. */
  readonly node: Notification;
};

/** Which notifications a list shows. */
export type NotificationFilter = {
  /** Only notifications over this channel. */
  readonly channel?: InputMaybe<NotificationChannel>;
  /** Only notifications with this status. */
  readonly status?: InputMaybe<NotificationStatus>;
};

/** What the notification service keeps of a user: a copy, so that it works while the user service is down. */
export type NotificationProfile = {
  readonly __typename?: 'NotificationProfile';
  /** Where e-mails go. */
  readonly email: Scalars['String']['output'];
  /** E.164; null when there is none. */
  readonly mobile?: Maybe<Scalars['String']['output']>;
  /** First and last name. */
  readonly name: Scalars['String']['output'];
  /** When the user was last changed, as far as this copy knows. */
  readonly updatedAt: Scalars['DateTime']['output'];
  /** The user. */
  readonly user: User;
  /** The user's version that was copied. */
  readonly version: Scalars['Int']['output'];
};

/** A page of profiles. */
export type NotificationProfileConnection = {
  readonly __typename?: 'NotificationProfileConnection';
  /** The profiles of the page with their cursors. */
  readonly edges: ReadonlyArray<NotificationProfileEdge>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
};

/** A profile in a list. */
export type NotificationProfileEdge = {
  readonly __typename?: 'NotificationProfileEdge';
  /** Hand it back as `after` for what follows. */
  readonly cursor: Scalars['String']['output'];
  /** The profile. */
  readonly node: NotificationProfile;
};

/** Where a notification stands. */
export type NotificationStatus =
  /** Refused by the user's mail server, or tried for a day in vain. */
  | 'FAILED'
  /** On its way. */
  | 'PENDING'
  /** Read. */
  | 'READ'
  /** Handed over. */
  | 'SENT';

/** What a notification was made from. */
export type NotificationTemplate =
  /** Somebody has written it. */
  | 'MESSAGE'
  /** An order has been cancelled. */
  | 'ORDER_CANCELLED'
  /** An order has been confirmed. */
  | 'ORDER_CONFIRMED'
  /** An order could not be fulfilled. */
  | 'ORDER_FAILED'
  /** Somebody has registered. */
  | 'WELCOME';

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

export type Query = {
  readonly __typename?: 'Query';
  /** One notification; null when there is none with this id, or when it is not the caller's to see. */
  readonly notification?: Maybe<Notification>;
  /** Events that the notification service has given up and that wait for an admin, the longest given up first. For admins. */
  readonly notificationDeadLetters?: Maybe<ConsumerDeadLetterConnection>;
  /** What the notification service keeps of users, those of the newest users first. For admins. */
  readonly notificationProfiles?: Maybe<NotificationProfileConnection>;
  /** The caller's notifications, newest first; for admins everyone's. */
  readonly notifications?: Maybe<NotificationConnection>;
  /** How far this service's event log has come, and what of it lies beyond a position. For other services only. */
  readonly outboxStatus: OutboxStatus;
};


export type QueryNotificationArgs = {
  id: Scalars['ID']['input'];
};


export type QueryNotificationDeadLettersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryNotificationProfilesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


export type QueryNotificationsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<NotificationFilter>;
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

/** Whom to send what. */
export type SendNotificationInput = {
  /** Plain text, 1 to 10,000 characters. */
  readonly body: Scalars['String']['input'];
  /** Over which channel. */
  readonly channel: NotificationChannel;
  /** One line, 1 to 200 characters. */
  readonly subject: Scalars['String']['input'];
  /** The user's id. */
  readonly userId: Scalars['ID']['input'];
};

/** What sending came to. */
export type SendNotificationPayload = {
  readonly __typename?: 'SendNotificationPayload';
  /** The notification as it now stands; null when refused. */
  readonly notification?: Maybe<Notification>;
  /** True when an earlier call with this key had the effect. */
  readonly replayed: Scalars['Boolean']['output'];
  /** Why it was refused; empty on success. */
  readonly userErrors: ReadonlyArray<UserError>;
};

export type Subscription = {
  readonly __typename?: 'Subscription';
  /** Each notification that comes into the caller's list, as it was made; services get everyone's. */
  readonly notificationReceived: Notification;
};


export type SubscriptionNotificationReceivedArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
};

export type User = {
  readonly __typename?: 'User';
  readonly id: Scalars['ID']['output'];
  /** What the notification service keeps of the user; null until it has heard of them. For the user and for admins. */
  readonly notificationProfile?: Maybe<NotificationProfile>;
  /** The user's notifications, newest first. Waits up to 300 ms until the service has heard of this version of the user. For the user and for admins; null for others. */
  readonly notifications?: Maybe<NotificationConnection>;
  /** How many of the user's notifications are not read yet. For the user and for admins; null for others. */
  readonly unreadCount?: Maybe<Scalars['Int']['output']>;
  readonly version: Scalars['Int']['output'];
};


export type UserNotificationsArgs = {
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
  /** No dead letter has this event id where it was looked for, or not any more: it may have been redelivered or discarded. */
  | 'DEAD_LETTER_NOT_FOUND'
  /** There is no such notification, or it is not the caller's to change. */
  | 'NOTIFICATION_NOT_FOUND'
  /** There is no such user. */
  | 'USER_NOT_FOUND';



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
  Notification: Notification;
  User: User;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Notification:
    ( { __typename: 'Notification' }
    & GraphQLRecursivePick<FederationTypes['Notification'], {"id":true}> );
  User:
    ( { __typename: 'User' }
    & GraphQLRecursivePick<FederationTypes['User'], {"id":true}>
    & ( Record<PropertyKey, never>
        | GraphQLRecursivePick<FederationTypes['User'], {"version":true}>
        | GraphQLRecursivePick<FederationTypes['User'], {"version":true}>
        | GraphQLRecursivePick<FederationTypes['User'], {"version":true}>
        | GraphQLRecursivePick<FederationTypes['User'], {"version":true}>
        | GraphQLRecursivePick<FederationTypes['User'], {"version":true}>
        | GraphQLRecursivePick<FederationTypes['User'], {"version":true}>
        | GraphQLRecursivePick<FederationTypes['User'], {"version":true}> ) );
};



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  ConsumerDeadLetter: ResolverTypeWrapper<ConsumerDeadLetter>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  ConsumerDeadLetterConnection: ResolverTypeWrapper<ConsumerDeadLetterConnection>;
  ConsumerDeadLetterEdge: ResolverTypeWrapper<ConsumerDeadLetterEdge>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DiscardDeadLetterInput: DiscardDeadLetterInput;
  DiscardDeadLetterPayload: ResolverTypeWrapper<DiscardDeadLetterPayload>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  MarkNotificationReadInput: MarkNotificationReadInput;
  MarkNotificationReadPayload: ResolverTypeWrapper<Omit<MarkNotificationReadPayload, 'notification'> & { notification?: Maybe<ResolversTypes['Notification']> }>;
  Money: ResolverTypeWrapper<Money>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Notification: ResolverTypeWrapper<NotificationRecord>;
  NotificationChannel: NotificationChannel;
  NotificationConnection: ResolverTypeWrapper<Omit<NotificationConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['NotificationEdge']> }>;
  NotificationEdge: ResolverTypeWrapper<Omit<NotificationEdge, 'node'> & { node: ResolversTypes['Notification'] }>;
  NotificationFilter: NotificationFilter;
  NotificationProfile: ResolverTypeWrapper<ProfileRecord>;
  NotificationProfileConnection: ResolverTypeWrapper<Omit<NotificationProfileConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['NotificationProfileEdge']> }>;
  NotificationProfileEdge: ResolverTypeWrapper<Omit<NotificationProfileEdge, 'node'> & { node: ResolversTypes['NotificationProfile'] }>;
  NotificationStatus: NotificationStatus;
  NotificationTemplate: NotificationTemplate;
  OutboxStatus: ResolverTypeWrapper<OutboxStatus>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RedeliverDeadLettersInput: RedeliverDeadLettersInput;
  RedeliverDeadLettersPayload: ResolverTypeWrapper<RedeliverDeadLettersPayload>;
  SendNotificationInput: SendNotificationInput;
  SendNotificationPayload: ResolverTypeWrapper<Omit<SendNotificationPayload, 'notification'> & { notification?: Maybe<ResolversTypes['Notification']> }>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  User: ResolverTypeWrapper<UserReferenceRecord>;
  UserError: ResolverTypeWrapper<UserError>;
  UserErrorCode: UserErrorCode;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  ConsumerDeadLetter: ConsumerDeadLetter;
  Int: Scalars['Int']['output'];
  String: Scalars['String']['output'];
  ID: Scalars['ID']['output'];
  ConsumerDeadLetterConnection: ConsumerDeadLetterConnection;
  ConsumerDeadLetterEdge: ConsumerDeadLetterEdge;
  DateTime: Scalars['DateTime']['output'];
  DiscardDeadLetterInput: DiscardDeadLetterInput;
  DiscardDeadLetterPayload: DiscardDeadLetterPayload;
  Boolean: Scalars['Boolean']['output'];
  MarkNotificationReadInput: MarkNotificationReadInput;
  MarkNotificationReadPayload: Omit<MarkNotificationReadPayload, 'notification'> & { notification?: Maybe<ResolversParentTypes['Notification']> };
  Money: Money;
  Float: Scalars['Float']['output'];
  Mutation: Record<PropertyKey, never>;
  Notification: NotificationRecord;
  NotificationConnection: Omit<NotificationConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['NotificationEdge']> };
  NotificationEdge: Omit<NotificationEdge, 'node'> & { node: ResolversParentTypes['Notification'] };
  NotificationFilter: NotificationFilter;
  NotificationProfile: ProfileRecord;
  NotificationProfileConnection: Omit<NotificationProfileConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['NotificationProfileEdge']> };
  NotificationProfileEdge: Omit<NotificationProfileEdge, 'node'> & { node: ResolversParentTypes['NotificationProfile'] };
  OutboxStatus: OutboxStatus;
  PageInfo: PageInfo;
  Query: Record<PropertyKey, never>;
  RedeliverDeadLettersInput: RedeliverDeadLettersInput;
  RedeliverDeadLettersPayload: RedeliverDeadLettersPayload;
  SendNotificationInput: SendNotificationInput;
  SendNotificationPayload: Omit<SendNotificationPayload, 'notification'> & { notification?: Maybe<ResolversParentTypes['Notification']> };
  Subscription: Record<PropertyKey, never>;
  User: UserReferenceRecord;
  UserError: UserError;
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

export type MarkNotificationReadPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['MarkNotificationReadPayload'] = ResolversParentTypes['MarkNotificationReadPayload']> = {
  notification?: Resolver<Maybe<ResolversTypes['Notification']>, ParentType, ContextType>;
  replayed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type MoneyResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Money'] = ResolversParentTypes['Money']> = {
  amount?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  currency?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  discardNotificationDeadLetter?: Resolver<Maybe<ResolversTypes['DiscardDeadLetterPayload']>, ParentType, ContextType, RequireFields<MutationDiscardNotificationDeadLetterArgs, 'idempotencyKey' | 'input'>>;
  markNotificationRead?: Resolver<Maybe<ResolversTypes['MarkNotificationReadPayload']>, ParentType, ContextType, RequireFields<MutationMarkNotificationReadArgs, 'idempotencyKey' | 'input'>>;
  redeliverNotificationDeadLetters?: Resolver<Maybe<ResolversTypes['RedeliverDeadLettersPayload']>, ParentType, ContextType, RequireFields<MutationRedeliverNotificationDeadLettersArgs, 'idempotencyKey' | 'input'>>;
  sendNotification?: Resolver<Maybe<ResolversTypes['SendNotificationPayload']>, ParentType, ContextType, RequireFields<MutationSendNotificationArgs, 'idempotencyKey' | 'input'>>;
};

export type NotificationResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Notification'] = ResolversParentTypes['Notification'], FederationReferenceType extends FederationReferenceTypes['Notification'] = FederationReferenceTypes['Notification']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Notification']> | FederationReferenceType, FederationReferenceType, ContextType>;
  attempts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  body?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  channel?: Resolver<ResolversTypes['NotificationChannel'], ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  lastError?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  readAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  sentAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['NotificationStatus'], ParentType, ContextType>;
  subject?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  template?: Resolver<ResolversTypes['NotificationTemplate'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type NotificationConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['NotificationConnection'] = ResolversParentTypes['NotificationConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['NotificationEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type NotificationEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['NotificationEdge'] = ResolversParentTypes['NotificationEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Notification'], ParentType, ContextType>;
};

export type NotificationProfileResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['NotificationProfile'] = ResolversParentTypes['NotificationProfile']> = {
  email?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  mobile?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type NotificationProfileConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['NotificationProfileConnection'] = ResolversParentTypes['NotificationProfileConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['NotificationProfileEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type NotificationProfileEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['NotificationProfileEdge'] = ResolversParentTypes['NotificationProfileEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['NotificationProfile'], ParentType, ContextType>;
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

export type QueryResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  notification?: Resolver<Maybe<ResolversTypes['Notification']>, ParentType, ContextType, RequireFields<QueryNotificationArgs, 'id'>>;
  notificationDeadLetters?: Resolver<Maybe<ResolversTypes['ConsumerDeadLetterConnection']>, ParentType, ContextType, Partial<QueryNotificationDeadLettersArgs>>;
  notificationProfiles?: Resolver<Maybe<ResolversTypes['NotificationProfileConnection']>, ParentType, ContextType, Partial<QueryNotificationProfilesArgs>>;
  notifications?: Resolver<Maybe<ResolversTypes['NotificationConnection']>, ParentType, ContextType, Partial<QueryNotificationsArgs>>;
  outboxStatus?: Resolver<ResolversTypes['OutboxStatus'], ParentType, ContextType, RequireFields<QueryOutboxStatusArgs, 'after'>>;
};

export type RedeliverDeadLettersPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RedeliverDeadLettersPayload'] = ResolversParentTypes['RedeliverDeadLettersPayload']> = {
  redelivered?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  replayed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SendNotificationPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SendNotificationPayload'] = ResolversParentTypes['SendNotificationPayload']> = {
  notification?: Resolver<Maybe<ResolversTypes['Notification']>, ParentType, ContextType>;
  replayed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  notificationReceived?: SubscriptionResolver<ResolversTypes['Notification'], "notificationReceived", ParentType, ContextType, Partial<SubscriptionNotificationReceivedArgs>>;
};

export type UserResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User'], FederationReferenceType extends FederationReferenceTypes['User'] = FederationReferenceTypes['User']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['User']> | FederationReferenceType, FederationReferenceType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  notificationProfile?: Resolver<Maybe<ResolversTypes['NotificationProfile']>, ParentType, ContextType>;
  notifications?: Resolver<Maybe<ResolversTypes['NotificationConnection']>, ParentType, ContextType, Partial<UserNotificationsArgs>>;
  unreadCount?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type UserErrorResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = {
  code?: Resolver<ResolversTypes['UserErrorCode'], ParentType, ContextType>;
  field?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = RequestContext> = {
  ConsumerDeadLetter?: ConsumerDeadLetterResolvers<ContextType>;
  ConsumerDeadLetterConnection?: ConsumerDeadLetterConnectionResolvers<ContextType>;
  ConsumerDeadLetterEdge?: ConsumerDeadLetterEdgeResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DiscardDeadLetterPayload?: DiscardDeadLetterPayloadResolvers<ContextType>;
  MarkNotificationReadPayload?: MarkNotificationReadPayloadResolvers<ContextType>;
  Money?: MoneyResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Notification?: NotificationResolvers<ContextType>;
  NotificationConnection?: NotificationConnectionResolvers<ContextType>;
  NotificationEdge?: NotificationEdgeResolvers<ContextType>;
  NotificationProfile?: NotificationProfileResolvers<ContextType>;
  NotificationProfileConnection?: NotificationProfileConnectionResolvers<ContextType>;
  NotificationProfileEdge?: NotificationProfileEdgeResolvers<ContextType>;
  OutboxStatus?: OutboxStatusResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  RedeliverDeadLettersPayload?: RedeliverDeadLettersPayloadResolvers<ContextType>;
  SendNotificationPayload?: SendNotificationPayloadResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
};
