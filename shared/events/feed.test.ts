import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase, describeOnPostgres } from '#test/support/database.ts';
import { until } from '#test/support/poll.ts';
import { newRandom } from '#test/support/seeded-random.ts';
import { openStore, quietLog, type TestStore } from '#test/support/store.ts';
import { transact } from '../store/postgres.ts';
import { readState } from '../store/service-state.ts';
import { cancellable } from '../stream.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { openFeed, type Feed, type FeedCheckpoint, type FeedEvent } from './feed.ts';
import { appendEvents } from './outbox.ts';
import { openPostgresBus } from './postgres-bus.ts';
import { startPublishing } from './publishing.ts';
import { stampOnce } from './stamper.ts';

const SOURCE = 'user';

describeOnPostgres('the feed', () => {
  let store: TestStore;
  let opened: AsyncDisposableStack;
  let feed: Feed;
  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    store = opened.use(await openStore());
    feed = await open();
  });
  afterEach(() => opened.disposeAsync());

  const open = async (): Promise<Feed> =>
    opened.use(await openFeed({ source: SOURCE, postgres: store.another(3), log: quietLog }));
  const follow = (from: Feed, after?: string): AsyncGenerator<FeedEvent> =>
    cancellable((signal) => eventsOf(from.follow({ after, signal })));
  const cursor = (position: number): string => encodeCursor(SOURCE, position);
  const positionOf = (event: FeedEvent): number => decodeCursor(SOURCE, event.cursor);
  /** Commits events of as many records, and gives them positions. */
  async function write(count = 1, occurredAt = new Date()): Promise<void> {
    const change = (): Parameters<typeof appendEvents>[1][number] => ({
      type: 'user.created',
      subject: randomUUID(),
      version: 1,
      data: {},
      occurredAt,
    });
    await transact(store.db, (tx) => appendEvents(tx, Array.from({ length: count }, change)));
    await stampOnce(store.db);
  }
  async function take(stream: AsyncGenerator<FeedEvent>, count: number): Promise<number[]> {
    const positions: number[] = [];
    while (positions.length < count) {
      const step = await stream.next();
      if (step.done === true) break;
      positions.push(positionOf(step.value));
    }
    return positions;
  }
  const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at);

  test('gives what comes from now on, once and in order, to every follower', async () => {
    await write(3);
    const latecomers = await open();
    const streams = [follow(latecomers), follow(latecomers)];
    const taking = streams.map((stream) => take(stream, 30));
    expect(latecomers.followers).toBe(2);
    for (let at = 0; at < 30; at += 1) await write();
    expect(await Promise.all(taking)).toEqual([upTo(33, 4), upTo(33, 4)]);
    await Promise.all(streams.map((stream) => stream.return(undefined)));
    expect(latecomers.followers).toBe(0);
  });

  test('resumes behind a cursor, and goes on live', async () => {
    await write(700);
    await using stream = follow(feed, cursor(5));
    expect(await take(stream, 695)).toEqual(upTo(700, 6));
    await write(2);
    expect(await take(stream, 2)).toEqual([701, 702]);
  });

  test('gives no event that a follower has had, though another replica was ahead of this one', async () => {
    await using stream = follow(feed, cursor(3));
    const taking = take(stream, 2);
    await write(5);
    expect(await taking).toEqual([4, 5]);
  });

  test('joins what is past and what is live without gap or repetition, wherever a follower comes in', async () => {
    const random = newRandom('feed');
    const last = 600;
    const replica = await open();
    let written = 0;
    const writing = (async () => {
      while (written < last) {
        const count = Math.min(last - written, 1 + Math.floor(random() * 6));
        await write(count);
        written += count;
      }
    })();
    const followers: Promise<void>[] = [];
    for (let at = 0; at < 24; at += 1) {
      await until(() => written >= (at * last) / 30);
      const from = Math.floor(random() * written);
      const stream = follow(at % 2 === 0 ? feed : replica, cursor(from));
      followers.push(
        take(stream, last - from).then(async (positions) => {
          expect(positions).toEqual(upTo(last, from + 1));
          await stream.return(undefined);
        }),
      );
    }
    await Promise.all([writing, ...followers]);
    expect([feed.followers, replica.followers]).toEqual([0, 0]);
  });

  test('shows two replicas the same', async () => {
    const replica = await open();
    const streams = [follow(feed), follow(replica)];
    const taking = streams.map((stream) => take(stream, 20));
    await Promise.all(Array.from({ length: 20 }, () => write()));
    const [here, there] = await Promise.all(taking);
    expect(here).toEqual(upTo(20));
    expect(there).toEqual(here);
  });

  test('lets a follower go at once, also when nothing ever comes', async () => {
    const streams = Array.from({ length: 20 }, () => follow(feed));
    const waiting = streams.map((stream) => stream.next());
    await until(() => feed.followers === 20);
    await Promise.all(streams.map((stream) => stream.return(undefined)));
    expect(await Promise.all(waiting)).toEqual(streams.map(() => ({ done: true, value: undefined })));
    expect(feed.followers).toBe(0);
    const never = follow(feed);
    await never.return(undefined);
    expect(await never.next()).toEqual({ done: true, value: undefined });
  });

  test('lets a follower go that stopped reading in the midst of what is past', async () => {
    await write(10);
    const stream = follow(feed, cursor(0));
    expect(await take(stream, 2)).toEqual([1, 2]);
    expect(feed.followers).toBe(1);
    await stream.return(undefined);
    expect(feed.followers).toBe(0);
  });

  test('that closes ends its followers with a reason to come back', async () => {
    const streams = [follow(feed), follow(feed)];
    const waiting = Promise.allSettled(streams.map((stream) => stream.next()));
    await until(() => feed.followers === 2);
    await feed[Symbol.asyncDispose]();
    for (const ended of await waiting) {
      expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'SUBGRAPH_UNAVAILABLE' } });
    }
    await expect(follow(feed).next()).rejects.toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });
    expect(feed.followers).toBe(0);
  });

  test.each(['', 'nonsense', '🐙', encodeCursor('order', 3), Buffer.from('user:-1').toString('base64url')])(
    'refuses a cursor that is none of its own: %s',
    async (after) => {
      await expect(follow(feed, after).next()).rejects.toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' });
      expect(feed.followers).toBe(0);
    },
  );

  test('refuses a cursor behind which events are forgotten, and serves the oldest that is kept', async () => {
    const longAgo = new Date(Date.now() - 73 * 60 * 60_000);
    await write(4, longAgo);
    await write(2);
    const { url } = opened.use(await createDatabase());
    const bus = opened.use(await openPostgresBus({ url, name: 'test', log: quietLog }));
    const publishing = { source: SOURCE, postgres: store.postgres, bus, log: quietLog };
    // The sweeper comes by when publishing starts: the relay must have done its part before.
    await (await startPublishing(publishing))[Symbol.asyncDispose]();
    await until(async () => {
      await using _publisher = await startPublishing(publishing);
      return await until(async () => (await readState(store.db, 'pruned')) === 4, { deadlineMs: 1_000 });
    });
    const expired = follow(feed, cursor(3));
    await expect(expired.next()).rejects.toMatchObject({ code: 'CURSOR_EXPIRED', field: 'after' });
    await using stream = follow(feed, cursor(4));
    expect(await take(stream, 2)).toEqual([5, 6]);
    expect(await store.db.execute(sql`SELECT count(*)::int AS kept FROM outbox`)).toEqual([{ kept: 2 }]);
  });

  test('tells where "now" is, once, behind what was missed and before what is live', async () => {
    await write(3);
    const told: string[] = [];
    const latecomers = await open();
    await using stream = cancellable((signal) => latecomers.follow({ after: cursor(1), signal }));
    const reading = (async (): Promise<void> => {
      for await (const { event, cursor: at } of stream) {
        told.push(`${event === undefined ? 'checkpoint' : 'event'} ${decodeCursor(SOURCE, at)}`);
        if (told.length === 4) return;
      }
    })();
    await until(() => told.length === 3);
    await write();
    await reading;
    expect(told).toEqual(['event 2', 'event 3', 'checkpoint 3', 'event 4']);
  });

  test('ends a follower that falls too far behind, which then misses nothing from its cursor on', async () => {
    const [slow, quick] = [follow(feed), follow(feed)];
    const first = slow.next();
    const quickly = take(quick, 1_700);
    await write();
    const seen = [positionOf((await first).value)];
    for (let round = 0; round < 3; round += 1) await write(566);
    await write();
    expect(await quickly).toEqual(upTo(1_700));
    const drain = async (): Promise<void> => {
      for await (const event of slow) seen.push(positionOf(event));
    };
    await expect(drain()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(seen).toEqual(upTo(seen.length));
    expect(seen.length).toBeLessThan(1_700);
    await using resumed = follow(feed, cursor(seen.length));
    expect(await take(resumed, 1_700 - seen.length)).toEqual(upTo(1_700, seen.length + 1));
    await quick.return(undefined);
    expect(feed.followers).toBe(1);
  });
});

async function* eventsOf(stream: AsyncIterable<FeedEvent | FeedCheckpoint>): AsyncGenerator<FeedEvent> {
  for await (const told of stream) if (told.event !== undefined) yield told;
}
