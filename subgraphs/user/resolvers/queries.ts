import { connection, pageRequest, type Connection, type PageArguments } from '#shared/graphql/connection.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import { requireOperator, type Role } from '#shared/identity/viewer.ts';
import { checkInput } from '#shared/input.ts';
import type { User, UserStatus } from '../domain/user.ts';
import { filterInput } from '../domain/user-input.ts';
import { listUsers } from '../store/users.ts';
import type { UserServices } from './services.ts';
import { visibleUser, type UserLoader } from './user.ts';

interface UsersArguments extends PageArguments {
  readonly filter?: { status?: UserStatus | null; role?: Role | null; search?: string | null } | null;
}

/** Users are listed by id: UUIDv7 ids follow time. */
const USER_ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

export function queries({ db }: UserServices, users: UserLoader): Record<string, unknown> {
  return {
    me: (_: unknown, _arguments: unknown, context: RequestContext) =>
      context.viewer.kind === 'user' ? visibleUser(users, context, context.viewer.id) : null,
    user: (_: unknown, { id }: { id: string }, context: RequestContext) => visibleUser(users, context, id),
    users: async (
      _: unknown,
      { filter, ...page }: UsersArguments,
      context: RequestContext,
    ): Promise<Connection<User>> => {
      requireOperator(context.viewer);
      const request = pageRequest(page, USER_ID);
      const { search } = checkInput(filterInput, filter ?? {});
      return connection(await listUsers(db, { ...filter, search }, request), request, (user) => user.id);
    },
  };
}
