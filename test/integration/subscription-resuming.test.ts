import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { upTo } from '#shared/testing/bus-listener.ts';
import { numbersOf, openEngine, signedIn, type TestEngine, type TestSubscription } from '../support/engine.ts';
import { cursorOf } from '../support/log-subgraph.ts';
import { until } from '../support/poll.ts';

const NUMBERS = 'subscription ($after: String) { told(after: $after) { number } }';
const REMARKS = 'subscription ($after: String) { told(after: $after) { number remark } }';

describe('a subscription', () => {
  let system: TestEngine;
  beforeEach(async () => {
    system = await openEngine();
  });
  afterEach(() => system[Symbol.asyncDispose]());

  const from = (number: number, query = NUMBERS): TestSubscription =>
    system.subscribe(query, { variables: { after: cursorOf(number) } });

  test('whose subgraph is lost goes on by itself when it is back, misses nothing, and says so', async () => {
    const subscribed = [system.subscribe(REMARKS), system.subscribe(REMARKS)];
    await system.live();
    system.log.tell(2);
    await Promise.all(subscribed.map(({ sink }) => sink.told(2)));
    await system.log.kill();
    system.log.tell(3);
    await system.log.start();
    await Promise.all(subscribed.map(({ sink }) => sink.told(5)));
    system.log.tell();
    for (const each of subscribed) {
      await each.sink.told(6);
      expect(numbersOf(each)).toEqual(upTo(6));
      expect(each.sink.results.map(({ extensions }) => extensions?.['resumed'] ?? false)).toEqual([
        false,
        false,
        true,
        false,
        false,
        false,
      ]);
      expect(each.sink.ends).toEqual([]);
    }
    expect(await system.metric('lockstep_subscription_resumes_total')).toEqual([
      { labels: { by: 'upstream' }, value: 1 },
    ]);
  });

  test('that was told nothing yet misses nothing either', async () => {
    const quiet = system.subscribe(NUMBERS);
    await system.live();
    await until(async () => (await system.metric('lockstep_subscription_upstreams')).length === 1);
    system.log.tell();
    await quiet.sink.told(1);
    const silent = system.subscribe('subscription { told(atLeast: 2) { number } }', { checkpoints: true });
    await silent.sink.told(1);
    await system.log.kill();
    system.log.tell();
    await system.log.start();
    expect((await silent.sink.told(2))[1]).toMatchObject({ data: { told: { number: 2 } } });
  });

  test('of many identities comes back for each of them', async () => {
    const subscribed = Array.from({ length: 200 }, (_, at) =>
      system.subscribe(NUMBERS, { context: signedIn(`r${at}`) }),
    );
    await system.live(200);
    system.log.tell();
    await Promise.all(subscribed.map(({ sink }) => sink.told(1)));
    for (let round = 0; round < 3; round += 1) {
      await system.log.kill();
      system.log.tell(2);
      await system.log.start();
      await Promise.all(subscribed.map(({ sink }) => sink.told(3 + 2 * round)));
    }
    for (const each of subscribed) expect(numbersOf(each)).toEqual(upTo(7));
  });

  test('without cursors ends with an error when its subgraph is lost, never with a bare complete', async () => {
    const { sink } = system.subscribe('subscription { whispered { number } }');
    await system.live();
    system.log.tell();
    await sink.told(1);
    await system.log.kill();
    expect(await sink.ended()).toMatchObject({
      reason: 'lost',
      errors: [{ message: expect.stringContaining('subscribe again'), extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
    });
  });

  test('to a present state asks for it anew', async () => {
    system.log.tell();
    const { sink } = system.subscribe('subscription { present { number } }');
    await sink.told(1);
    await system.log.kill();
    system.log.tell(3);
    await system.log.start();
    expect((await sink.told(2))[1]).toEqual({ data: { present: { number: 4 } }, extensions: { resumed: true } });
  });

  test('to a subgraph that is away ends at once, unless it resumes: then it waits', async () => {
    system.log.tell(2);
    await system.log.kill();
    const begun = system.subscribe(NUMBERS);
    expect(await begun.sink.ended()).toMatchObject({ errors: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }] });
    const resumed = from(1);
    await system.log.start();
    expect(await resumed.sink.told(1)).toMatchObject([{ data: { told: { number: 2 } } }]);
  });

  test('resumed by its cursor is told what was missed, then what comes; from the history without asking the subgraph', async () => {
    const first = system.subscribe(NUMBERS);
    await system.live();
    system.log.tell(10);
    await first.sink.told(10);
    const second = from(4);
    await second.sink.told(6);
    system.log.tell(5);
    await second.sink.told(11);
    expect(numbersOf(second)).toEqual(upTo(15, 5));
    expect(system.log.asked).toBe(1);
  });

  test('resumed from before the history catches up alone, then joins the others', async () => {
    const first = system.subscribe(NUMBERS);
    await system.live();
    for (let told = 0; told < 1_000; told += 100) {
      system.log.tell(100);
      await first.sink.told(told + 100);
    }
    const behind = Array.from({ length: 5 }, (_, at) => from(at));
    await Promise.all(behind.map(({ sink }, at) => sink.told(1_000 - at)));
    system.log.tell(2);
    await Promise.all(behind.map(({ sink }, at) => sink.told(1_002 - at)));
    for (const [at, each] of behind.entries()) expect(numbersOf(each)).toEqual(upTo(1_002, at + 1));
    await system.live(1);
    system.log.tell(2);
    await Promise.all(behind.map(({ sink }, at) => sink.told(1_004 - at)));
    for (const [at, each] of behind.entries()) expect(numbersOf(each)).toEqual(upTo(1_004, at + 1));
  });

  test('resumed where all begin again at different places comes down to one at the subgraph', async () => {
    system.log.tell(500);
    const behind = Array.from({ length: 60 }, (_, at) => from(300 + (at % 20)));
    await Promise.all(behind.map(({ sink }, at) => sink.told(200 - (at % 20))));
    system.log.tell(3);
    await Promise.all(behind.map(({ sink }, at) => sink.told(203 - (at % 20))));
    await system.live(1);
    for (const [at, each] of behind.entries()) expect(numbersOf(each)).toEqual(upTo(503, 301 + (at % 20)));
  });

  test('by a malformed or forgotten cursor is refused with the argument at fault', async () => {
    system.log.tell(5);
    system.log.forget(3);
    const malformed = system.subscribe(NUMBERS, { variables: { after: 'what' } });
    expect(await malformed.sink.ended()).toMatchObject({
      reason: 'refused',
      errors: [{ extensions: { code: 'BAD_USER_INPUT', field: 'after' } }],
    });
    expect(await from(2).sink.ended()).toMatchObject({
      errors: [{ extensions: { code: 'CURSOR_EXPIRED', field: 'after' } }],
    });
    const kept = from(3);
    await kept.sink.told(2);
  });

  test('whose cursor is forgotten while its subgraph is away says so, instead of leaving a gap', async () => {
    const { sink } = system.subscribe(NUMBERS);
    await system.live();
    system.log.tell(2);
    await sink.told(2);
    await system.log.kill();
    system.log.tell(5);
    system.log.forget(6);
    await system.log.start();
    expect(await sink.ended()).toMatchObject({ errors: [{ extensions: { code: 'CURSOR_EXPIRED' } }] });
  });

  test('asks from the cursor in a literal, a variable, a default, and a fragment', async () => {
    system.log.tell(3);
    for (const query of [
      `subscription { told(after: "${cursorOf(1)}") { number } }`,
      `subscription ($from: String = "${cursorOf(1)}") { told(after: $from) { number } }`,
      `subscription { ...S } fragment S on Subscription { renamed: told(after: "${cursorOf(1)}") { number } }`,
    ]) {
      const { sink, subscription } = system.subscribe(query);
      const results = await sink.told(2);
      expect(results.map(({ data }) => Object.values(data as object)[0])).toEqual([{ number: 2 }, { number: 3 }]);
      subscription.leave();
    }
  });

  test('that wants checkpoints is told where it stands, at its beginning and when it has caught up', async () => {
    system.log.tell(2);
    const { sink } = system.subscribe(NUMBERS, { checkpoints: true });
    expect(await sink.told(1)).toEqual([{ data: null, extensions: { cursor: cursorOf(2), checkpoint: true } }]);
    const late = system.subscribe(NUMBERS, { checkpoints: true });
    expect(await late.sink.told(1)).toEqual(sink.results);
    const behind = system.subscribe(NUMBERS, { checkpoints: true, variables: { after: cursorOf(0) } });
    expect((await behind.sink.told(3)).map(({ data }) => data && 'told' in data)).toEqual([true, true, null]);
    const without = from(0);
    system.log.tell();
    await without.sink.told(3);
    expect(numbersOf(without)).toEqual([1, 2, 3]);
  });
});

test('a subscription whose subgraph stays away ends with its cursor', async () => {
  await using system = await openEngine({ resumeWithinMs: 300 });
  const { sink } = system.subscribe(NUMBERS);
  await until(() => system.log.open === 1);
  system.log.tell(2);
  await sink.told(2);
  await system.log.kill();
  expect(await sink.ended()).toMatchObject({
    reason: 'lost',
    errors: [
      {
        message: expect.stringContaining(`after: "${cursorOf(2)}"`),
        extensions: { code: 'SUBGRAPH_UNAVAILABLE', cursor: cursorOf(2) },
      },
    ],
  });
});
