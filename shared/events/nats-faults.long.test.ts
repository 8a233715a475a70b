import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect } from '@nats-io/transport-node';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLink } from '#test/chaos/link.ts';
import { describeOnPostgres } from '#test/support/database.ts';
import { freePort } from '#test/support/free-port.ts';
import { describeOnNats } from '#test/support/nats.ts';
import { startNatsServer, type NatsServer } from '#test/support/nats-server.ts';
import { until } from '#test/support/poll.ts';
import { recordedLog } from '#test/support/recorded-log.ts';
import { openStore, quietLog } from '#test/support/store.ts';
import type { PositionedEvent } from '../cloud-event.ts';
import type { Database } from '../store/postgres.ts';
import { eventAt, eventsAt, Listener, upTo } from '../testing/bus-listener.ts';
import { TailLost, type Bus } from './bus.ts';
import { openNatsBus } from './nats-bus.ts';
import { startPublishing } from './publishing.ts';

/** Later than what others do next. */
const LATE_MS = 200;

describeOnNats('over NATS $version', (program) => {
  let opened: AsyncDisposableStack;
  let server: NatsServer;
  let bus: Bus;
  let listener: Listener;
  const open = async (log = quietLog): Promise<Bus> =>
    opened.use(await openNatsBus({ url: server.url, name: 'test', log }));
  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    server = opened.use(await startNatsServer(program));
    bus = await open();
    listener = new Listener();
  });
  afterEach(() => opened.disposeAsync());

  const stands = (durable: string, user: number): Promise<unknown> =>
    until(async () => (await bus.position(durable))['user'] === user, { what: `${durable} at ${user}` });
  /** What a ledger keeps: each event once, in the order in which it came first. */
  const kept = (heard: Listener): number[] => [...new Set(heard.positions())];

  test('a broker that is killed and comes back loses nothing and keeps the order', async () => {
    opened.use(await listener.subscribe(bus, 'listener'));
    for (let first = 1; first <= 300; first += 10) {
      const batch = eventsAt('user', first, first + 9);
      if (first % 100 === 51) {
        const killed = server.stop('SIGKILL').then(() => server.start());
        // Under way while the broker dies; whether it arrived is unknown.
        await bus.publish(batch).catch(() => undefined);
        await killed;
      }
      await until(async () => bus.publish(batch).then(() => true), { what: `${first} published` });
    }
    await stands('listener', 300);
    expect(kept(listener)).toEqual(upTo(300));
    const late = new Listener();
    opened.use(await late.subscribe(bus, 'late'));
    await stands('late', 300);
    expect(late.positions()).toEqual(upTo(300));
  });

  test('a holder of a durable that is paused or killed is replaced, and moves nothing when it goes on', async () => {
    const script = fileURLToPath(new URL('../testing/bus-holder.ts', import.meta.url));
    const holder = spawn(process.execPath, [script, server.url, 'shared'], { stdio: ['ignore', 'pipe', 'inherit'] });
    opened.defer(() => void holder.kill('SIGKILL'));
    const lines = createInterface(holder.stdout);
    const given = new Set<number>();
    lines.on('line', (line) => given.add(Number(line)));
    await bus.publish(eventsAt('user', 1, 20));
    await stands('shared', 20);
    opened.use(await listener.subscribe(bus, 'shared'));
    await bus.publish(eventsAt('user', 21, 40));
    await stands('shared', 40);
    expect(listener.heard).toEqual([]);
    holder.kill('SIGSTOP');
    await bus.publish(eventsAt('user', 41, 60));
    await stands('shared', 60);
    holder.kill('SIGCONT');
    await bus.publish(eventsAt('user', 61, 80));
    await stands('shared', 80);
    expect(kept(listener).slice(-40)).toEqual(upTo(80, 41));
    const ended = once(holder, 'exit');
    holder.kill('SIGKILL');
    await ended;
    await bus.publish(eventsAt('user', 81, 90));
    await stands('shared', 90);
    expect(kept(listener).slice(-50)).toEqual(upTo(90, 41));
  });

  test('what comes before its turn is refused with how far the log goes, and a gap is left only when it is said to be one', async () => {
    await expect(bus.publish(eventsAt('user', 5, 6))).rejects.toThrow(TailLost);
    await bus.publish(eventsAt('user', 1, 2));
    await expect(bus.publish(eventsAt('user', 4, 6))).rejects.toMatchObject({ position: 2 });
    opened.use(await listener.subscribe(bus, 'listener'));
    await stands('listener', 2);
    await bus.publish(eventsAt('user', 4, 6), { afterGap: true });
    await stands('listener', 6);
    expect(listener.positions()).toEqual([1, 2, 4, 5, 6]);
    await bus.rewind('listener', { user: 4 });
    await until(() => listener.positions().length === 7);
    expect(listener.positions().slice(5)).toEqual([5, 6]);
    expect(await bus.published('user')).toBe(6);
  });

  test('what two relays publish by turns is stored once, also the very first event', async () => {
    const buses = [bus, await open(), await open()];
    const events = eventsAt('user', 1, 30);
    await Promise.all(buses.map((relay) => relay.publish(events.slice(0, 1))));
    for (let at = 0; at < 30; at += 3) await buses[at % 2]!.publish(events.slice(at, at + 3));
    await buses[2]!.publish(events.slice(1, 9));
    opened.use(await listener.subscribe(bus, 'listener'));
    await stands('listener', 30);
    expect(listener.heard).toEqual(events);
  });

  test('a message of somebody else is passed over, and no event is taken for published because of it', async () => {
    opened.use(await listener.subscribe(bus, 'listener'));
    await bus.publish(eventsAt('user', 1, 3));
    await stands('listener', 3);
    const connection = await connect({ servers: server.url });
    await jetstream(connection).publish('user.created', 'hello');
    await expect(bus.publish(eventsAt('user', 4, 4))).rejects.toThrow('was not published by user');
    await (await jetstreamManager(connection)).streams.delete('events-user');
    await bus.publish([eventAt('user', 4)], { afterGap: true });
    await connection.close();
    await stands('listener', 4);
    expect(listener.positions()).toEqual(upTo(4));
  });

  test('a durable that has not read what is gone is said to need a backfill, and goes on behind it', async () => {
    const { log, lines } = recordedLog();
    const link = opened.use(
      await openLink({ name: 'NATS', port: await freePort(), servers: () => [Number(new URL(server.url).port)] }),
    );
    const recording = opened.use(await openNatsBus({ url: `nats://127.0.0.1:${link.port}`, name: 'test', log }));
    const reading = await listener.subscribe(recording, 'listener');
    await bus.publish(eventsAt('user', 1, 3));
    await stands('listener', 3);
    // What the reader says last must not arrive behind what others say next.
    link.delay(LATE_MS);
    await reading[Symbol.asyncDispose]();
    link.heal();
    await bus.publish(eventsAt('user', 4, 10));
    const connection = await connect({ servers: server.url });
    await (await jetstreamManager(connection)).streams.purge('events-user', { seq: 8 });
    await connection.close();
    opened.use(await listener.subscribe(recording, 'listener'));
    await stands('listener', 10);
    expect(listener.positions()).toEqual([1, 2, 3, 8, 9, 10]);
    const told = lines.filter(({ state }) => state === 'NEEDS_BACKFILL');
    expect(told).toEqual([
      expect.objectContaining({ level: 50, durable: 'listener', source: 'user', events: 4, from: 4 }),
    ]);
  });

  test('a log that begins anew behind forgotten events says which, and that they need a backfill', async () => {
    const { log, lines } = recordedLog();
    const recording = await open(log);
    await recording.publish(eventsAt('user', 1, 3));
    expect(lines.filter(({ state }) => state === 'NEEDS_BACKFILL')).toEqual([]);
    await recording.publish(eventsAt('user', 10, 11), { afterGap: true });
    const told = lines.filter(({ state }) => state === 'NEEDS_BACKFILL');
    expect(told).toEqual([expect.objectContaining({ level: 50, source: 'user', from: 4, to: 9 })]);
  });

  describeOnPostgres('with an outbox', () => {
    let db: Database;
    beforeEach(async () => {
      const store = opened.use(await openStore());
      ({ db } = store);
      opened.use(await listener.subscribe(bus, 'listener'));
      opened.use(await startPublishing({ source: 'user', postgres: store.postgres, bus, log: quietLog }));
    });
    const tell = (from: number, to: number): Promise<unknown> =>
      db.execute(sql`INSERT INTO outbox (event_id, type, subject, revision, data, occurred_at)
        SELECT gen_random_uuid(), 'user.created', n, 1, '{}', now() FROM generate_series(${from}::int, ${to}::int) AS n`);

    test('a lost tail is sent again, though there is nothing new to tell', async () => {
      await tell(1, 50);
      await stands('listener', 50);
      await server.stop('SIGTERM');
      await server.snapshot();
      await server.start();
      await tell(51, 120);
      await stands('listener', 120);
      await server.stop('SIGKILL');
      await server.restore();
      await server.start();
      const late = new Listener();
      opened.use(await late.subscribe(bus, 'late'));
      await stands('late', 120);
      expect(late.positions()).toEqual(upTo(120));
      await tell(121, 125);
      await stands('listener', 125);
      await stands('late', 125);
      expect(kept(listener)).toEqual(upTo(125));
      const ids = (events: readonly PositionedEvent[]): Set<string> => new Set(events.map(({ event }) => event.id));
      // Sent again as the same events: a ledger knows them by their ids.
      expect(ids(listener.heard)).toEqual(ids(late.heard));
    });

    test('positions that a restore has left out are passed over, also by a bus that lacks events before them', async () => {
      await tell(1, 3);
      await stands('listener', 3);
      await db.transaction(async (tx) => {
        await tx.execute(sql`INSERT INTO outbox (position, event_id, type, subject, revision, data, occurred_at)
          SELECT n, gen_random_uuid(), 'user.created', n, 1, '{}', now() FROM unnest(ARRAY[4, 101, 102]) AS n`);
        await tx.execute(sql`UPDATE service_state SET value = 100 WHERE name = 'relayed'`);
        await tx.execute(sql`UPDATE service_state SET value = 102 WHERE name = 'stamped'`);
      });
      await stands('listener', 102);
      await tell(103, 105);
      await stands('listener', 105);
      expect(kept(listener).filter((position) => position > 4)).toEqual(upTo(105, 101));
    });

    test('a lost store is filled with what the outbox still holds, at the same positions', async () => {
      await server.stop('SIGTERM');
      await server.snapshot();
      await server.start();
      await tell(1, 60);
      await stands('listener', 60);
      await db.execute(sql`DELETE FROM outbox WHERE position <= 20`);
      await server.stop('SIGKILL');
      await server.restore();
      await server.start();
      await until(async () => (await bus.published('user')) === 60);
      const late = new Listener();
      opened.use(await late.subscribe(bus, 'late'));
      await tell(61, 70);
      await stands('late', 70);
      await stands('listener', 70);
      expect(late.positions()).toEqual(upTo(70, 21));
      expect(kept(listener)).toEqual(upTo(70));
    });
  });
});
