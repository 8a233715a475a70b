// Made by `npm run codegen`, see codegen.config.ts: a change made here is lost.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { User as UserRecord } from '../domain/user.ts';
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

/** E-mail and password. */
export type LoginInput = {
  /** Without regard to case. */
  readonly email: Scalars['String']['input'];
  /** As given at registration. */
  readonly password: Scalars['String']['input'];
};

/** A session. */
export type LoginPayload = {
  readonly __typename?: 'LoginPayload';
  /** When the token ends, 15 minutes from now. */
  readonly expiresAt: Scalars['DateTime']['output'];
  /** Send it as `Authorization: Bearer <token>`. */
  readonly token: Scalars['String']['output'];
  /** Who logged in. */
  readonly user: User;
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
  /** Exchanges e-mail and password for an access token. `UNAUTHENTICATED` when they do not match, `FORBIDDEN` when the account is suspended. */
  readonly login: LoginPayload;
  /** Makes an account, and signs its owner in. Refuses with `EMAIL_TAKEN` or `MOBILE_TAKEN`. */
  readonly registerUser?: Maybe<RegisterUserPayload>;
  /** Activates or suspends a user. For admins. Refuses with `USER_NOT_FOUND`. */
  readonly setUserStatus?: Maybe<SetUserStatusPayload>;
  /** Changes what is given and keeps the rest. For the user and for admins. Refuses with `USER_NOT_FOUND`, `EMAIL_TAKEN` or `MOBILE_TAKEN`. */
  readonly updateUser?: Maybe<UpdateUserPayload>;
};


export type MutationLoginArgs = {
  input: LoginInput;
};


export type MutationRegisterUserArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: RegisterUserInput;
};


export type MutationSetUserStatusArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: SetUserStatusInput;
};


