import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { openPostgres } from '#shared/store/postgres.ts';
import { until } from '../support/poll.ts';
import { openReplicaHouse, type Replica } from '../support/replicas.ts';
import { shownMetric } from '../support/shown-metrics.ts';
import { SteadfastSubscriber } from '../support/steadfast-subscriber.ts';
import { quietLog } from '../support/store.ts';
import type { OpenLine } from '../support/stream-lines.ts';
import { tellOfUsers, versionsOf } from '../support/told-users.ts';

const WATCH = 'subscription Watch($after: String) { userChanged(after: $after) { version } }';
/** So many events may be under way: fewer than the longest queue on their way, since those who are asked to wait are another claim. */
const MOST_UNDER_WAY = 200;
/** Of those, so many are told before a process is killed, and while it is away. */
const AROUND_A_KILL = 100;

interface Plan {
  /** How many clients subscribe by each of these. */
  readonly lines: readonly (readonly [OpenLine, number])[];
  readonly events: number;
  /** How long all of it may take: what is claimed is that it comes. */
  readonly deadlineMs: number;
}

/**
 * Tells many clients of one operation and identity so many events, while the subgraph and then the gateway are killed and started again.
 * Expects that each client has got each event once and in order, and that all of them are one subscription at the subgraph.
 */
export async function killUnderSubscribers(plan: Plan): Promise<void> {
  const { events } = plan;
  await using crowd = await openCrowd(plan);
  const { user, gateway, subscribers } = crowd;
  const resumes = (): string[] => subscribers.flatMap((one) => one.resumes);
  await expectShared(crowd, 'at the beginning');
  // Some may have been asked to come again, where so many have come at once.
  const first = resumes();
  const beganAt = performance.now();
  await crowd.tellUpTo(Math.floor(events / 3));
  await crowd.disturb(user);
  expect(resumes(), 'nobody has noticed that the subgraph was killed').toEqual(first);
  expect(await shownMetric(gateway.client.url, 'lockstep_subscription_resumes_total', { by: 'upstream' })).toBe(1);
  await expectShared(crowd, 'after the kill of the subgraph');
  await crowd.tellUpTo(Math.floor((2 * events) / 3));
  await crowd.disturb(gateway);
  expect(resumes().length, 'everybody has noticed that the gateway was killed').toBeGreaterThanOrEqual(
    first.length + subscribers.length,
  );
  await expectShared(crowd, 'after the kill of the gateway');
  await crowd.tellUpTo(events);

  const seconds = (performance.now() - beganAt) / 1_000;
  expect(subscribers.flatMap(({ wrongs }) => wrongs)).toEqual([]);
  expect(new Set(subscribers.map(({ last, told }) => `${told} up to ${last}`))).toEqual(
    new Set([`${events} up to ${events}`]),
  );
  const ways = Object.entries(Object.groupBy(resumes(), (way) => way)).map(([way, all = []]) => `${all.length} ${way}`);
  const rate = Math.round((events * subscribers.length) / seconds);
  console.log(
    `${subscribers.length} subscribers, ${events} events in ${seconds.toFixed(1)} s: ${rate} deliveries/s; resumed: ${ways.join(', ')}`,
  );
}

/** Subscribers of one user's changes, and those whom they are told by. */
interface Crowd extends AsyncDisposable {
  readonly user: Replica;
  readonly gateway: Replica;
  readonly subscribers: readonly SteadfastSubscriber[];
  /** Tells of changes up to this version, as fast as everybody hears of them. */
  tellUpTo(version: number): Promise<void>;
  /** Kills a process while there is something to tell, starts it again, and waits until everybody has heard of it. */
  disturb(victim: Replica): Promise<void>;
}

async function openCrowd({ lines, deadlineMs }: Plan): Promise<Crowd> {
  await using opened = new AsyncDisposableStack();
  const house = opened.use(await openReplicaHouse());
  const user = await house.start('user');
  const gateway = await house.start('gateway');
  const url = house.databaseUrls.user;
  const { db } = opened.use(openPostgres({ url, name: 'test', log: quietLog, connections: 1 }));
  const id = randomUUID();
  const asked = { url: gateway.client.url, token: await house.tokenOf(id), query: WATCH };
  const subscribers = lines.flatMap(([open, count]) =>
    Array.from({ length: count }, () => opened.use(new SteadfastSubscriber({ ...asked, open }))),
  );
  const all = (what: string, holds: (one: SteadfastSubscriber) => boolean): Promise<unknown> =>
    until(() => subscribers.every((one) => holds(one) || one.wrongs.length > 0), { what, deadlineMs });
  const heard = (version: number): Promise<unknown> => all(`version ${version}`, ({ last }) => last >= version);
  let told = 0;
  const tell = async (count: number): Promise<void> => {
    const from = told + 1;
    told += count;
    await tellOfUsers(db, versionsOf(id, { from, to: told }));
  };
  await all('a place', ({ placed }) => placed);
  const running = opened.move();
  return {
    user,
    gateway,
    subscribers,
    tellUpTo: async (version) => {
      while (told < version) {
        await heard(told - MOST_UNDER_WAY / 2);
        await tell(Math.min(MOST_UNDER_WAY / 2, version - told));
      }
      await heard(version);
    },
    disturb: async (victim) => {
      await tell(AROUND_A_KILL);
      await victim.kill();
      await tell(AROUND_A_KILL);
      await victim.restart();
      await heard(told);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** All who are told are one subscription at the subgraph, and one follower of its feed; who is still catching up is waited for. */
async function expectShared({ user, gateway, subscribers }: Crowd, when: string): Promise<void> {
  const count = (of: Replica, name: string, labels = {}): Promise<number> => shownMetric(of.client.url, name, labels);
  const seen = async (): Promise<Record<string, number>> => ({
    clients: await count(gateway, 'lockstep_subscriptions', { field: 'userChanged' }),
    upstreams: await count(gateway, 'lockstep_subscription_upstreams', { subgraph: 'user' }),
    followers: await count(user, 'lockstep_feed_followers'),
  });
  const wanted = { clients: subscribers.length, upstreams: 1, followers: 1 };
  let last: Record<string, number> = {};
  await until(async () => {
    last = await seen();
    return JSON.stringify(last) === JSON.stringify(wanted);
  }).catch((error: unknown) => {
    expect(last, `what is open ${when}`).toEqual(wanted);
    throw error;
  });
}
