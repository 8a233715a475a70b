import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestClient, type Any, type TestStream } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { actUntil, until } from '../support/poll.ts';
import { register, type Customer } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const RENAME = `mutation ($id: ID!, $name: String!, $key: ID!) {
  updateUser(input: { id: $id, firstName: $name }, idempotencyKey: $key) { user { version firstName } }
}`;
const CHANGES = `subscription ($id: ID, $after: String) {
  userChanged(id: $id, after: $after) { id version firstName name syncState { target state sourceVersion } }
}`;
const SYNCED = `subscription ($id: ID, $after: String) {
  recordSynced(entity: USER, id: $id, after: $after) { recordId state targetVersion user { id name } }
}`;
const AWAIT = `subscription ($id: ID!, $version: Int!) {
  awaitSync(entity: USER, id: $id, version: $version) { target state targetVersion user { id name } }
}`;
const AWAIT_PRODUCT = `subscription ($id: ID!, $version: Int!) {
  awaitSync(entity: PRODUCT, id: $id, version: $version) { target targetVersion }
}`;
const ADJUST = `mutation ($key: ID!) {
  adjustStock(input: { productId: "PROD-001", change: 1, reason: "found" }, idempotencyKey: $key) { product { version } }
}`;

describeOnPostgres('subscriptions through the gateway', () => {
  let system: System;
  let customer: Customer;
  beforeAll(async () => {
    system = await openSystem();
    customer = await register(system.client);
  });
  afterAll(() => system[Symbol.asyncDispose]());

  async function rename(who = customer): Promise<{ version: number; firstName: string }> {
    const { updateUser } = await who.client.ask(RENAME, { id: who.id, name: `A ${randomUUID()}`, key: randomUUID() });
    return updateUser.user as { version: number; firstName: string };
  }

  /** A stream that is in place: at least one event has come. Gives the last event's cursor, with nothing left behind it. */
  async function inPlace(stream: TestStream<Any>, field: string): Promise<{ version: number; cursor: string }> {
    let changes: { version: number }[] = [];
    let answer = await actUntil(stream.next(), async () => {
      changes = [...changes, await rename()];
    });
    const last = changes.at(-1)!.version;
    while (answer!.data[field].version < last) answer = await stream.next();
    return { version: last, cursor: answer!.extensions!.cursor! };
  }

  const followers = async (url: string): Promise<number> => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(/^lockstep_feed_followers\{[^}]*\} (\d+)$/m.exec(text)?.[1]);
  };
  const noFollowers = (url: string): Promise<unknown> =>
    until(async () => (await followers(url)) === 0, { what: 'a feed without followers' });

  test('userChanged brings the record of each change, with the fields of the other subgraph', async () => {
    await using stream = customer.client.subscribe(CHANGES);
    const { version } = await inPlace(stream, 'userChanged');
    const changed = await rename();
    const answer = await stream.next();
    expect(answer).toEqual({
      data: {
        userChanged: {
          id: customer.id,
          version: version + 1,
          firstName: changed.firstName,
          name: `${changed.firstName} Lovelace`,
          syncState: ['oracle', 'notification'].map((target) => ({
            target,
            state: expect.any(String),
            sourceVersion: expect.toSatisfy((seen) => seen > version),
          })),
        },
      },
      extensions: { cursor: expect.any(String) },
    });
  });

  test('recordSynced brings each copy as it is taken, with its user from the other subgraph', async () => {
    await using stream = customer.client.subscribe(SYNCED);
    const answer = await actUntil(stream.next(), () => rename());
    expect(answer).toEqual({
      data: {
        recordSynced: {
          recordId: customer.id,
          state: 'APPLIED',
          targetVersion: expect.any(Number),
          user: { id: customer.id, name: expect.stringMatching(/ Lovelace$/) },
        },
      },
      extensions: { cursor: expect.any(String) },
    });
  });

  test('syncStatusChanged begins with the present status and follows it', async () => {
    const admin = await system.admin();
    await using stream = admin.subscribe(
      'subscription { syncStatusChanged(pipeline: "users-to-oracle") { id status counts { applied committed } } }',
    );
    const first = await stream.next();
    expect(first?.data.syncStatusChanged).toMatchObject({ id: 'users-to-oracle', status: 'RUNNING' });
    await rename();
    const { applied } = first!.data.syncStatusChanged.counts;
    for (let seen = applied; seen <= applied;) seen = (await stream.next())!.data.syncStatusChanged.counts.applied;
  });

  test('an unknown pipeline is refused', async () => {
    const admin = await system.admin();
    await using stream = admin.subscribe('subscription { syncStatusChanged(pipeline: "none") { id } }');
    await expect(stream.next()).rejects.toThrow(/"code":"BAD_USER_INPUT","field":"pipeline"/);
  });

  test('awaitSync tells when a target holds the version', async () => {
    const { version } = await rename();
    await using live = customer.client.subscribe(AWAIT, { id: customer.id, version: version + 1 });
    await live.connected;
    const waiting = live.next();
    await rename();
    for (let told = await waiting; ; told = await live.next()) {
      expect(told?.data.awaitSync.user).toMatchObject({ id: customer.id });
      expect(told?.data.awaitSync.targetVersion).toBeGreaterThan(version);
      if (told?.data.awaitSync.target === 'oracle') break;
    }
  });

  test('awaitSync ends by itself when each target holds the version, at once when they already do', async () => {
    const admin = await system.admin();
    const change = async (): Promise<number> => {
      const { adjustStock } = await admin.ask(ADJUST, { key: randomUUID() });
      return adjustStock.product.version as number;
    };
    const version = (await change()) + 1;
    const variables = { id: 'PROD-001', version };
    await using live = admin.subscribe(AWAIT_PRODUCT, variables);
    await live.connected;
    const waiting = live.next();
    await change();
    expect((await waiting)?.data.awaitSync).toMatchObject({ target: 'oracle', targetVersion: version });
    expect(await live.next()).toBeUndefined();
    await using after = admin.subscribe(AWAIT_PRODUCT, variables);
    expect((await after.next())?.data.awaitSync).toMatchObject({ target: 'oracle', targetVersion: version });
    expect(await after.next()).toBeUndefined();
    await noFollowers(system.sync.url);
  });

  test('a stream resumed by its cursor brings what was missed, each change once and in order, then goes on live', async () => {
    let cursor: string;
    let last: number;
    {
      await using stream = customer.client.subscribe(CHANGES);
      ({ cursor, version: last } = await inPlace(stream, 'userChanged'));
    }
    const missed = [await rename(), await rename(), await rename()];
    await using resumed = customer.client.subscribe(CHANGES, { after: cursor });
    const seen: number[] = [];
    for (const expected of missed) {
      const answer = await resumed.next();
      expect(answer?.data.userChanged.firstName).toBe(expected.firstName);
      seen.push(answer?.data.userChanged.version);
    }
    expect(seen).toEqual([last + 1, last + 2, last + 3]);
    const live = await rename();
    expect((await resumed.next())?.data.userChanged).toMatchObject({ version: last + 4, firstName: live.firstName });
  });

  test("a cursor that is none, or another subscription's, is refused", async () => {
    await using stream = customer.client.subscribe(SYNCED);
    const foreign = (await actUntil(stream.next(), () => rename()))!.extensions!.cursor;
    for (const after of ['', 'x', 'user:1', Buffer.from('user:-1').toString('base64url'), foreign]) {
      await using refused = customer.client.subscribe(CHANGES, { after });
      await expect(refused.next()).rejects.toThrow(/"code":"BAD_USER_INPUT","field":"after"/);
    }
  });

  test('leaving ends the upstream, after events and before the first', async () => {
    await noFollowers(system.user.url);
    {
      await using one = customer.client.subscribe(CHANGES);
      await using two = (await system.admin()).subscribe(CHANGES);
      await Promise.all([inPlace(one, 'userChanged'), actUntil(two.next(), () => rename())]);
      expect(await followers(system.user.url)).toBe(2);
    }
    await noFollowers(system.user.url);
    {
      await using quiet = (await register(system.client)).client.subscribe(CHANGES);
      const never = quiet.next();
      await until(async () => (await followers(system.user.url)) === 1);
      await quiet[Symbol.asyncDispose]();
      await never.catch(() => undefined);
    }
    await noFollowers(system.user.url);
    // Before the upstream has answered: whenever the leaving falls, nothing may stay.
    const hasty = Array.from({ length: 20 }, async () => {
      const stream = customer.client.subscribe(CHANGES);
      const never = stream.next().catch(() => undefined);
      await stream.connected;
      await stream[Symbol.asyncDispose]();
      await never;
    });
    await Promise.all(hasty);
    await rename();
    await noFollowers(system.user.url);
  });

  test('two root fields are refused', async () => {
    await using stream = customer.client.subscribe('subscription { userChanged { id } recordSynced { recordId } }');
    await expect(stream.next()).rejects.toThrow(/"code":"GRAPHQL_VALIDATION_FAILED"/);
  });

  test('over HTTP a subscription is told how to ask for its stream', async () => {
    const { status, data, errors } = await customer.client.send('subscription { userChanged { id } }');
    expect({ status, data }).toEqual({ status: 406, data: undefined });
    expect(errors).toMatchObject([
      { message: expect.stringContaining('text/event-stream'), extensions: { code: 'NOT_ACCEPTABLE' } },
    ]);
  });

  test('a subgraph streams to direct callers by the same rules', async () => {
    const direct = new TestClient(system.user.url);
    await using anonymous = direct.subscribe('subscription { userChanged { id } }');
    expect(await anonymous.next()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });
});

