import type DataLoader from 'dataloader';
import type { RequestContext } from '#shared/graphql/context.ts';
import { loaderPerRequest } from '#shared/graphql/loader.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { mayRead } from '#shared/identity/viewer.ts';
import type { Queryable } from '#shared/store/postgres.ts';
import { fullName, type User } from '../domain/user.ts';
import type { UserResolvers } from '../generated/resolver-types.ts';
import { findUsers } from '../store/users.ts';

export type UserLoader = (context: RequestContext) => DataLoader<string, User | null>;

export function userLoader(db: Queryable): UserLoader {
  return loaderPerRequest(
    (ids) => findUsers(db, ids),
    (user) => user.id,
  );
}

/** A user the viewer may see, or null: a foreign record and none look the same. */
export function visibleUser(users: UserLoader, context: RequestContext, id: string): Promise<User | null> {
  return mayRead(context.viewer, id) ? users(context).load(id.toLowerCase()) : Promise.resolve(null);
}

export function userFields(users: UserLoader): FieldResolvers<UserResolvers> {
  return {
    __resolveReference: ({ id }, context) => visibleUser(users, context, id),
    name: fullName,
  };
}
