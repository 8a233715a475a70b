import { describe, expect, test } from 'vitest';
import { buildSupergraph } from '#gateway/supergraph/supergraph.ts';
import { openEngine, signedIn, type TestEngine } from '../support/engine.ts';
import { cursorOf } from '../support/log-subgraph.ts';
import { until } from '../support/poll.ts';

const NUMBERS = 'subscription ($after: String) { told(after: $after) { number } }';
const READER = 'subscription { told { number reader } }';
/** Tokens are taken for so long after their end (tokens.ts). */
const TOLERANCE_MS = 5_000;

describe('a token', () => {
  test('that expires ends its subscriptions with a code and a cursor, and nobody else of the same identity', async () => {
    await using system = await openEngine();
    const ending = system.subscribe(READER, { context: signedIn('ada', { lastsMs: 1_500 - TOLERANCE_MS }) });
    const lasting = system.subscribe(READER, { context: signedIn('ada') });
    await system.live();
    system.log.tell();
    await ending.sink.told(1);
    expect(await ending.sink.ended()).toMatchObject({
      reason: 'expired',
      errors: [{ extensions: { code: 'UNAUTHENTICATED', cursor: cursorOf(1) } }],
    });
    system.log.tell();
    await lasting.sink.told(2);
    expect(ending.sink.deliveries.length).toBe(1);
    expect([system.log.asked, system.log.open]).toEqual([1, 1]);
  });

  test('that is refreshed before lasts as long as the fresh one, which speaks for what is fetched from then on', async () => {
    await using system = await openEngine();
    const { sink, subscription } = system.subscribe(READER, {
      context: signedIn('ada', { lastsMs: 1_000 - TOLERANCE_MS }),
    });
    await system.live();
    expect(subscription.refresh(signedIn('ada', { lastsMs: 60_000 }))).toBe(true);
    const witness = system.subscribe(READER, { context: signedIn('ada', { lastsMs: 1_500 - TOLERANCE_MS }) });
    await witness.sink.ended();
    system.log.tell();
    expect(await sink.told(1)).toMatchObject([{ data: { told: { number: 1, reader: 'ada' } } }]);
    expect(sink.ends).toEqual([]);
  });

  test('of somebody else refreshes nothing', async () => {
    await using system = await openEngine();
    const { subscription } = system.subscribe(READER, { context: signedIn('ada') });
    expect(subscription.refresh(signedIn('bob'))).toBe(false);
    expect(subscription.refresh(signedIn('ada', { claims: { role: 'ADMIN' } }))).toBe(false);
  });
});

describe('a limit', () => {
  const limited = { reason: 'limited', errors: [{ extensions: { code: 'RATE_LIMITED' } }] };

  test('holds for one client, and lets others in', async () => {
    await using system = await openEngine({ limits: { inAll: 100, perClient: 2 } });
    const [ada, bob] = [signedIn('ada'), signedIn('bob')];
    const [first] = [ada, ada, bob].map((context) => system.subscribe(NUMBERS, { context }));
    expect(await system.subscribe(NUMBERS, { context: ada }).sink.ended()).toMatchObject(limited);
    first!.subscription.leave();
    const again = system.subscribe(NUMBERS, { context: ada });
    await system.live(2);
    system.log.tell();
    await again.sink.told(1);
  });

  test('holds for one network address when nobody has signed in', async () => {
    await using system = await openEngine({ limits: { inAll: 100, perClient: 1 } });
    system.subscribe(NUMBERS, { address: '192.0.2.1' });
    expect(await system.subscribe(NUMBERS, { address: '192.0.2.1' }).sink.ended()).toMatchObject(limited);
    const elsewhere = system.subscribe(NUMBERS, { address: '192.0.2.2' });
    await system.live();
    system.log.tell();
    await elsewhere.sink.told(1);
  });

  test('holds for all together', async () => {
    await using system = await openEngine({ limits: { inAll: 2, perClient: 2 } });
    for (const name of ['a', 'b']) system.subscribe(NUMBERS, { context: signedIn(name) });
    expect(await system.subscribe(NUMBERS, { context: signedIn('c') }).sink.ended()).toMatchObject(limited);
  });
});

