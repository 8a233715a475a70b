import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPostgres, type Database } from '#shared/store/postgres.ts';
import { pause } from '#shared/retry.ts';
import { describeOnPostgres } from '../support/database.ts';
import { until } from '../support/poll.ts';
import { openReplicaHouse, type Replica, type ReplicaHouse } from '../support/replicas.ts';
import { shownMetric } from '../support/shown-metrics.ts';
import { SlowReader } from '../support/slow-reader.ts';
import { SteadfastSubscriber } from '../support/steadfast-subscriber.ts';
import { quietLog } from '../support/store.ts';
import { openSocketLine } from '../support/stream-lines.ts';
import { tellOfUsers, versionsOf } from '../support/told-users.ts';

const CLIENTS = 1_000;
/** Of each identity. */
const EVENTS = 10;
/** So large that what systems buffer for a connection, some megabytes, is full soon. */
const LARGE = 'x'.repeat(32 * 1_024);
/** Who asks for all of each large event, as the slow one does, and shares its stream; the others ask for its version. */
const SHARING = 100;
const AT_ONCE = 25;
/** Far more than it takes. */
const MOST_TOLD = 2_500;
const READ_EVERY_MS = 1_000;
const DEADLINE_MS = 5 * 60_000;

describeOnPostgres('a thousand clients', { timeout: 15 * 60_000 }, () => {
  let opened: AsyncDisposableStack;
  let house: ReplicaHouse;
  let user: Replica;
  let gateway: Replica;
  let db: Database;
  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    house = opened.use(await openReplicaHouse());
    user = await house.start('user');
    gateway = await house.start('gateway');
    ({ db } = opened.use(openPostgres({ url: house.databaseUrls.user, name: 'test', log: quietLog, connections: 1 })));
  });
  afterEach(() => opened.disposeAsync());

  const shown = (name: string, labels?: Record<string, string>): Promise<number> =>
    shownMetric(gateway.client.url, name, labels);
  const all = (those: readonly SteadfastSubscriber[], what: string, holds: (one: SteadfastSubscriber) => boolean) =>
    until(() => those.every((one) => holds(one) || one.wrongs.length > 0), { what, deadlineMs: DEADLINE_MS });

  test("of a thousand identities see each its own events and nobody else's, once and in order", async () => {
    const ids = Array.from({ length: CLIENTS }, () => randomUUID());
    const query = 'subscription Watch($after: String) { userChanged(after: $after) { version id email } }';
    const subscribers: SteadfastSubscriber[] = [];
    await using closing = new AsyncDisposableStack();
    for (const id of ids) {
      const options = { url: gateway.client.url, token: await house.tokenOf(id), query, open: openSocketLine };
      subscribers.push(closing.use(new SteadfastSubscriber({ ...options, holding: `"id":"${id}"` })));
    }
    await all(subscribers, 'a place', ({ placed }) => placed);
    expect(await shown('lockstep_subscription_upstreams')).toBe(CLIENTS);
    expect(await shownMetric(user.client.url, 'lockstep_feed_followers')).toBe(CLIENTS);
    for (let version = 1; version <= EVENTS; version += 1) {
      await tellOfUsers(
        db,
        ids.map((id) => ({ id, version })),
      );
      await all(subscribers, `version ${version}`, ({ last }) => last >= version);
    }
    expect(subscribers.flatMap(({ wrongs }) => wrongs)).toEqual([]);
    expect(new Set(subscribers.map(({ told }) => told))).toEqual(new Set([EVENTS]));
    await closing.disposeAsync();
    await until(async () => (await shown('lockstep_subscription_upstreams')) === 0);
    await until(async () => (await shownMetric(user.client.url, 'lockstep_feed_followers')) === 0);
  });

  test('are not delayed by one that reads one message a second: that one is told so, and misses nothing', async () => {
    const id = randomUUID();
    const watch = (fields: string): string =>
      `subscription ($after: String) { userChanged(after: $after) { ${fields} } }`;
    const asked = { url: gateway.client.url, token: await house.tokenOf(id), query: watch('version firstName') };
    const quick = Array.from({ length: CLIENTS - 1 }, (_, at) => {
      const query = at < SHARING ? asked.query : watch('version');
      return opened.use(new SteadfastSubscriber({ ...asked, query, open: openSocketLine }));
    });
    await all(quick, 'a place', ({ placed }) => placed);
    const slow = opened.use(await SlowReader.open({ ...asked, variables: {} }));
    await until(async () => (await shown('lockstep_subscriptions')) === CLIENTS);
    expect(await shown('lockstep_subscription_upstreams')).toBe(2);

    const reading = new AbortController();
    opened.defer(() => reading.abort());
    const read: string[] = [];
    const slowly = (async () => {
      for (; !reading.signal.aborted; await pause(READ_EVERY_MS, reading.signal)) read.push(await slow.next());
    })();
    slowly.catch(() => undefined);
    let told = 0;
    const tell = async (): Promise<void> => {
      const from = told + 1;
      told += AT_ONCE;
      await tellOfUsers(db, versionsOf(id, { from, to: told, firstName: LARGE }));
      await all(quick, `version ${told}`, ({ last }) => last >= told);
    };
    const tooSlow = async (): Promise<boolean> =>
      (await shown('lockstep_subscription_ends_total', { reason: 'slow' })) > 0;
    while (!(await tooSlow()) && told < MOST_TOLD) await tell();
    const behind = { told, read: read.length };
    // Everybody else has all of it, and what comes then.
    await tell();
    expect(await tooSlow()).toBe(true);
    expect(behind.read).toBeLessThan(behind.told / 4);
    expect(quick.flatMap(({ wrongs, resumes }) => [...wrongs, ...resumes])).toEqual([]);

    reading.abort();
    await slowly;
    while (!read.at(-1)!.includes('"type":"error"')) read.push(await slow.next());
    const end = JSON.parse(read.pop()!) as { payload: { extensions: { code: string; cursor: string } }[] };
    expect(end.payload).toMatchObject([{ extensions: { code: 'SLOW_CONSUMER', cursor: expect.any(String) } }]);
    const versions = read.map((text) => Number(/"version":(\d+)/.exec(text)?.[1]));
    expect(versions).toEqual(versions.map((_, at) => at + 1));
    expect(versions.length).toBeLessThan(behind.told);
    const { cursor } = end.payload[0]!.extensions;
    const resumed = opened.use(
      new SteadfastSubscriber({ ...asked, open: openSocketLine, after: cursor, first: versions.length + 1 }),
    );
    await all([resumed], 'what the slow one had missed', ({ last }) => last === told);
    expect(resumed.wrongs).toEqual([]);
    console.log(
      `${told} events told; the slow one had read ${behind.read} of ${behind.told} and was given ${versions.length}`,
    );
  });
});
