import { randomUUID } from 'node:crypto';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quietLog } from '#test/support/store.ts';
import type { Report } from '#scripts/verify/report.ts';
import type { Sources } from '#scripts/verify/sources.ts';
import { verify, violationsIn } from '#scripts/verify/verify.ts';
import { openNatsBus } from '#shared/events/nats-bus.ts';
import { hasPostgres } from '#test/support/database.ts';
import { currentNats, hasNats } from '#test/support/nats.ts';
import { startNatsServer, type NatsServer } from '#test/support/nats-server.ts';
import { until } from '#test/support/poll.ts';
import { register } from '#test/support/customers.ts';
import { runVerify } from '#test/support/run-verify.ts';
import { openSystem, type System } from '#test/support/system.ts';

const describeOnBoth = hasPostgres && hasNats ? describe : describe.skip; // -- npm test passes where only Node and npm are; REQUIRE forbids the skip

/** Longer than an idle system ever needs. */
const WAIT_MS = 60_000;
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

  describe('is checked by npm run verify', () => {
    const named = (): Sources => ({ ...system, natsUrl: server.url });
    const check = (sources = named()): Promise<Report> => verify(sources, { waitMs: WAIT_MS });
    const accounted = (report: Report): Report['rows'][number] => report.rows[8]!;

    test('which finds nothing wrong, and has looked at the log of the bus', async () => {
      await shop();
      const report = await check();
      expect(violationsIn(report)).toEqual([]);
      expect(report.quiet).toBe(true);
      expect(accounted(report).left).toEqual([]);
      expect(accounted(report).looked['events on the bus']).toBeGreaterThan(10);
      const { bus: _, ...urls } = system.databaseUrls;
      const environment = Object.entries(urls).map(([name, url]) => [`${name.toUpperCase()}_DATABASE_URL`, url]);
      const told = await runVerify(['--wait', '60'], { ...Object.fromEntries(environment), NATS_URL: server.url });
      expect(told, told.output).toMatchObject({ code: 0, output: expect.stringContaining('events on the bus') });
    });

    test('which leaves no trace on the bus', async () => {
      const before = await standing();
      await check();
      expect(await standing()).toEqual(before);
    });

    test('which says so when it was not told where the bus is', async () => {
      const report = await check({ ...system, databaseUrls: { ...system.databaseUrls, bus: undefined } });
      expect(violationsIn(report)).toEqual([]);
      expect(accounted(report).left).toEqual(["the bus's own log, since no bus was named"]);
    });

    test('which tells of an event that a ledger lacks', async () => {
      const first = `durable = 'order-customers' AND source = 'user' AND position = 1`;
      await inOrder(`CREATE TABLE kept AS SELECT * FROM event_ledger WHERE ${first}`);
      await inOrder(`DELETE FROM event_ledger WHERE ${first}`);
      const told = violationsIn(await check());
      await inOrder('INSERT INTO event_ledger SELECT * FROM kept');
      expect(told).toEqual([
        expect.stringMatching(
          /^everything is accounted for: the ledger of order-customers lacks 1 of user, up to \d+ received$/u,
        ),
      ]);
      expect(violationsIn(await check())).toEqual([]);
    });

    test('which tells of an event that the bus lacks, and of one too many', async () => {
      await using stack = new AsyncDisposableStack();
      const connection = await connect({ servers: server.url });
      stack.defer(() => connection.close());
      await (await jetstreamManager(connection)).streams.deleteMessage('events-inventory', 1);
      expect(violationsIn(await check())).toEqual([
        expect.stringContaining('the bus has nothing at 1 of inventory, which told '),
      ]);
      await jetstream(connection).publish('order.strange', 'hello');
      // Durables that have read it already are said to have received more than they account for.
      expect(violationsIn(await check())).toContainEqual(
        expect.stringMatching(/the bus goes to \d+ of order, which relayed up to \d+$/u),
      );
    });

    /** What the server keeps of streams and whose consumers it has; a holder may begin another generation at any time. */
    async function standing(): Promise<unknown> {
      await using stack = new AsyncDisposableStack();
      const connection = await connect({ servers: server.url });
      stack.defer(() => connection.close());
      const manager = await jetstreamManager(connection);
      const streams: unknown[] = [];
      for await (const { config, state } of manager.streams.list()) {
        const durables = new Set<string>();
        for await (const { name } of manager.consumers.list(config.name)) durables.add(name.replace(/-\d+-\w+$/u, ''));
        const { consumer_count: _, ...kept } = state;
        streams.push({ config, kept, durables });
      }
      return streams;
    }

    async function inOrder(text: string): Promise<void> {
      const sql = postgres(system.databaseUrls.order, { max: 1, onnotice: () => {} });
      await sql.unsafe(text);
      await sql.end();
    }
  });
});