describe('a replaced supergraph', () => {
  const replaced = { reason: 'replaced', errors: [{ extensions: { code: 'SUPERGRAPH_REPLACED' } }] };
  const without = (system: TestEngine, ...changes: readonly (readonly [string, string])[]): void => {
    const sdl = changes.reduce((text, [from, to]) => {
      expect(text).toContain(from);
      return text.replaceAll(from, to);
    }, system.sdl);
    void system.engine.replace({ ...system.serving, supergraph: buildSupergraph(sdl, {}) });
  };

  test('carries over what asks its subgraph the same, without asking again', async () => {
    await using system = await openEngine();
    const { sink } = system.subscribe(READER);
    await system.live();
    system.log.tell();
    await sink.told(1);
    without(system, ['remark: String @join__field(graph: REMARKS)', '']);
    system.log.tell();
    expect(await sink.told(2)).toMatchObject([{}, { data: { told: { number: 2, reader: 'nobody' } } }]);
    const joined = system.subscribe(READER);
    system.log.tell();
    await joined.sink.told(1);
    expect([system.log.asked, sink.ends]).toEqual([1, []]);
  });

  test('ends what is another operation now, with a code and a cursor, spread over a while', async () => {
    await using system = await openEngine({ replacedWithinMs: 1_000 });
    const subscribed = Array.from({ length: 200 }, () => system.subscribe('subscription { told { number remark } }'));
    const other = system.subscribe(NUMBERS);
    await system.live(2);
    system.log.tell();
    await Promise.all(subscribed.map(({ sink }) => sink.told(1)));
    without(system, ['remark: String @join__field(graph: REMARKS)', '']);
    const ended = (): number => subscribed.filter(({ sink }) => sink.ends.length > 0).length;
    expect(ended()).toBe(0);
    const seen = new Set<number>();
    await until(() => {
      seen.add(ended());
      return ended() === subscribed.length;
    });
    expect(seen.size).toBeGreaterThan(3);
    for (const { sink } of subscribed) {
      expect(sink.ends).toMatchObject([{ ...replaced, errors: [{ extensions: { cursor: cursorOf(1) } }] }]);
    }
    expect(other.sink.ends).toEqual([]);
    await system.live(1);
  });

  test('lets nobody join what is about to end', async () => {
    await using system = await openEngine({ replacedWithinMs: 500 });
    const before = system.subscribe(NUMBERS);
    await system.live();
    // The same document, planned for a subgraph that is elsewhere now.
    without(system, [system.log.url, `${system.log.url}?moved`]);
    const after = system.subscribe(NUMBERS);
    await system.live(2);
    expect(await before.sink.ended()).toMatchObject(replaced);
    system.log.tell();
    await after.sink.told(1);
    expect(after.sink.ends).toEqual([]);
  });
});

test('an engine that stops tells everybody where to go on, closes its upstreams, and takes nobody any more', async () => {
  await using system = await openEngine();
  const subscribed = [system.subscribe(NUMBERS), system.subscribe(NUMBERS, { context: signedIn('ada') })];
  await system.live(2);
  system.log.tell();
  await Promise.all(subscribed.map(({ sink }) => sink.told(1)));
  const begun = system.subscribe(READER);
  system.engine.stop();
  for (const { sink } of subscribed) {
    expect(sink.ends).toMatchObject([
      { reason: 'stopping', errors: [{ extensions: { code: 'SHUTTING_DOWN', cursor: cursorOf(1) } }] },
    ]);
  }
  expect(await begun.sink.ended()).toMatchObject({ reason: 'stopping' });
  expect(await system.subscribe(READER).sink.ended()).toMatchObject({ reason: 'stopping' });
  await system.live(0);
});

test('what is wrong with an operation is told after subscribe has returned, and asks no subgraph', async () => {
  await using system = await openEngine();
  const query = 'subscription ($atLeast: Int) { told(atLeast: $atLeast) { number } }';
  const { sink } = system.subscribe(query, { variables: { atLeast: 'many' } });
  expect(sink.ends).toEqual([]);
  expect(await sink.ended()).toMatchObject({
    reason: 'refused',
    errors: [{ message: expect.stringContaining('Int') }],
  });
  expect(system.log.asked).toBe(0);
});

test('the socket to a subgraph is closed soon after its last subscription, also when others were refused', async () => {
  await using system = await openEngine();
  const { subscription } = system.subscribe(NUMBERS);
  await system.live();
  const refused = system.subscribe(NUMBERS, { variables: { after: 'none' } });
  expect(await refused.sink.ended()).toMatchObject({ reason: 'refused' });
  expect(system.log.sockets).toBe(1);
  subscription.leave();
  await until(() => system.log.sockets === 0, { what: 'the end of the last socket' });
});

test('ten thousand subscriptions that come and go leave nothing behind', async () => {
  await using system = await openEngine();
  const { sink } = system.subscribe(NUMBERS);
  await system.live();
  for (let round = 0; round < 100; round += 1) {
    const subscribed = Array.from({ length: 100 }, (_, at) =>
      system.subscribe(NUMBERS, {
        context: at % 10 === 0 ? signedIn(`r${at}`) : signedIn('ada'),
        ...(at % 3 === 0 && { variables: { after: cursorOf(round) } }),
      }),
    );
    if (round % 2 === 0) await until(() => system.log.open > 1);
    system.log.tell();
    await sink.told(round + 1);
    for (const { subscription } of subscribed) subscription.leave();
  }
  await system.live(1);
  for (const name of ['lockstep_subscriptions', 'lockstep_subscription_upstreams']) {
    expect((await system.metric(name)).map(({ value }) => value)).toEqual([1]);
  }
});