export type MutationUpdateUserArgs = {
  idempotencyKey: Scalars['ID']['input'];
  input: UpdateUserInput;
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

export type Query = {
  readonly __typename?: 'Query';
  /** The caller's own record; null for anonymous callers. */
  readonly me?: Maybe<User>;
  /** How far this service's event log has come, and what of it lies beyond a position. For other services only. */
  readonly outboxStatus: OutboxStatus;
  /** One user; null when there is none with this id, or when it is not the caller's to see. */
  readonly user?: Maybe<User>;
  /** All users, newest first. For admins. */
  readonly users?: Maybe<UserConnection>;
};


export type QueryOutboxStatusArgs = {
  after?: Scalars['Float']['input'];
};


export type QueryUserArgs = {
  id: Scalars['ID']['input'];
};


export type QueryUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<UserFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** A new account. */
export type RegisterUserInput = {
  /** At most 254 characters; unique without regard to case. */
  readonly email: Scalars['String']['input'];
  /** Given name, 1 to 100 characters. */
  readonly firstName: Scalars['String']['input'];
  /** Family name, 1 to 100 characters. */
  readonly lastName: Scalars['String']['input'];
  /** E.164, for example `+4915112345678`; unique. */
  readonly mobile?: InputMaybe<Scalars['String']['input']>;
  /** 8 to 200 characters. */
  readonly password: Scalars['String']['input'];
};

/** What registration came to. */
export type RegisterUserPayload = {
  readonly __typename?: 'RegisterUserPayload';
  /** True when an earlier call with this key had the effect. */
  readonly replayed: Scalars['Boolean']['output'];
  /** An access token for 15 minutes, minted anew in each answer and never stored; null when refused. */
  readonly token?: Maybe<Scalars['String']['output']>;
  /** The new user; null when refused. */
  readonly user?: Maybe<User>;
  /** Why it was refused; empty on success. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** A user's new status. */
export type SetUserStatusInput = {
  /** Whom. */
  readonly id: Scalars['ID']['input'];
  /** Which status. */
  readonly status: UserStatus;
};

/** What the change came to. */
export type SetUserStatusPayload = {
  readonly __typename?: 'SetUserStatusPayload';
  /** True when an earlier call with this key had the effect. */
  readonly replayed: Scalars['Boolean']['output'];
  /** The changed user; null when refused. */
  readonly user?: Maybe<User>;
  /** Why it was refused; empty on success. */
  readonly userErrors: ReadonlyArray<UserError>;
};

export type Subscription = {
  readonly __typename?: 'Subscription';
  /** The user's record after each change. For the user and for admins; an admin who names no id gets every user's. */
  readonly userChanged: User;
};


export type SubscriptionUserChangedArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  id?: InputMaybe<Scalars['ID']['input']>;
};

/** What to change of a user; what is left out stays. */
export type UpdateUserInput = {
  /** At most 254 characters; unique without regard to case. */
  readonly email?: InputMaybe<Scalars['String']['input']>;
  /** Given name, 1 to 100 characters. */
  readonly firstName?: InputMaybe<Scalars['String']['input']>;
  /** Whom. */
  readonly id: Scalars['ID']['input'];
  /** Family name, 1 to 100 characters. */
  readonly lastName?: InputMaybe<Scalars['String']['input']>;
  /** E.164, for example `+4915112345678`; unique. Null removes it. */
  readonly mobile?: InputMaybe<Scalars['String']['input']>;
};

/** What the change came to. */
export type UpdateUserPayload = {
  readonly __typename?: 'UpdateUserPayload';
  /** True when an earlier call with this key had the effect. */
  readonly replayed: Scalars['Boolean']['output'];
  /** The changed user; null when refused. */
  readonly user?: Maybe<User>;
  /** Why it was refused; empty on success. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Somebody with an account. Seen by that user, by admins and by services. */
export type User = {
  readonly __typename?: 'User';
  /** When they registered. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** Unique without regard to case. */
  readonly email: Scalars['String']['output'];
  /** Given name, 1 to 100 characters. */
  readonly firstName: Scalars['String']['output'];
  /** UUIDv7, given at registration. */
  readonly id: Scalars['ID']['output'];
  /** Family name, 1 to 100 characters. */
  readonly lastName: Scalars['String']['output'];
  /** E.164, for example `+4915112345678`; unique; null when none was given. */
  readonly mobile?: Maybe<Scalars['String']['output']>;
  /** First and last name. */
  readonly name: Scalars['String']['output'];
  /** What they may do. */
  readonly role: UserRole;
  /** May they log in? */
  readonly status: UserStatus;
  /** When the record last changed. */
  readonly updatedAt: Scalars['DateTime']['output'];
  /** 1 at registration, one more with every change. */
  readonly version: Scalars['Int']['output'];
};

/** A page of users. */
export type UserConnection = {
  readonly __typename?: 'UserConnection';
  /** The users of the page with their cursors. */
  readonly edges: ReadonlyArray<UserEdge>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
};

/** A user in a list. */
export type UserEdge = {
  readonly __typename?: 'UserEdge';
  /** Hand it back as `after` for what follows. */
  readonly cursor: Scalars['String']['output'];
  /** The user. */
  readonly node: User;
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
  /** Another user has this e-mail. */
  | 'EMAIL_TAKEN'
  /** Another user has this mobile number. */
  | 'MOBILE_TAKEN'
  /** There is no such user, or it is not the caller's to change. */
  | 'USER_NOT_FOUND';

/** Which users a list shows; all conditions must hold. */
export type UserFilter = {
  /** Only users with this role. */
  readonly role?: InputMaybe<UserRole>;
  /** Only users whose name or e-mail contains this, without regard to case; 1 to 100 characters. */
  readonly search?: InputMaybe<Scalars['String']['input']>;
  /** Only users with this status. */
  readonly status?: InputMaybe<UserStatus>;
};

/** What a user may do. */
export type UserRole =
  /** Sees everything, and runs the system. */
  | 'ADMIN'
  /** Sees and changes what is their own. */
  | 'CUSTOMER';

/** Whether a user may log in. */
export type UserStatus =
  /** May log in. */
  | 'ACTIVE'
  /** Made by an import and not yet confirmed; may log in. */
  | 'PENDING'
  /** May neither log in nor order. */
  | 'SUSPENDED';



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
  User: User;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  User:
    ( { __typename: 'User' }
    & GraphQLRecursivePick<FederationTypes['User'], {"id":true}> );
};



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  LoginInput: LoginInput;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  LoginPayload: ResolverTypeWrapper<Omit<LoginPayload, 'user'> & { user: ResolversTypes['User'] }>;
  Money: ResolverTypeWrapper<Money>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  OutboxStatus: ResolverTypeWrapper<OutboxStatus>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RegisterUserInput: RegisterUserInput;
  RegisterUserPayload: ResolverTypeWrapper<Omit<RegisterUserPayload, 'user'> & { user?: Maybe<ResolversTypes['User']> }>;
  SetUserStatusInput: SetUserStatusInput;
  SetUserStatusPayload: ResolverTypeWrapper<Omit<SetUserStatusPayload, 'user'> & { user?: Maybe<ResolversTypes['User']> }>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  UpdateUserInput: UpdateUserInput;
  UpdateUserPayload: ResolverTypeWrapper<Omit<UpdateUserPayload, 'user'> & { user?: Maybe<ResolversTypes['User']> }>;
  User: ResolverTypeWrapper<UserRecord>;
  UserConnection: ResolverTypeWrapper<Omit<UserConnection, 'edges'> & { edges: ReadonlyArray<ResolversTypes['UserEdge']> }>;
  UserEdge: ResolverTypeWrapper<Omit<UserEdge, 'node'> & { node: ResolversTypes['User'] }>;
  UserError: ResolverTypeWrapper<UserError>;
  UserErrorCode: UserErrorCode;
  UserFilter: UserFilter;
  UserRole: UserRole;
  UserStatus: UserStatus;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  DateTime: Scalars['DateTime']['output'];
  LoginInput: LoginInput;
  String: Scalars['String']['output'];
  LoginPayload: Omit<LoginPayload, 'user'> & { user: ResolversParentTypes['User'] };
  Money: Money;
  Float: Scalars['Float']['output'];
  Mutation: Record<PropertyKey, never>;
  ID: Scalars['ID']['output'];
  OutboxStatus: OutboxStatus;
  Int: Scalars['Int']['output'];
  PageInfo: PageInfo;
  Boolean: Scalars['Boolean']['output'];
  Query: Record<PropertyKey, never>;
  RegisterUserInput: RegisterUserInput;
  RegisterUserPayload: Omit<RegisterUserPayload, 'user'> & { user?: Maybe<ResolversParentTypes['User']> };
  SetUserStatusInput: SetUserStatusInput;
  SetUserStatusPayload: Omit<SetUserStatusPayload, 'user'> & { user?: Maybe<ResolversParentTypes['User']> };
  Subscription: Record<PropertyKey, never>;
  UpdateUserInput: UpdateUserInput;
  UpdateUserPayload: Omit<UpdateUserPayload, 'user'> & { user?: Maybe<ResolversParentTypes['User']> };
  User: UserRecord;
  UserConnection: Omit<UserConnection, 'edges'> & { edges: ReadonlyArray<ResolversParentTypes['UserEdge']> };
  UserEdge: Omit<UserEdge, 'node'> & { node: ResolversParentTypes['User'] };
  UserError: UserError;
  UserFilter: UserFilter;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type LoginPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['LoginPayload'] = ResolversParentTypes['LoginPayload']> = {
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  token?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type MoneyResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Money'] = ResolversParentTypes['Money']> = {
  amount?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  currency?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  login?: Resolver<ResolversTypes['LoginPayload'], ParentType, ContextType, RequireFields<MutationLoginArgs, 'input'>>;
  registerUser?: Resolver<Maybe<ResolversTypes['RegisterUserPayload']>, ParentType, ContextType, RequireFields<MutationRegisterUserArgs, 'idempotencyKey' | 'input'>>;
  setUserStatus?: Resolver<Maybe<ResolversTypes['SetUserStatusPayload']>, ParentType, ContextType, RequireFields<MutationSetUserStatusArgs, 'idempotencyKey' | 'input'>>;
  updateUser?: Resolver<Maybe<ResolversTypes['UpdateUserPayload']>, ParentType, ContextType, RequireFields<MutationUpdateUserArgs, 'idempotencyKey' | 'input'>>;
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
  me?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  outboxStatus?: Resolver<ResolversTypes['OutboxStatus'], ParentType, ContextType, RequireFields<QueryOutboxStatusArgs, 'after'>>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<QueryUserArgs, 'id'>>;
  users?: Resolver<Maybe<ResolversTypes['UserConnection']>, ParentType, ContextType, Partial<QueryUsersArgs>>;
};

export type RegisterUserPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RegisterUserPayload'] = ResolversParentTypes['RegisterUserPayload']> = {
  replayed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  token?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SetUserStatusPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SetUserStatusPayload'] = ResolversParentTypes['SetUserStatusPayload']> = {
  replayed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  userChanged?: SubscriptionResolver<ResolversTypes['User'], "userChanged", ParentType, ContextType, Partial<SubscriptionUserChangedArgs>>;
};

export type UpdateUserPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UpdateUserPayload'] = ResolversParentTypes['UpdateUserPayload']> = {
  replayed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  user?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type UserResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User'], FederationReferenceType extends FederationReferenceTypes['User'] = FederationReferenceTypes['User']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['User']> | FederationReferenceType, FederationReferenceType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  email?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  firstName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  lastName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  mobile?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  role?: Resolver<ResolversTypes['UserRole'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['UserStatus'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type UserConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UserConnection'] = ResolversParentTypes['UserConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['UserEdge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type UserEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UserEdge'] = ResolversParentTypes['UserEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type UserErrorResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = {
  code?: Resolver<ResolversTypes['UserErrorCode'], ParentType, ContextType>;
  field?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = RequestContext> = {
  DateTime?: GraphQLScalarType;
  LoginPayload?: LoginPayloadResolvers<ContextType>;
  Money?: MoneyResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  OutboxStatus?: OutboxStatusResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  RegisterUserPayload?: RegisterUserPayloadResolvers<ContextType>;
  SetUserStatusPayload?: SetUserStatusPayloadResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  UpdateUserPayload?: UpdateUserPayloadResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserConnection?: UserConnectionResolvers<ContextType>;
  UserEdge?: UserEdgeResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
};
