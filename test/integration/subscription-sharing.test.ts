import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { upTo } from '#shared/testing/bus-listener.ts';
import { numbersOf, openEngine, signedIn, type TestEngine, type TestSubscription } from '../support/engine.ts';
import { cursorOf } from '../support/log-subgraph.ts';
import { until } from '../support/poll.ts';

const NUMBERS = 'subscription { told { number } }';
const REMARKS = 'subscription { told { number remark reader } }';

describe('subscriptions of one operation and identity', () => {
  let system: TestEngine;
  beforeEach(async () => {
    system = await openEngine();
  });
  afterEach(() => system[Symbol.asyncDispose]());

  const many = (count: number, query = NUMBERS): TestSubscription[] =>
    Array.from({ length: count }, () => system.subscribe(query));

  test('are one at the subgraph, and each is told each event once and in its turn', async () => {
    const subscribed = many(1_000);
    await system.live();
    system.log.tell(50);
    await Promise.all(subscribed.map(({ sink }) => sink.told(50)));
    for (const each of subscribed) expect(numbersOf(each)).toEqual(upTo(50));
    expect([system.log.asked, system.log.sockets]).toEqual([1, 1]);
  });

  test('have the fields of other subgraphs fetched once for each event, and are given the very same bytes', async () => {
    const subscribed = many(100, REMARKS);
    await system.live();
    system.log.tell(5);
    await Promise.all(subscribed.map(({ sink }) => sink.told(5)));
    expect(system.remarks.asked).toBe(5);
    const [first] = subscribed;
    expect(first!.sink.results[0]).toEqual({
      data: { told: { number: 1, remark: 'remark on e1', reader: 'nobody' } },
      extensions: { cursor: cursorOf(1) },
    });
    const framing = (json: string): string => `data: ${json}`;
    const frames = subscribed.map(({ sink }) => sink.deliveries[4]!.framed(framing));
    for (const frame of frames) expect(frame).toBe(frames[0]);
  });

  test('are the same however they are written, when they ask the same', async () => {
    system.subscribe('subscription { told { number } }');
    system.subscribe('subscription {\n  told {\n    number }}');
    system.subscribe('subscription ($after: String) { told(after: $after) { number } }');
    await system.live();
    system.subscribe('subscription { told { number id } }');
    system.subscribe('subscription { told(atLeast: 1) { number } }');
    await system.live(3);
    expect(system.log.asked).toBe(3);
  });

  test('with other variables are others, also where only the rest uses them', async () => {
    const asking =
      'subscription ($atLeast: Int, $all: Boolean!) { told(atLeast: $atLeast) { number remark @include(if: $all) } }';
    for (const variables of [
      { atLeast: 1, all: true },
      { atLeast: 2, all: true },
      { atLeast: 2, all: false },
      { atLeast: 2, all: false },
    ]) {
      system.subscribe(asking, { variables });
    }
    await system.live(3);
    expect(await system.metric('lockstep_subscription_sharing_ratio')).toEqual([{ labels: {}, value: 4 / 3 }]);
  });

  test('end at the subgraph with the last of them, and not before', async () => {
    const [first, ...others] = many(3);
    await system.live();
    first!.subscription.leave();
    first!.subscription.leave();
    system.log.tell();
    for (const { sink } of others) await sink.told(1);
    expect(system.log.open).toBe(1);
    expect(first!.sink.deliveries).toEqual([]);
    for (const { subscription } of others) subscription.leave();
    await system.live(0);
    system.log.tell();
    const [again] = many(1);
    await system.live();
    system.log.tell();
    await again!.sink.told(1);
    expect(numbersOf(again!)).toEqual([3]);
    expect(system.log.asked).toBe(2);
  });

  test('tell a latecomer what comes from now on', async () => {
    const [first] = many(1);
    await system.live();
    system.log.tell(3);
    await first!.sink.told(3);
    const [late] = many(1);
    system.log.tell(2);
    await late!.sink.told(2);
    expect(numbersOf(late!)).toEqual([4, 5]);
    expect(system.log.asked).toBe(1);
  });

  test('tell a latecomer nothing of what was on its way when it came', async () => {
    const waiting = Promise.withResolvers<void>();
    system.remarks.delay = waiting.promise;
    const [first] = many(1, REMARKS);
    await system.live();
    system.log.tell(3);
    await until(() => system.remarks.asked === 1);
    const [late] = many(1, REMARKS);
    await until(async () => (await system.metric('lockstep_subscription_events_received_total'))[0]?.value === 3);
    await Promise.resolve();
    const [later] = many(1, REMARKS);
    await Promise.resolve();
    system.remarks.delay = undefined;
    waiting.resolve();
    await first!.sink.told(3);
    system.log.tell();
    await Promise.all([late, later].map((each) => each!.sink.told(1)));
    expect(numbersOf(later!)).toEqual([4]);
    expect(numbersOf(first!)).toEqual(upTo(4));
  });

  test('of a thousand identities are a thousand, over one socket, and each sees only its own', async () => {
    const names = Array.from({ length: 1_000 }, (_, at) => `reader-${at}`);
    const own = 'subscription { told(own: true) { owner reader } }';
    const subscribed = names.map((name) => system.subscribe(own, { context: signedIn(name) }));
    await system.live(1_000);
    for (const owner of names) system.log.tell(1, { owner });
    await Promise.all(subscribed.map(({ sink }) => sink.told(1)));
    for (const [at, { sink }] of subscribed.entries()) {
      expect(sink.results.map(({ data }) => data)).toEqual([{ told: { owner: names[at], reader: names[at] } }]);
    }
    expect(system.log.sockets).toBe(1);
  });

  test('of one identity are one, whenever its tokens were made; with another role, tenant or name they are others', async () => {
    const contexts = [
      signedIn('ada'),
      signedIn('ada', { lastsMs: 50_000, claims: { jti: 'another token' } }),
      signedIn('ada', { claims: { role: 'ADMIN' } }),
      signedIn('ada', { claims: { tenant: 'x' } }),
      signedIn('bob'),
    ];
    for (const context of contexts) system.subscribe(NUMBERS, { context });
    system.subscribe(NUMBERS);
    await system.live(5);
    expect(system.log.asked).toBe(5);
  });

  test('that begin with the present state are each told it, and share nothing afterwards', async () => {
    system.log.tell(2);
    const present = (): TestSubscription => system.subscribe('subscription { present { number } }');
    const first = present();
    await first.sink.told(1);
    const second = present();
    await second.sink.told(1);
    system.log.tell();
    for (const { sink } of [first, second]) {
      expect(await sink.told(2)).toEqual([{ data: { present: { number: 2 } } }, { data: { present: { number: 3 } } }]);
    }
  });

  test('that are told from their own beginning to their own end are told so to each', async () => {
    system.log.tell(2);
    const counted = (): TestSubscription => system.subscribe('subscription { counted(upTo: 3) { number } }');
    const first = counted();
    await first.sink.told(2);
    const second = counted();
    await second.sink.told(2);
    system.log.tell();
    for (const { sink } of [first, second]) {
      expect(await sink.ended()).toEqual({ reason: 'complete', errors: [] });
      expect(sink.results.map(({ data }) => data)).toEqual(upTo(3).map((number) => ({ counted: { number } })));
    }
  });

  test('without cursors share as well', async () => {
    const whispered = (): TestSubscription => system.subscribe('subscription { whispered { number } }');
    const [first, second] = [whispered(), whispered()];
    await system.live();
    system.log.tell();
    for (const { sink } of [first, second])
      expect(await sink.told(1)).toEqual([{ data: { whispered: { number: 1 } } }]);
    expect(system.log.asked).toBe(1);
  });
});

test('a subgraph that takes identities from connection_init has a socket for each, closed with its last subscription', async () => {
  await using system = await openEngine({ socketPerIdentity: true });
  const own = 'subscription { told(own: true) { owner } }';
  const [ada, bob] = [signedIn('ada'), signedIn('bob')];
  const subscribed = [ada, bob, ada].map((context) => system.subscribe(own, { context }));
  await until(() => system.log.open === 2);
  expect(system.log.sockets).toBe(2);
  expect(system.log.inits).toEqual([
    expect.objectContaining({ authorization: ada.authorization }),
    expect.objectContaining({ authorization: bob.authorization }),
  ]);
  system.log.tell(1, { owner: 'bob' });
  expect(await subscribed[1]!.sink.told(1)).toMatchObject([{ data: { told: { owner: 'bob' } } }]);
  expect(subscribed[0]!.sink.deliveries).toEqual([]);
  for (const { subscription } of subscribed) subscription.leave();
  await until(() => system.log.sockets === 0, { deadlineMs: 30_000 });
});
