import { callService, type ServiceClient } from '#shared/graphql/service-client.ts';

const USER = 'query KnownUser($id: ID!) { user(id: $id) { id } }';

/** Does the user service know this user? Rejects when it does not answer. */
export type IsUser = (userId: string) => Promise<boolean>;

/** Asks the user service over GraphQL, for the rare case that its event has not come here yet. */
export function askUserService(client: ServiceClient): IsUser {
  return async (id) => {
    const { user } = await callService<{ user: { id: string } | null }>(client, USER, { id });
    return user !== null;
  };
}
