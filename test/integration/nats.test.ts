import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quietLog } from '#test/support/store.ts';
import { openNatsBus } from '#shared/events/nats-bus.ts';
import { hasPostgres } from '#test/support/database.ts';
import { currentNats, hasNats } from '#test/support/nats.ts';
import { startNatsServer, type NatsServer } from '#test/support/nats-server.ts';
import { until } from '#test/support/poll.ts';
import { register } from '#test/support/customers.ts';
import { openSystem, type System } from '#test/support/system.ts';

const describeOnBoth = hasPostgres && hasNats ? describe : describe.skip; // -- npm test passes where only Node and npm are; REQUIRE forbids the skip

const PLACE = `mutation Place($key: ID!) {
  placeOrder(input: { items: [{ productId: "PROD-001", quantity: 1 }] }, idempotencyKey: $key) {
    order { id status } userErrors { code }
  }
}`;
const COPIES = `query Copies($order: ID!) {
  me { syncState { target state } notifications { edges { node { template status } } } }
  order(id: $order) { status syncState { target state } }
}`;

interface Copies {
  readonly me: {
    readonly syncState: readonly { readonly target: string; readonly state: string }[];
    readonly notifications: { readonly edges: readonly { readonly node: { template: string; status: string } }[] };
  };
  readonly order: { readonly status: string; readonly syncState: readonly { target: string; state: string }[] };
}

describeOnBoth('a system whose bus is NATS', () => {
  let opened: AsyncDisposableStack;
  let server: NatsServer;
  let system: System;
  beforeAll(async () => {
    opened = new AsyncDisposableStack();
    server = opened.use(await startNatsServer(currentNats));
    system = opened.use(await openSystem({ natsUrl: server.url }));
  });
  afterAll(() => opened.disposeAsync());

  async function shop(): Promise<Copies> {
    const { client } = await register(system.client);
    const { placeOrder } = await client.ask<{ placeOrder: { order: { id: string } } }>(PLACE, { key: randomUUID() });
    return until(
      async () => {
        const copies = await client.ask<Copies>(COPIES, { order: placeOrder.order.id });
        const states = [...copies.me.syncState, ...copies.order.syncState];
        const sent = copies.me.notifications.edges.filter(({ node }) => node.status === 'SENT');
        return states.every(({ state }) => state === 'APPLIED') && sent.length === 2 && copies;
      },
      { what: 'everything copied and told' },
    );
  }

  const EVERYWHERE: Copies = {
    me: {
      syncState: expect.arrayContaining([
        { target: 'notification', state: 'APPLIED' },
        { target: 'oracle', state: 'APPLIED' },
      ]) as Copies['me']['syncState'],
      notifications: {
        edges: expect.arrayContaining([
          { node: { template: 'WELCOME', status: 'SENT' } },
          { node: { template: 'ORDER_CONFIRMED', status: 'SENT' } },
        ]) as Copies['me']['notifications']['edges'],
      },
    },
    order: { status: 'CONFIRMED', syncState: [{ target: 'oracle', state: 'APPLIED' }] },
  };

  test('takes a registration and an order to every copy, and tells the customer', async () => {
    expect(await shop()).toEqual(EVERYWHERE);
    await using bus = await openNatsBus({ url: server.url, name: 'probe', log: quietLog });
    expect(await bus.published('order')).toBeGreaterThan(0);
  });

  test('goes on by itself after the broker was killed', async () => {
    await server.stop('SIGKILL');
    const shopping = shop();
    await server.start();
    expect(await shopping).toEqual(EVERYWHERE);
  });
});
