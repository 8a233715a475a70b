import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { advanceState } from '#shared/store/service-state.ts';
import { openPostgres } from '#shared/store/postgres.ts';
import type { Any } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { until } from '../support/poll.ts';
import { quietLog } from '../support/store.ts';
import { register, type Customer } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const RENAME = `mutation ($id: ID!, $name: String!, $key: ID!) {
  updateUser(input: { id: $id, firstName: $name }, idempotencyKey: $key) { user { version } }
}`;
const AWAIT = `subscription ($id: ID!, $version: Int!) {
  awaitSync(entity: USER, id: $id, version: $version) { target targetVersion }
}`;

/** What a restore does to a service, as far as its copies can tell: an older state, and a higher epoch (EXACTLY-ONCE §4). */
describeOnPostgres('a source that was restored', () => {
  let system: System;
  let customer: Customer;
  beforeAll(async () => {
    system = await openSystem();
    customer = await register(system.client);
  });
  afterAll(() => system[Symbol.asyncDispose]());

  const rename = async (): Promise<number> => {
    const changes = { id: customer.id, name: `A ${randomUUID()}`, key: randomUUID() };
    return (await customer.client.ask(RENAME, changes)).updateUser.user.version as number;
  };
  const copy = async (): Promise<Any> => {
    const { me } = await customer.client.ask(
      '{ me { version syncState { target state sourceVersion targetVersion } } }',
    );
    return me.syncState.find((one: Any) => one.target === 'oracle');
  };
  function atOracle(statement: string): void {
    using oracle = new DatabaseSync(system.oracleFile, { timeout: 5_000 });
    oracle.exec(statement);
  }
  async function restoreUsers(version: number): Promise<void> {
    await using opened = openPostgres({ url: system.databaseUrls.user, name: 'restore', log: quietLog });
    expect(await advanceState(opened.db, 'epoch', { from: 0, to: 1 })).toBe(true);
    const sql = postgres(system.databaseUrls.user, { max: 1 });
    await sql`UPDATE users SET version = ${version} WHERE id = ${customer.id}`;
    await sql.end();
  }

  test('is not said to be held by a target that has a higher version of before', async () => {
    for (let version = 1; version < 4;) version = await rename();
    await until(async () => (await copy()).targetVersion === 4, { what: 'version 4 at the target' });
    atOracle(`CREATE TRIGGER refuse BEFORE INSERT ON users BEGIN SELECT RAISE(ABORT, 'closed for now'); END`);
    await restoreUsers(1);
    expect(await rename()).toBe(2);
    const behind = await until(async () => {
      const now = await copy();
      return now.sourceVersion === 2 && now;
    });
    expect(behind).toMatchObject({ state: expect.stringMatching(/^(PENDING|IN_FLIGHT|RETRYING)$/), targetVersion: 4 });
    await using awaited = customer.client.subscribe(AWAIT, { id: customer.id, version: 2 });
    const seen: Any[] = [];
    const ended = (async (): Promise<void> => {
      for (let told = await awaited.next(); told !== undefined; told = await awaited.next()) {
        seen.push({ ...told.data.awaitSync, heldThen: await copy() });
      }
    })();
    await until(() => seen.length === 1, { what: "the notification service's copy" });
    expect(seen).toMatchObject([{ target: 'notification', targetVersion: 2 }]);
    atOracle('DROP TRIGGER refuse');
    await ended;
    expect(seen[1]).toMatchObject({
      target: 'oracle',
      targetVersion: 2,
      heldThen: { state: 'APPLIED', targetVersion: 2 },
    });
  });
});
