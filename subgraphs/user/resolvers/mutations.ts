import type { RequestContext } from '#shared/graphql/context.ts';
import { callerOf, payloadBase, recordAsItStands, type PayloadBase } from '#shared/graphql/payload.ts';
import type { FieldResolvers } from '#shared/graphql/resolver-map.ts';
import type { AccessToken } from '#shared/identity/tokens.ts';
import { logIn } from '../commands/log-in.ts';
import { registerUser } from '../commands/register-user.ts';
import { setUserStatus, updateUser } from '../commands/update-user.ts';
import type { User, UserErrorCode } from '../domain/user.ts';
import type { MutationResolvers } from '../generated/resolver-types.ts';
import type { UserServices } from './services.ts';
import type { UserLoader } from './user.ts';

interface MutationArguments {
  readonly input: unknown;
  readonly idempotencyKey: string;
}

interface UserPayload extends PayloadBase<UserErrorCode> {
  readonly user: User | null;
}

type UserCommand = typeof registerUser;

export function mutations(services: UserServices, users: UserLoader): FieldResolvers<MutationResolvers> {
  /** Gives the command, and answers with the user as it now stands: ids are frozen, entity fields are live. */
  async function carryOut(
    command: UserCommand,
    given: MutationArguments,
    context: RequestContext,
  ): Promise<UserPayload> {
    const answer = await command(services, given.input, callerOf(context, given.idempotencyKey));
    const user = await recordAsItStands(users(context), answer.outcome.data?.userId);
    return { ...payloadBase(answer, context), user };
  }

  /** A token for the answer, and a session for the rest of the operation. */
  async function openSession(user: User, context: RequestContext): Promise<AccessToken> {
    const session = await services.mintToken(user);
    context.session = session.token;
    return session;
  }

  return {
    registerUser: async (_, given, context) => {
      const payload = await carryOut(registerUser, given, context);
      const maySignIn = payload.user !== null && payload.user.status !== 'SUSPENDED';
      return { ...payload, token: maySignIn ? (await openSession(payload.user, context)).token : null };
    },
    updateUser: (_, given, context) => carryOut(updateUser, given, context),
    setUserStatus: (_, given, context) => carryOut(setUserStatus, given, context),
    login: async (_, { input }, context) => {
      const user = await logIn(services.db, input);
      context.replays.push(false);
      return { ...(await openSession(user, context)), user };
    },
  };
}
