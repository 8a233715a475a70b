/** The words in which test/support/access-table.ts says who gets what. */

export const VIEWERS = ['anonymous', 'owner', 'other', 'admin', 'service'] as const;
export type ViewerName = (typeof VIEWERS)[number];

/** Something of that field; null without an error; nothing on a stream; or the code of an error or user error. */
export type Gets =
  'value' | 'null' | 'silence' | `${Uppercase<string>}_${Uppercase<string>}` | 'UNAUTHENTICATED' | 'FORBIDDEN';

/** An operation around the field; `FIELD` stands for it, and `path` leads to the object that has it. */
export interface Reach {
  readonly operation: string;
  readonly path: readonly (string | number)[];
}

export interface Row {
  readonly coordinate: string;
  readonly reach: Reach;
  readonly gets: Readonly<Record<ViewerName, Gets>>;
  /** What stands for `FIELD`: with arguments, and with a selection where it needs one. */
  readonly selection: string;
  /** Whoever reaches the field may find null there: it is not set just now. */
  readonly mayBeNull: boolean;
}

export const everyone = (gets: Gets): Row['gets'] => ({
  anonymous: gets,
  owner: gets,
  other: gets,
  admin: gets,
  service: gets,
});

export const EVERYONE = everyone('value');
/** A foreign record looks like none. */
export const OWNERS = { ...EVERYONE, anonymous: 'null', other: 'null' } as const;
export const OPERATORS = { ...EVERYONE, anonymous: 'UNAUTHENTICATED', owner: 'FORBIDDEN', other: 'FORBIDDEN' } as const;
export const ADMINS = { ...OPERATORS, service: 'FORBIDDEN' } as const;
export const CHANGERS = {
  ...EVERYONE,
  anonymous: 'UNAUTHENTICATED',
  other: 'USER_NOT_FOUND',
  service: 'USER_NOT_FOUND',
} as const;
/** A change that is refused has its payload, with a user error. */
export const CHANGED = { ...EVERYONE, anonymous: 'UNAUTHENTICATED' } as const;
export const FOLLOWERS = { ...EVERYONE, anonymous: 'UNAUTHENTICATED', other: 'silence' } as const;

export const SIGNED_IN = { ...EVERYONE, anonymous: 'UNAUTHENTICATED' } as const;
/** What belongs to no one, in a record that everyone sees. */
export const BACK_OFFICE = { ...EVERYONE, anonymous: 'null', owner: 'null', other: 'null' } as const;
export const CUSTOMERS = { ...SIGNED_IN, service: 'FORBIDDEN' } as const;
export const READERS = { ...SIGNED_IN, other: 'NOTIFICATION_NOT_FOUND', service: 'NOTIFICATION_NOT_FOUND' } as const;
export const CANCELLERS = {
  ...SIGNED_IN,
  other: 'ORDER_NOT_FOUND',
  service: 'ORDER_NOT_FOUND',
} as const;

export const QUERY: Reach = {
  operation: 'query ($id: ID!, $order: ID!, $placed: ID!, $failed: ID!, $notification: ID!) { FIELD }',
  path: [],
};
export const MUTATION: Reach = {
  operation:
    'mutation ($id: ID!, $key: ID!, $new: RegisterUserInput!, $login: LoginInput!, $taken: RegisterUserInput!, $confirmed: ID!, $notification: ID!) { FIELD }',
  path: [],
};
const SUBSCRIPTION: Reach = {
  operation: 'subscription ($id: ID!, $order: ID!, $cursor: String!) { FIELD }',
  path: [],
};

/** The reach of a type's fields through a field that another reach has. */
export function through(outer: Reach, field: string, ...path: (string | number)[]): Reach {
  return { operation: outer.operation.replace('FIELD', field), path: [...outer.path, ...path] };
}

export interface Fields {
  readonly reach: Reach;
  readonly gets: Row['gets'];
  /** By name; `''` needs no more than that, `?` may be null, anything else is what follows the name. */
  readonly fields: Readonly<Record<string, string>>;
}

export function rows(type: string, { reach, gets, fields }: Fields): Row[] {
  return Object.entries(fields).map(([name, more]) => ({
    coordinate: `${type}.${name}`,
    reach,
    gets,
    selection: more === '' || more === '?' ? name : `${name} ${more}`,
    mayBeNull: more === '?',
  }));
}

export function row(coordinate: string, selection: string, gets: Row['gets']): Row {
  const reach = { Query: QUERY, Mutation: MUTATION, Subscription: SUBSCRIPTION }[coordinate.split('.')[0] ?? ''];
  return { coordinate, reach: reach ?? QUERY, gets, selection, mayBeNull: false };
}

export const REFUSABLE = '{ userErrors { code } }';
export const PAYLOAD = { replayed: '', userErrors: '{ code }' };
export const ANY = '{ __typename }';

export const named = (...names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, '']));
export const CONNECTION = { edges: ANY, pageInfo: ANY };
export const EDGE = { node: ANY, cursor: '' };
