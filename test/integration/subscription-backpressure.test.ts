import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { upTo } from '#shared/testing/bus-listener.ts';
import { numbersOf, openEngine, type TestEngine } from '../support/engine.ts';
import { cursorOf } from '../support/log-subgraph.ts';
import { until } from '../support/poll.ts';

const NUMBERS = 'subscription ($after: String) { told(after: $after) { number } }';
const REMARKS = 'subscription { told { number remark } }';
/** What the engine lets wait for one client (member.ts), and for the fields of one event (channel.ts). */
const LONGEST_QUEUE = 1_000;
const MOST_RECEIVED = 1_000;

describe('a client that does not read', () => {
  let system: TestEngine;
  beforeEach(async () => {
    system = await openEngine();
  });
  afterEach(() => system[Symbol.asyncDispose]());

  test('is given one result, and the others when it reads again, in their turn', async () => {
    const slow = system.subscribe(NUMBERS);
    slow.sink.takes = false;
    const quick = system.subscribe(NUMBERS);
    await system.live();
    system.log.tell(20);
    await quick.sink.told(20);
    expect(numbersOf(slow)).toEqual([1]);
    expect(await system.metric('lockstep_subscription_queue_length')).toEqual([
      { labels: { of: 'all' }, value: 19 },
      { labels: { of: 'slowest' }, value: 19 },
    ]);
    slow.subscription.drained();
    expect(numbersOf(slow)).toEqual([1, 2]);
    slow.sink.takes = true;
    slow.subscription.drained();
    slow.subscription.drained();
    expect(numbersOf(slow)).toEqual(upTo(20));
    system.log.tell();
    await slow.sink.told(21);
  });

  test('is closed with a reason and its cursor when too much waits for it; resumed from there it has missed nothing', async () => {
    const slow = system.subscribe(NUMBERS);
    const quick = Array.from({ length: 10 }, () => system.subscribe(NUMBERS));
    await system.live();
    system.log.tell(2);
    await slow.sink.told(2);
    slow.sink.takes = false;
    const all = LONGEST_QUEUE + 100;
    for (let told = 2; told < all; told += 100) {
      system.log.tell(Math.min(100, all - told));
      await Promise.all(quick.map(({ sink }) => sink.told(Math.min(told + 100, all))));
    }
    expect(slow.sink.ends).toMatchObject([
      {
        reason: 'slow',
        errors: [
          {
            message: expect.stringContaining(`after: "${cursorOf(3)}"`),
            extensions: { code: 'SLOW_CONSUMER', cursor: cursorOf(3) },
          },
        ],
      },
    ]);
    expect(numbersOf(slow)).toEqual([1, 2, 3]);
    for (const each of quick) expect(numbersOf(each)).toEqual(upTo(all));
    const resumed = system.subscribe(NUMBERS, { variables: { after: cursorOf(3) } });
    await resumed.sink.told(all - 3);
    expect(numbersOf(resumed)).toEqual(upTo(all, 4));
    expect(await system.metric('lockstep_subscription_ends_total')).toEqual([
      { labels: { reason: 'slow', transport: 'graphql-ws' }, value: 1 },
    ]);
  });

  test('is closed sooner when what waits for it is large', async () => {
    const slow = system.subscribe('subscription { told { text } }');
    slow.sink.takes = false;
    await system.live();
    system.log.tell(12, { text: 'x'.repeat(500_000) });
    await slow.sink.ended();
    expect(slow.sink.ends).toMatchObject([{ reason: 'slow' }]);
  });

  test('is waited for while it catches up: what it has missed is read as fast as it reads', async () => {
    const all = 5 * LONGEST_QUEUE;
    system.log.tell(all);
    const behind = system.subscribe(NUMBERS, { variables: { after: cursorOf(0) } });
    behind.sink.takes = false;
    await behind.sink.told(1);
    // It takes one at a time, and asks for the next when everything else that can happen has happened.
    await until(async () => {
      for (let at = 0; at < 100; at += 1) {
        behind.subscription.drained();
        await setImmediate();
      }
      return behind.sink.deliveries.length === all;
    });
    expect(numbersOf(behind)).toEqual(upTo(all));
    expect(system.log.asked).toBeGreaterThan(1);
    expect(behind.sink.ends).toEqual([]);
  });

  test('leaves behind nothing that waits for it', async () => {
    const slow = system.subscribe(NUMBERS);
    slow.sink.takes = false;
    const quick = system.subscribe(NUMBERS);
    await system.live();
    system.log.tell(5);
    await quick.sink.told(5);
    slow.subscription.leave();
    slow.subscription.drained();
    expect(numbersOf(slow)).toEqual([1]);
    expect(slow.sink.ends).toEqual([]);
    expect((await system.metric('lockstep_subscription_queue_length'))[0]).toMatchObject({ value: 0 });
  });
});

describe('fields of other subgraphs that are slow', () => {
  test('hold up no other subscription, and what comes meanwhile is left in the log and fetched later, nothing missed', async () => {
    await using system = await openEngine();
    const waiting = Promise.withResolvers<void>();
    system.remarks.delay = waiting.promise;
    const { sink } = system.subscribe(REMARKS);
    const other = system.subscribe(NUMBERS);
    await until(() => system.log.open === 2);
    const all = 2 * MOST_RECEIVED;
    for (let told = 0; told < all; told += 100) {
      system.log.tell(100);
      await other.sink.told(told + 100);
    }
    await until(() => system.log.open === 1, { what: 'the end of an upstream that nobody keeps up with' });
    expect(sink.deliveries).toEqual([]);
    system.remarks.delay = undefined;
    waiting.resolve();
    const results = await sink.told(all);
    expect(results.map(({ data }) => data)).toEqual(
      Array.from({ length: all }, (_, at) => ({
        told: { number: at + 1, remark: at === 12 ? null : `remark on e${at + 1}` },
      })),
    );
    expect(results[12]).toMatchObject({ errors: [{ path: ['told', 'remark'] }], extensions: { cursor: cursorOf(13) } });
    expect(sink.ends).toEqual([]);
  });

  test('are an error where what comes meanwhile cannot be had again', async () => {
    await using system = await openEngine();
    const waiting = Promise.withResolvers<void>();
    system.remarks.delay = waiting.promise;
    const { sink } = system.subscribe('subscription { whispered { number remark } }');
    await until(() => system.log.open === 1);
    system.log.tell(MOST_RECEIVED + 1);
    expect(await sink.ended()).toMatchObject({ reason: 'lost', errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
    waiting.resolve();
  });
});