describeOnPostgres('a subgraph that closes mid-stream', () => {
  test('and stays away ends the stream with an error that names the cursor, never with a bare complete', async () => {
    await using system = await openSystem({ gateway: { RESUME_WITHIN_MS: 0 } });
    const customer = await register(system.client);
    const change = (): Promise<unknown> =>
      customer.client.ask(RENAME, { id: customer.id, name: `A ${randomUUID()}`, key: randomUUID() });
    await using changes = customer.client.subscribe(CHANGES);
    await using copies = customer.client.subscribe(SYNCED);
    await using untold = customer.client.subscribe(AWAIT, { id: customer.id, version: 1_000 });
    await untold.connected;
    const ended = untold.next().then(() => 'an answer', String);
    const seen = await actUntil(Promise.all([changes.next(), copies.next()]), change);
    const lost = [changes, copies].map((stream, at) => lastErrorOf(stream, seen[at]!.extensions!.cursor!));
    await Promise.all([system.user[Symbol.asyncDispose](), system.sync[Symbol.asyncDispose]()]);
    for (const { cursor, error } of await Promise.all(lost)) {
      expect(error).toContain('"code":"SUBGRAPH_UNAVAILABLE"');
      expect(error).toContain(`after: \\"${cursor}\\"`);
    }
    expect(await ended).toContain('"code":"SUBGRAPH_UNAVAILABLE"');
    await using refused = customer.client.subscribe(CHANGES);
    await expect(refused.next()).rejects.toThrow('"code":"SUBGRAPH_UNAVAILABLE"');
  });

  /** The error a stream ends with, and the cursor of the last event before it. */
  async function lastErrorOf(stream: TestStream<Any>, first: string): Promise<{ cursor: string; error: string }> {
    for (let cursor = first; ;) {
      try {
        const answer = await stream.next();
        if (answer === undefined) return { cursor, error: 'a bare complete' };
        cursor = answer.extensions?.cursor ?? cursor;
      } catch (error) {
        return { cursor, error: String(error) };
      }
    }
  }
});
