/** What every subgraph has from the shared runtime (see subgraph.ts). */
type FromRuntime = 'DateTime' | 'outboxStatus';

/** Does GraphQL find the field's value on its parent, under the field's name and in the field's type? */
type IsOnParent<Field, Name> =
  Extract<Field, (...args: never) => unknown> extends (parent: infer Parent, ...rest: never) => infer Result
    ? string extends keyof Parent
      ? false // A root type: nothing stands behind it.
      : Name extends keyof Parent
        ? [Parent[Name]] extends [Awaited<Result> | (null extends Awaited<Result> ? undefined : never)]
          ? true
          : false
        : false
    : false;

type NeededFields<Fields> = {
  [Name in keyof Fields]-?: IsOnParent<Fields[Name], Name> extends true ? never : Name;
}[keyof Fields];

/**
 * The resolvers of one type, made from its generated `…Resolvers`. The fields that its record does not answer by itself are required, so
 * that a field which is new in the schema, or which the record no longer has, is a type error until somebody answers it.
 */
export type FieldResolvers<Fields> = {
  [Name in Exclude<NeededFields<Fields>, FromRuntime>]-?: NonNullable<Fields[Name]>;
} & {
  [Name in Exclude<keyof Fields, NeededFields<Fields> | FromRuntime>]?: NonNullable<Fields[Name]>;
};

type NeededTypes<Types> = {
  [Name in keyof Types]-?: [Exclude<NeededFields<NonNullable<Types[Name]>>, FromRuntime>] extends [never]
    ? never
    : Name;
}[keyof Types];

/** The whole resolver map of a subgraph, made from its generated `Resolvers`: types with a field that needs a resolver are required. */
export type ResolverMap<Types> = {
  [Name in Exclude<NeededTypes<Types>, FromRuntime>]-?: FieldResolvers<NonNullable<Types[Name]>>;
} & {
  [Name in Exclude<keyof Types, NeededTypes<Types> | FromRuntime>]?: FieldResolvers<NonNullable<Types[Name]>>;
};
