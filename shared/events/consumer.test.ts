import { isDeepStrictEqual } from 'node:util';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase, describeOnPostgres } from '#test/support/database.ts';
import { userEvent } from '#test/support/events.ts';
import { until } from '#test/support/poll.ts';
import { recordedLog } from '#test/support/recorded-log.ts';
import { openStore, quietLog, type TestStore } from '#test/support/store.ts';
import type { CloudEvent, PositionedEvent } from '../cloud-event.ts';
import { openPostgres, transact } from '../store/postgres.ts';
import type { Bus, Subscription } from './bus.ts';
import { startConsumer, type ConsumerOptions } from './consumer.ts';
import { claim, eventLedger, expedite, receive, type LedgerEntry } from './ledger.ts';
import { openPostgresBus } from './postgres-bus.ts';

const DURABLE = 'users-of-test';
const SECOND = 1_000;
const nameOf = ({ subject, revision }: CloudEvent): string => `${subject}${revision}`;

describeOnPostgres('a consumer', () => {
  let opened: AsyncDisposableStack;
  let store: TestStore;
  let busUrl: string;
  let bus: Bus;
  let position: number;
  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    store = opened.use(await openStore());
    busUrl = opened.use(await createDatabase('bus')).url;
    bus = opened.use(await openPostgresBus({ url: busUrl, name: 'test', log: quietLog }));
    position = 0;
  });
  afterEach(() => opened.disposeAsync());

  type Given = Pick<ConsumerOptions, 'handle'> & Partial<ConsumerOptions>;
  const start = async (given: Given): Promise<Subscription> =>
    opened.use(
      await startConsumer({ durable: DURABLE, subjects: ['user.*'], db: store.db, bus, log: quietLog, ...given }),
    );
  const newEvents = (names: string): PositionedEvent[] =>
    names.split(' ').map((name) => {
      const [, id = '', version] = /^(.*?)(\d+)$/.exec(name) ?? [];
      return userEvent({ id, version: Number(version), position: (position += 1) });
    });
  const tell = (names: string): Promise<void> => bus.publish(newEvents(names));
  const rows = (): Promise<LedgerEntry[]> => store.db.select().from(eventLedger);
  async function states(): Promise<Record<string, string>> {
    return Object.fromEntries((await rows()).map(({ event, state }) => [nameOf(event), state]));
  }
  const untilStates = (wanted: Record<string, string>): Promise<unknown> =>
    until(async () => isDeepStrictEqual(await states(), wanted), { what: JSON.stringify(wanted) });
  const rowOf = async (name: string): Promise<LedgerEntry | undefined> =>
    (await rows()).find(({ event }) => nameOf(event) === name);

  /** Makes an event's waiting retries due, again and again, until the event is in this state. */
  async function hurry(consumer: Subscription, name: string, state: string): Promise<LedgerEntry> {
    return until(async () => {
      await transact(store.db, (tx) => expedite(tx, DURABLE, new Date()));
      consumer.wake();
      const row = await rowOf(name);
      return row?.state === state ? row : undefined;
    });
  }

  test('handles what the bus delivers, once, and what it has handled is applied', async () => {
    const handled: CloudEvent[] = [];
    await start({
      handle: async (event) => {
        handled.push(event);
      },
    });
    const events = newEvents('a1 b1 c1');
    await bus.publish(events);
    await untilStates({ a1: 'APPLIED', b1: 'APPLIED', c1: 'APPLIED' });
    expect(handled).toHaveLength(3);
    expect(handled).toEqual(expect.arrayContaining(events.map(({ event }) => event)));
    await bus.rewind(DURABLE, { user: 0 });
    await tell('d1');
    await until(async () => (await rowOf('d1'))?.state === 'APPLIED');
    expect(handled, 'though all came again').toHaveLength(4);
  });

  test('stores an event before the bus moves on, and handles it after that', async () => {
    const may = Promise.withResolvers<void>();
    await start({ handle: () => may.promise });
    await tell('a1');
    await until(async () => (await bus.position(DURABLE))['user'] === 1);
    await untilStates({ a1: 'IN_FLIGHT' });
    may.resolve();
    await untilStates({ a1: 'APPLIED' });
  });

  test('handles the events of one record one after the other and in order, those of others meanwhile', async () => {
    const begun: string[] = [];
    const may = Promise.withResolvers<void>();
    let atOnce = 0;
    await start({
      handle: async (event) => {
        begun.push(nameOf(event));
        if (event.subject !== 'a') return;
        atOnce += 1;
        expect(atOnce).toBe(1);
        if (event.revision === '1') await may.promise;
        atOnce -= 1;
      },
    });
    await tell('a1 a2 b1 a3 b2 c1');
    await untilStates({ a1: 'IN_FLIGHT', a2: 'PENDING', a3: 'PENDING', b1: 'APPLIED', b2: 'APPLIED', c1: 'APPLIED' });
    may.resolve();
    await until(async () => (await rowOf('a3'))?.state === 'APPLIED');
    const inOrder = (id: string): string[] => begun.filter((name) => name.startsWith(id));
    expect([inOrder('a'), inOrder('b'), inOrder('c')]).toEqual([['a1', 'a2', 'a3'], ['b1', 'b2'], ['c1']]);
    expect(await rows()).toMatchObject(Array.from({ length: 6 }, () => ({ state: 'APPLIED', failures: 0 })));
  });

  test('handles no more than its bound at once', async () => {
    let [running, most] = [0, 0];
    const may = Promise.withResolvers<void>();
    await start({
      handle: async () => {
        running += 1;
        most = Math.max(most, running);
        await may.promise;
        running -= 1;
      },
    });
    await tell(Array.from({ length: 30 }, (_, at) => `record-${at}-1`).join(' '));
    await until(() => running === 8);
    may.resolve();
    await until(async () => (await rows()).filter(({ state }) => state === 'APPLIED').length === 30);
    expect(most).toBe(8);
  });

  test('tries again what failed, and only its own record waits for that', async () => {
    let tries = 0;
    const { log, lines } = recordedLog();
    const consumer = await start({
      log,
      handle: async ({ subject }) => {
        if (subject !== 'a') return;
        tries += 1;
        if (tries < 3) throw new Error(`no ${tries}`);
      },
    });
    await tell('a1 a2 b1');
    await until(async () => (await rowOf('a1'))?.state === 'RETRYING');
    await tell('b2');
    await until(async () => (await rowOf('b2'))?.state === 'APPLIED');
    expect(await rowOf('a2')).toMatchObject({ state: 'PENDING', attempts: 0 });
    await hurry(consumer, 'a2', 'APPLIED');
    expect(await rowOf('a1')).toMatchObject({ state: 'APPLIED', attempts: 3, failures: 2 });
    expect(lines.filter(({ level }) => level >= 40)).toEqual([]);
  });

  test('gives up after the eighth failure, says so once, and holds back that record only', async () => {
    const { log, lines } = recordedLog();
    let tries = 0;
    const consumer = await start({
      log,
      // Not even a promise: what a handler throws at once is a failure like any other.
      handle: ({ subject }) => {
        if (subject !== 'a') return Promise.resolve();
        tries += 1;
        throw new Error('wrapped', { cause: new Error(`no ${tries}`) });
      },
    });
    await tell('a1 a2 b1');
    const dead = await hurry(consumer, 'a1', 'DEAD_LETTERED');
    expect(dead).toMatchObject({ failures: 8, attempts: 8, lastError: 'no 8' });
    expect(dead.settledAt).not.toBeNull();
    await tell('b2');
    await until(async () => (await rowOf('b2'))?.state === 'APPLIED');
    expect(await states()).toEqual({ a1: 'DEAD_LETTERED', a2: 'PENDING', b1: 'APPLIED', b2: 'APPLIED' });
    await until(() => lines.some(({ level }) => level === 50));
    expect(lines.filter(({ level }) => level >= 40)).toMatchObject([
      {
        level: 50,
        msg: 'event given up',
        durable: DURABLE,
        event: { id: dead.eventId, type: 'user.created', subject: 'a' },
        failures: 8,
        err: { message: expect.stringContaining('wrapped') as unknown },
      },
    ]);
    expect(tries).toBe(8);
  });

  test('waits without end for what is away, and that is no failure of the event', async () => {
    const { log, lines } = recordedLog();
    const gone = opened.use(openPostgres({ url: 'postgres://127.0.0.1:1/nowhere', name: 'gone', log: quietLog }));
    let away = true;
    let tries = 0;
    const consumer = await start({
      log,
      handle: async () => {
        tries += 1;
        await (away ? gone.db : store.db).execute(sql`SELECT 1`);
      },
    });
    await tell('a1 b1');
    await until(async () => {
      const row = await rowOf('a1');
      return row !== undefined && row.attempts > 3;
    });
    const waiting = await until(async () => (await rows()).find(({ state }) => state === 'RETRYING'));
    expect(waiting).toMatchObject({ failures: 0, lastError: expect.stringContaining('ECONNREFUSED') as unknown });
    expect(waiting.dueAt.getTime() - Date.now()).toBeLessThanOrEqual(5 * SECOND);
    expect(lines.filter(({ level }) => level >= 40)).toMatchObject([
      { level: 40, msg: 'events wait for what is away' },
    ]);
    away = false;
    consumer.wake();
    await untilStates({ a1: 'APPLIED', b1: 'APPLIED' });
    expect(await rows()).toMatchObject([{ failures: 0 }, { failures: 0 }]);
    expect(tries).toBeGreaterThan(4);
  });

  test('waits more than eight times for what is away', async () => {
    await transact(store.db, (tx) => receive(tx, DURABLE, newEvents('a1')));
    // As after many tries: the ninth must not be the last.
    await store.db.update(eventLedger).set({ attempts: 100 });
    await start({ handle: () => Promise.reject(Object.assign(new Error('away'), { code: 'ECONNREFUSED' })) });
    await until(async () => (await rowOf('a1'))?.state === 'RETRYING');
    expect(await rowOf('a1')).toMatchObject({ attempts: 101, failures: 0 });
  });

  test('may be told what counts as away', async () => {
    class StoreAway extends Error {}
    let away = true;
    await start({
      handle: () => (away ? Promise.reject(new StoreAway('away')) : Promise.resolve()),
      isUnreachable: (error) => error instanceof StoreAway,
    });
    await tell('a1');
    await until(async () => (await rowOf('a1'))?.state === 'RETRYING');
    away = false;
    await untilStates({ a1: 'APPLIED' });
    expect(await rowOf('a1')).toMatchObject({ failures: 0 });
  });

  test('handles again what a process had handled and could not say so any more, once the claim has lapsed', async () => {
    const lapses = new Date(Date.now() + SECOND);
    await transact(store.db, async (tx) => {
      await receive(tx, DURABLE, newEvents('a1 a2'));
      await claim(tx, { durable: DURABLE, limit: 1, now: new Date(), until: lapses });
    });
    const handledAt: [string, number][] = [];
    await start({
      handle: async (event) => {
        handledAt.push([nameOf(event), Date.now()]);
      },
    });
    await until(async () => (await rowOf('a2'))?.state === 'APPLIED');
    expect(handledAt.map(([name]) => name)).toEqual(['a1', 'a2']);
    expect(handledAt[0]?.[1]).toBeGreaterThanOrEqual(lapses.getTime());
    expect(await rowOf('a1')).toMatchObject({ state: 'APPLIED', attempts: 2 });
  });

  test('keeps its claim on what it works on for long', async () => {
    const may = Promise.withResolvers<void>();
    let begun = 0;
    const handle = async (): Promise<void> => {
      begun += 1;
      await may.promise;
    };
    await start({ handle });
    await start({ handle, db: store.another().db });
    await tell('a1');
    const first = await until(async () => {
      const row = await rowOf('a1');
      return row?.state === 'IN_FLIGHT' ? row : undefined;
    });
    await until(async () => {
      const row = await rowOf('a1');
      return row !== undefined && row.dueAt.getTime() > first.dueAt.getTime();
    });
    may.resolve();
    await untilStates({ a1: 'APPLIED' });
    expect(begun).toBe(1);
    expect(await rowOf('a1')).toMatchObject({ attempts: 1 });
  });

  test('shares the work of a durable with another, each event at one of them', async () => {
    const may = Promise.withResolvers<void>();
    const handler = (mine: string[]) => async (event: CloudEvent) => {
      mine.push(nameOf(event));
      await may.promise;
    };
    const [left, right]: [string[], string[]] = [[], []];
    const otherBus = opened.use(await openPostgresBus({ url: busUrl, name: 'other', log: quietLog }));
    await start({ handle: handler(left) });
    await start({ handle: handler(right), db: store.another().db, bus: otherBus });
    await tell(Array.from({ length: 40 }, (_, at) => `record-${at}-1`).join(' '));
    await until(() => left.length === 8 && right.length === 8);
    may.resolve();
    await until(async () => (await rows()).filter(({ state }) => state === 'APPLIED').length === 40);
    expect(new Set([...left, ...right]).size).toBe(40);
    expect(left.length + right.length).toBe(40);
  });

  test('closing waits for what runs, writes what came of it, and begins nothing more', async () => {
    const may = Promise.withResolvers<void>();
    const begun: string[] = [];
    const consumer = await start({
      handle: async (event) => {
        begun.push(nameOf(event));
        await may.promise;
      },
    });
    await tell('a1 a2');
    await until(() => begun.length === 1);
    let closed = false;
    const closing = consumer[Symbol.asyncDispose]().then(() => {
      closed = true;
    });
    await tell('b1');
    expect(await states()).toEqual({ a1: 'IN_FLIGHT', a2: 'PENDING' });
    expect(closed).toBe(false);
    may.resolve();
    await closing;
    expect(await states()).toEqual({ a1: 'APPLIED', a2: 'PENDING' });
    expect(begun).toEqual(['a1']);
  });
});
