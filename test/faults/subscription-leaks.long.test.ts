import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOnPostgres } from '../support/database.ts';
import { openEventLine, openPartLine } from '../support/http-lines.ts';
import { until } from '../support/poll.ts';
import { openReplicaHouse, type ReplicaHouse } from '../support/replicas.ts';
import { shownMetric } from '../support/shown-metrics.ts';
import { keepOpen, lineCycles, runCycles, SOCKET_CYCLES } from '../support/subscription-cycles.ts';
import { startWatchedGateway, type WatchedGateway } from '../support/watched-gateway.ts';

const CYCLES = 10_000;
/** Before anything is measured: what is compiled and cached once is no leak. */
const FIRST_CYCLES = 3_000;
const AT_ONCE = 20;
/** No divisor of theirs is one of the ways to end, so that everybody ends in every way. */
const IDENTITIES = 23;
/** Half of what a leak of 1 KB in each cycle would leave. */
const MEMORY_TOLERANCE = (CYCLES * 1_024) / 2;
/** Sockets to subgraphs are kept for some seconds. */
const SETTLED_WITHIN_MS = 20_000;

/** What a gateway and its subgraph hold, by name. */
type Standing = Readonly<Record<string, number>>;

describeOnPostgres('ten thousand subscriptions that have come and gone', { timeout: 15 * 60_000 }, () => {
  let opened: AsyncDisposableStack;
  let house: ReplicaHouse;
  let gateway: WatchedGateway;
  let userUrl: string;
  let callers: { url: string; token: string }[];
  beforeAll(async () => {
    opened = new AsyncDisposableStack();
    house = opened.use(await openReplicaHouse());
    userUrl = (await house.start('user')).client.url;
    gateway = opened.use(await startWatchedGateway(await house.environmentOf('gateway')));
    const names = Array.from({ length: IDENTITIES }, (_, at) => `identity-${at}`);
    callers = await Promise.all(names.map(async (name) => ({ url: gateway.url, token: await house.tokenOf(name) })));
  });
  afterAll(() => opened.disposeAsync());

  const ways = [...Object.values(SOCKET_CYCLES), ...lineCycles(openEventLine), ...lineCycles(openPartLine)];
  const cycle = (count: number): Promise<void> => runCycles(ways, { count, callers, atOnce: AT_ONCE });

  async function standing(): Promise<Standing> {
    const { memoryBytes, resources } = await gateway.footprint();
    return {
      ...resources,
      subscriptions: await shownMetric(gateway.url, 'lockstep_subscriptions'),
      upstreams: await shownMetric(gateway.url, 'lockstep_subscription_upstreams'),
      queued: await shownMetric(gateway.url, 'lockstep_subscription_queue_length', { of: 'all' }),
      followers: await shownMetric(userUrl, 'lockstep_feed_followers'),
      memoryBytes,
    };
  }

  /** What there is more of than before, once nothing goes away any more. */
  async function leftOver(before: Standing): Promise<string[]> {
    let found: string[] = [];
    const settled = async (): Promise<boolean> => {
      const now = await standing();
      found = Object.entries(now)
        .filter(([name, count]) => count > (before[name] ?? 0) + (name === 'memoryBytes' ? MEMORY_TOLERANCE : 0))
        .map(([name, count]) => `${name}: ${before[name] ?? 0} → ${count}`);
      return found.length === 0;
    };
    await until(settled, { deadlineMs: SETTLED_WITHIN_MS }).catch(() => undefined);
    return found;
  }

  /** Once nothing is open any more, the sockets to subgraphs neither, which are kept for some seconds. */
  async function baseline(): Promise<Standing> {
    let now: Standing = {};
    const nothing = ['subscriptions', 'upstreams', 'followers', 'TCPSocketWrap'];
    const isOver = async (): Promise<boolean> => {
      now = await standing();
      return nothing.every((name) => (now[name] ?? 0) === 0);
    };
    await until(isOver).catch((error: unknown) => {
      throw new Error(`something stays open: ${JSON.stringify(now)}`, { cause: error });
    });
    return now;
  }

  test('leave no socket, timer, upstream, follower or memory behind', async () => {
    await cycle(FIRST_CYCLES);
    const before = await baseline();
    const beganAt = performance.now();
    await cycle(CYCLES);
    const seconds = (performance.now() - beganAt) / 1_000;
    expect(await leftOver(before)).toEqual([]);
    const { memoryBytes } = await gateway.footprint();
    const grown = (memoryBytes - before['memoryBytes']!) / CYCLES;
    console.log(
      `${CYCLES} cycles in ${seconds.toFixed(1)} s, ${grown.toFixed(0)} bytes left of each: ${JSON.stringify(before)}`,
    );
  });

  test('are seen by the same look when one in a thousand is left open', async () => {
    const before = await baseline();
    await using kept = new AsyncDisposableStack();
    for (const caller of callers.slice(0, 10)) await keepOpen(caller, kept);
    const left = (await leftOver(before)).join(', ');
    for (const what of ['TCPSocketWrap', 'subscriptions', 'upstreams', 'followers']) expect(left).toContain(what);
  });

  test('are seen by the same look when each leaves a kilobyte behind', async () => {
    const before = await baseline();
    gateway.leak(1_024);
    await cycle(CYCLES);
    gateway.leak(0);
    expect(await leftOver(before)).toEqual([expect.stringContaining('memoryBytes')]);
  });
});
