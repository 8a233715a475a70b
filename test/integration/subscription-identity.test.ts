import { afterAll, beforeAll, expect, test } from 'vitest';
import { openUpstream, type Upstream } from '#gateway/subscriptions/upstream.ts';
import { encodeCursor } from '#shared/events/cursor.ts';
import { serviceTokens } from '#shared/identity/tokens.ts';
import { register, type Customer } from '../support/customers.ts';
import { describeOnPostgres } from '../support/database.ts';
import { until } from '../support/poll.ts';
import { contextOf } from '../support/request-context.ts';
import { shareUpstream, type ShareKey } from '../support/shared-upstream.ts';
import { openSystem, type System } from '../support/system.ts';

const WATCH = 'subscription ($after: String) { notificationReceived(after: $after) { id } }';

describeOnPostgres('two customers who follow the same operation over one socket to the subgraph', () => {
  let system: System;
  let customers: readonly Customer[];
  beforeAll(async () => {
    system = await openSystem();
    customers = await Promise.all([register(system.client), register(system.client)]);
  });
  afterAll(() => system[Symbol.asyncDispose]());

  /** The welcome notification of each, as they see it in their lists. */
  const own = (): Promise<string[]> =>
    Promise.all(
      customers.map(({ client }) =>
        until(async (): Promise<string | undefined> => {
          const { notifications } = await client.ask('{ notifications { edges { node { id } } } }');
          return notifications.edges[0]?.node.id;
        }),
      ),
    );

  /** The first event that each is told, from the beginning. */
  async function told(upstream: Upstream): Promise<unknown[]> {
    const operation = { query: WATCH, variables: { after: encodeCursor('notification', 0) } };
    const first = async ({ token }: Customer): Promise<unknown> => {
      const context = contextOf({ authorization: `Bearer ${token}` });
      for await (const { data } of await upstream.subscribe(operation, context))
        return (data as { notificationReceived: { id: string } }).notificationReceived.id;
      return undefined;
    };
    return Promise.all(customers.map(first));
  }

  const open = (): Upstream => {
    const subgraph = { name: 'notification', url: `${system.notification.url}/graphql` };
    return openUpstream(subgraph, serviceTokens('gateway', system.keys.services.gateway));
  };
  const byOperation: ShareKey = ({ query, variables }) => JSON.stringify([query, variables]);

  test('are each told what is theirs', async () => {
    await using upstream = open();
    expect(await told(upstream)).toEqual(await own());
  });

  test('are each told what is theirs by an upstream that shares among those of one identity', async () => {
    const keyOf: ShareKey = (operation, context) => `${byOperation(operation, context)} ${context.authorization}`;
    await using upstream = shareUpstream(open(), keyOf);
    expect(await told(upstream)).toEqual(await own());
  });

  test('are seen to be mixed up by an upstream whose share key lacks the identity', async () => {
    await using upstream = shareUpstream(open(), byOperation);
    const [first] = await own();
    expect(await told(upstream)).toEqual([first, first]);
  });
});
