import { connection, pageRequest } from '#shared/graphql/connection.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import { requireOperator } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import { filterInput } from '../domain/user-input.ts';
import type { QueryResolvers } from '../generated/resolver-types.ts';
import { listUsers } from '../store/users.ts';
import type { UserServices } from './services.ts';
import { visibleUser, type UserLoader } from './user.ts';

/** Users are listed by id: UUIDv7 ids follow time. */
const USER_ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

export function queries({ db }: UserServices, users: UserLoader): FieldResolvers<QueryResolvers> {
  return {
    me: (_, _arguments, context) =>
      context.viewer.kind === 'user' ? visibleUser(users, context, context.viewer.id) : null,
    user: (_, { id }, context) => visibleUser(users, context, id),
    users: async (_, { filter, ...page }, context) => {
      requireOperator(context.viewer);
      const request = pageRequest(page, USER_ID);
      const { search } = checkInput(filterInput, filter ?? {});
      return connection(await listUsers(db, { ...filter, search }, request), request, (user) => user.id);
    },
  };
}
