import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Any, TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { PlayedNotification } from '../support/played-notification.ts';
import { actUntil, until } from '../support/poll.ts';
import { register, type Customer } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const PIPELINE = `{ syncPipeline(id: "users-to-notification") {
  kind source target status lag { records seconds oldestUnsyncedAt } lastSyncedAt lastError intervalSeconds
  counts { committed applied superseded inFlight deadLettered }
} }`;
const UNSYNCED = '{ unsyncedRecords { edges { node { recordId target state attempts } } } }';
const AWAIT = `subscription ($id: ID!, $version: Int!) {
  awaitSync(entity: USER, id: $id, version: $version) { target targetVersion }
}`;
const SYNCED = `subscription { recordSynced(entity: USER) { recordId target state targetVersion user { id } } }`;
const RENAME = `mutation ($id: ID!, $name: String!, $key: ID!) {
  updateUser(input: { id: $id, firstName: $name }, idempotencyKey: $key) { user { version } }
}`;

/** The notification service is played by the tests, which say when it has applied what. */
describeOnPostgres('what an observed pipeline shows through the gateway', () => {
  let system: System;
  let notification: PlayedNotification;
  let admin: TestClient;
  let customer: Customer;
  beforeAll(async () => {
    system = await openSystem();
    await system.notification[Symbol.asyncDispose]();
    notification = await PlayedNotification.open(system.databaseUrls.bus);
    admin = await system.admin();
    customer = await register(system.client);
    await applyEverything();
  });
  afterAll(async () => {
    await notification[Symbol.asyncDispose]();
    await system[Symbol.asyncDispose]();
  });

  const pipeline = async (): Promise<Any> => (await admin.ask(PIPELINE)).syncPipeline;
  /** The notification service catches up. */
  async function applyEverything(): Promise<void> {
    const { users } = await admin.ask('{ users(first: 100) { edges { node { id version } } } }');
    for (const { node } of users.edges) await notification.hasApplied(node.id, node.version);
    await until(async () => (await pipeline()).lag?.records === 0, { what: 'no lag' });
  }
  async function rename({ id, client } = customer): Promise<number> {
    const changes = { id, name: `A ${randomUUID()}`, key: randomUUID() };
    return (await client.ask(RENAME, changes)).updateUser.user.version as number;
  }
  async function syncState(target: string): Promise<Any> {
    const { me } = await customer.client.ask('{ me { syncState { target state sourceVersion targetVersion } } }');
    return me.syncState.find((one: Any) => one.target === target);
  }

  test('a user has a sync state at each target, and at the observed one as that tells it', async () => {
    const version = await rename();
    await until(async () => (await syncState('oracle')).state === 'APPLIED');
    const waiting = { target: 'notification', state: 'PENDING', sourceVersion: version, targetVersion: version - 1 };
    await until(async () => (await syncState('notification')).targetVersion === version - 1);
    expect(await syncState('notification')).toEqual(waiting);
    await notification.hasApplied(customer.id, version);
    const held = await until(async () => {
      const state = await syncState('notification');
      return state.state === 'APPLIED' && state;
    });
    expect(held).toEqual({ ...waiting, state: 'APPLIED', targetVersion: version });
  });

  test('awaitSync waits for the observed target as well, and ends when it has told', async () => {
    const version = await rename();
    await using stream = customer.client.subscribe(AWAIT, { id: customer.id, version });
    expect((await stream.next())?.data.awaitSync).toEqual({ target: 'oracle', targetVersion: version });
    const last = stream.next();
    await notification.hasApplied(customer.id, version);
    expect((await last)?.data.awaitSync).toEqual({ target: 'notification', targetVersion: version });
    expect(await stream.next()).toBeUndefined();
  });

  test('recordSynced tells what the observed target has taken, to its owner', async () => {
    const owner = await register(system.client);
    await using stream = owner.client.subscribe(SYNCED);
    let answer = await actUntil(stream.next(), async () => notification.hasApplied(owner.id, await rename(owner)));
    while (answer?.data.recordSynced.target !== 'notification') answer = await stream.next();
    expect(answer.data.recordSynced).toMatchObject({
      recordId: owner.id,
      target: 'notification',
      state: 'APPLIED',
      user: { id: owner.id },
    });
  });

  test('its lag and counts tell of what the target has not told, and add up', async () => {
    await applyEverything();
    const before = await pipeline();
    expect(before).toMatchObject({
      kind: 'REPLICATION',
      source: 'user',
      target: 'notification',
      status: 'RUNNING',
      intervalSeconds: 0,
      lag: { records: 0, seconds: 0, oldestUnsyncedAt: null },
      counts: { inFlight: 0, deadLettered: 0 },
    });
    const version = await rename();
    // A change on its way from log to ledger is counted twice rather than missed.
    const behind = await until(async () => {
      const now = await pipeline();
      return now.lag.records === 1 && now;
    });
    expect(behind.lag.oldestUnsyncedAt).toEqual(expect.any(String));
    expect(behind.lag.seconds).toBeGreaterThan(0);
    expect(behind.counts).toEqual({ ...before.counts, committed: before.counts.committed + 1, inFlight: 1 });
    const edges = [{ node: { recordId: customer.id, target: 'notification', state: 'PENDING', attempts: 0 } }];
    await until(async () => {
      const { unsyncedRecords } = await admin.ask(UNSYNCED);
      return isDeepStrictEqual(unsyncedRecords.edges, edges);
    });
    await notification.hasApplied(customer.id, version);
    const after = await until(async () => {
      const now = await pipeline();
      return now.counts.inFlight === 0 && now.lag.records === 0 && now;
    });
    expect(after).toMatchObject({ status: 'RUNNING', lag: { records: 0 }, lastError: null });
    expect(after.counts).toEqual({
      ...before.counts,
      committed: before.counts.committed + 1,
      applied: before.counts.applied + 1,
    });
    expect(Date.parse(after.lastSyncedAt)).toBeGreaterThan(Date.parse(before.lastSyncedAt));
  });

  test('its status is pushed, and is not that of a pipeline at work when the target stays silent', async () => {
    await using stream = admin.subscribe(
      'subscription { syncStatusChanged(pipeline: "users-to-notification") { status lag { records } } }',
    );
    await applyEverything();
    const version = await rename();
    const statusOf = async (): Promise<Any> => (await stream.next())?.data.syncStatusChanged;
    let shown = await statusOf();
    for (; shown.status !== 'DEGRADED'; shown = await statusOf()) expect(shown.status).toBe('RUNNING');
    expect(shown.lag.records).toBe(1);
    await notification.hasApplied(customer.id, version);
    for (; shown.status !== 'RUNNING'; shown = await statusOf());
    expect(shown.lag.records).toBe(0);
  });

  test('there is nothing to trigger', async () => {
    const { triggerSync } = await admin.ask(
      `mutation ($key: ID!) { triggerSync(input: { pipeline: "users-to-notification" }, idempotencyKey: $key) {
        pipeline { id } userErrors { code message field } } }`,
      { key: randomUUID() },
    );
    expect(triggerSync).toEqual({
      pipeline: null,
      userErrors: [
        {
          code: 'PIPELINE_NOT_DRIVEN',
          message: 'The notification service takes these records by itself.',
          field: 'pipeline',
        },
      ],
    });
  });
});
