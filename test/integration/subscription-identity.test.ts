import { readFile } from 'node:fs/promises';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Executor } from '#gateway/execution/executor.ts';
import { SubscriptionEngine, type EngineOptions } from '#gateway/subscriptions/engine.ts';
import { subscriptionMetrics } from '#gateway/subscriptions/metrics.ts';
import { openUpstream } from '#gateway/subscriptions/upstream.ts';
import { buildSupergraph } from '#gateway/supergraph/supergraph.ts';
import { encodeCursor } from '#shared/events/cursor.ts';
import { serviceTokens } from '#shared/identity/tokens.ts';
import type { Viewer } from '#shared/identity/viewer.ts';
import { register, type Customer } from '../support/customers.ts';
import { describeOnPostgres } from '../support/database.ts';
import { until } from '../support/poll.ts';
import { projectRoot } from '../support/planted-tree.ts';
import { RecordingSink } from '../support/recording-sink.ts';
import { contextOf } from '../support/request-context.ts';
import { openSystem, type System } from '../support/system.ts';

const WATCH = 'subscription ($after: String) { notificationReceived(after: $after) { id } }';

const viewerOf = ({ id }: Customer): Viewer => {
  const expiresAt = new Date(Date.now() + 60_000);
  return { kind: 'user', id, role: 'CUSTOMER', expiresAt };
};

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

  /** The first event that each is told, from the beginning, by an engine that shares by this key. */
  async function told(shareKey?: EngineOptions['shareKey']): Promise<unknown[]> {
    const sdl = await readFile(`${projectRoot}/supergraph.graphql`, 'utf8');
    const supergraph = buildSupergraph(sdl, { notification: `${system.notification.url}/graphql` });
    const subgraph = supergraph.subgraphs.find(({ name }) => name === 'notification')!;
    const serviceToken = serviceTokens('gateway', system.keys.services.gateway);
    await using upstream = openUpstream({ subgraph, serviceToken });
    const engine = new SubscriptionEngine({
      serving: { supergraph, executor: new Executor(supergraph, {}), upstreams: { notification: upstream } },
      metrics: subscriptionMetrics(new Registry()),
      resumeWithinMs: 0,
      limits: { inAll: 10, perClient: 10 },
      ...(shareKey !== undefined && { shareKey }),
    });
    const document = supergraph.documents.read(WATCH);
    if (!('kind' in document)) throw new Error('the operation is not of this supergraph');
    const sinks = customers.map((customer) => {
      const sink = new RecordingSink();
      engine.subscribe(
        {
          document,
          operationName: undefined,
          variables: { after: encodeCursor('notification', 0) },
          context: contextOf({ authorization: `Bearer ${customer.token}`, viewer: viewerOf(customer) }),
          transport: 'graphql-ws',
          address: '127.0.0.1',
          checkpoints: false,
        },
        sink,
      );
      return sink;
    });
    const firsts = await Promise.all(sinks.map((sink) => sink.told(1)));
    engine.stop();
    return firsts.map(
      ([first]) => (first as { data: { notificationReceived: { id: string } } }).data.notificationReceived.id,
    );
  }

  test('are each told what is theirs', async () => {
    expect(await told()).toEqual(await own());
  });

  test('are seen to be mixed up by an engine whose share key lacks the identity', async () => {
    const [first] = await own();
    expect(await told((_request, { key }) => key)).toEqual([first, first]);
  });
});
