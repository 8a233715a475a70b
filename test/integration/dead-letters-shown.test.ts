import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeCursor } from '#shared/events/cursor.ts';
import type { Any, TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { until } from '../support/poll.ts';
import { register, type Customer } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const DEAD_LETTERS = `query ($first: Int, $after: String) {
  deadLetters(pipeline: "users-to-oracle", first: $first, after: $after) {
    edges { cursor node {
      eventId type entity recordId version revision error attempts redeliveries payload occurredAt deadLetteredAt
    } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const PIPELINE = `status lastError lag { records } counts { committed applied superseded inFlight deadLettered discarded }`;
const REDELIVER = `mutation ($input: RedeliverInput!, $key: ID!) {
  redeliver(input: $input, idempotencyKey: $key) { pipeline { id } redelivered replayed userErrors { code field } }
}`;
const DISCARD = `mutation ($input: DiscardInput!, $key: ID!) {
  discard(input: $input, idempotencyKey: $key) { pipeline { id } replayed userErrors { code field } }
}`;
const TRIGGER = `mutation ($key: ID!) {
  triggerSync(input: { pipeline: "users-to-oracle" }, idempotencyKey: $key) { replayed }
}`;
const RENAME = `mutation ($id: ID!, $name: String!, $key: ID!) {
  updateUser(input: { id: $id, firstName: $name }, idempotencyKey: $key) { user { version } }
}`;
const SYNCED = 'subscription ($after: String) { recordSynced(entity: USER, after: $after) { state } }';
const OF_PIPELINE = { pipeline: 'users-to-oracle' };

/** The system of record refuses records by a trigger in its file, as it might by a constraint of its own. */
describeOnPostgres('dead letters through the gateway', () => {
  let system: System;
  let admin: TestClient;
  let adminId: string;
  beforeAll(async () => {
    system = await openSystem();
    admin = await system.admin();
    adminId = (await admin.ask('{ me { id } }')).me.id;
  });
  afterAll(() => system[Symbol.asyncDispose]());

  function atOracle(statement: string): void {
    using oracle = new DatabaseSync(system.oracleFile, { timeout: 5_000 });
    oracle.exec(statement);
  }
  const refuse = ({ id }: Customer): void =>
    atOracle(`CREATE TRIGGER "refuse ${id}" BEFORE INSERT ON users WHEN NEW.id = '${id}'
      BEGIN SELECT RAISE(ABORT, 'not this one'); END`);
  const accept = ({ id }: Customer): void => atOracle(`DROP TRIGGER "refuse ${id}"`);
  const rename = async ({ id, client }: Customer): Promise<number> =>
    (await client.ask(RENAME, { id, name: `A ${randomUUID()}`, key: randomUUID() })).updateUser.user.version as number;
  const copyOf = async ({ client }: Customer): Promise<Any> => {
    const { me } = await client.ask('{ me { syncState { target state sourceVersion targetVersion lastError } } }');
    return me.syncState.find((one: Any) => one.target === 'oracle');
  };
  const held = (customer: Customer, version: number): Promise<Any> =>
    until(async () => (await copyOf(customer)).targetVersion === version, { what: `version ${version} at the target` });
  const deadLetters = async (page = {}): Promise<Any> => (await admin.ask(DEAD_LETTERS, page)).deadLetters;
  const pipeline = async (): Promise<Any> =>
    (await admin.ask(`{ syncPipeline(id: "users-to-oracle") { ${PIPELINE} } }`)).syncPipeline;
  /** A customer whose second version the target refuses until it is given up; gives the dead letter too. */
  async function refused(): Promise<{ customer: Customer; letter: Any }> {
    const customer = await register(system.client);
    await held(customer, 1);
    refuse(customer);
    await rename(customer);
    const letter = await until(async () => {
      await admin.ask(TRIGGER, { key: randomUUID() });
      const { edges } = await deadLetters({ first: 100 });
      return edges.map(({ node }: Any) => node).find(({ recordId }: Any) => recordId === customer.id);
    });
    return { customer, letter };
  }
  const redeliver = async (input: object, key: string = randomUUID()): Promise<Any> =>
    (await admin.ask(REDELIVER, { input: { ...OF_PIPELINE, ...input }, key })).redeliver;
  const discard = async (input: object, key: string = randomUUID()): Promise<Any> =>
    (await admin.ask(DISCARD, { input: { ...OF_PIPELINE, reason: 'a test', ...input }, key })).discard;
  async function interventions(eventId: string): Promise<unknown> {
    const sql = postgres(system.databaseUrls.sync, { max: 1 });
    const [row] = await sql`SELECT interventions FROM event_ledger
      WHERE durable = 'users-to-oracle' AND event_id = ${eventId}`;
    await sql.end();
    return row?.['interventions'];
  }

  test('show what an operator needs, and go to the target when they are redelivered', async () => {
    const { customer, letter } = await refused();
    const { payload, ...shown } = letter;
    expect(shown).toEqual({
      eventId: expect.any(String),
      type: 'user.updated',
      entity: 'USER',
      recordId: customer.id,
      version: 2,
      revision: '2',
      error: expect.stringContaining('not this one'),
      attempts: 8,
      redeliveries: 0,
      occurredAt: expect.any(String),
      deadLetteredAt: expect.any(String),
    });
    expect(JSON.parse(payload)).toMatchObject({ id: customer.id, email: customer.email, version: 2 });
    expect(payload).not.toMatch(/password/i);
    const { status, lastError, counts } = await pipeline();
    expect({ status, lastError }).toEqual({ status: 'DEGRADED', lastError: letter.error });
    expect(counts.deadLettered).toBe(1);
    expect(await copyOf(customer)).toMatchObject({ state: 'DEAD_LETTERED', sourceVersion: 2, targetVersion: 1 });
    const third = await rename(customer);
    accept(customer);
    const key = randomUUID();
    const answer = { pipeline: { id: 'users-to-oracle' }, redelivered: 1, replayed: false, userErrors: [] };
    expect(await redeliver({ eventId: letter.eventId }, key)).toEqual(answer);
    expect(await redeliver({ eventId: letter.eventId }, key)).toEqual({ ...answer, replayed: true });
    await held(customer, third);
    expect(await copyOf(customer)).toMatchObject({ state: 'APPLIED', targetVersion: third, lastError: null });
    expect(await interventions(letter.eventId)).toEqual([
      { action: 'REDELIVERED', by: adminId, at: expect.any(String) },
    ]);
  });

  test('are given up for good when they are discarded, and the record goes on with its next change', async () => {
    const { customer, letter } = await refused();
    const key = randomUUID();
    const given = { eventId: letter.eventId, reason: ' Asked Ada: a slip of the pen. ' };
    const answer = { pipeline: { id: 'users-to-oracle' }, replayed: false, userErrors: [] };
    expect(await discard(given, key)).toEqual(answer);
    expect(await discard(given, key)).toEqual({ ...answer, replayed: true });
    expect(await copyOf(customer)).toMatchObject({ state: 'DISCARDED', sourceVersion: 2, targetVersion: 1 });
    expect(await interventions(letter.eventId)).toEqual([
      { action: 'DISCARDED', by: adminId, at: expect.any(String), reason: 'Asked Ada: a slip of the pen.' },
    ]);
    await using copies = customer.client.subscribe(SYNCED, { after: encodeCursor('sync', 0) });
    for (let state = ''; state !== 'DISCARDED';) state = (await copies.next())!.data.recordSynced.state;
    const behind = await until(async () => {
      const now = await pipeline();
      return now.counts.inFlight === 0 && now;
    });
    expect(behind).toMatchObject({ status: 'RUNNING', lastError: null, lag: { records: 1 } });
    const { committed, applied, superseded, deadLettered, discarded } = behind.counts;
    expect({ deadLettered, discarded }).toEqual({ deadLettered: 0, discarded: 1 });
    expect(applied + superseded + discarded).toBe(committed);
    accept(customer);
    await held(customer, await rename(customer));
    await until(async () => (await pipeline()).lag.records === 0, { what: 'no lag' });
  });

  test('are listed page by page', async () => {
    const [first, second] = [await refused(), await refused()];
    const one = await deadLetters({ first: 1 });
    expect(one.edges.map(({ node }: Any) => node.recordId)).toEqual([first.customer.id]);
    expect(one.pageInfo.hasNextPage).toBe(true);
    const two = await deadLetters({ first: 1, after: one.pageInfo.endCursor });
    expect(two.edges.map(({ node }: Any) => node.recordId)).toEqual([second.customer.id]);
    expect(two.pageInfo.hasNextPage).toBe(false);
    const { errors } = await admin.send(DEAD_LETTERS, { after: 'nowhere' });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field: 'after' } }]);
    for (const { customer } of [first, second]) accept(customer);
    expect(await redeliver({ all: true })).toMatchObject({ redelivered: 2, userErrors: [] });
    for (const { customer } of [first, second]) await held(customer, 2);
    expect(await redeliver({ all: true })).toMatchObject({ redelivered: 0, userErrors: [] });
  });

  test('are refused where there are none', async () => {
    const eventId = randomUUID();
    const cases = [
      [{ eventId }, { code: 'DEAD_LETTER_NOT_FOUND', field: 'eventId' }],
      [
        { eventId, pipeline: 'none' },
        { code: 'PIPELINE_NOT_FOUND', field: 'pipeline' },
      ],
      [
        { eventId, pipeline: 'users-to-notification' },
        { code: 'PIPELINE_NOT_DRIVEN', field: 'pipeline' },
      ],
    ] as const;
    for (const [input, userError] of cases) {
      expect(await redeliver(input)).toEqual({
        pipeline: null,
        redelivered: null,
        replayed: false,
        userErrors: [userError],
      });
      expect(await discard(input)).toEqual({ pipeline: null, replayed: false, userErrors: [userError] });
    }
    for (const id of ['none', 'users-to-notification']) {
      const { deadLetters: none } = await admin.ask(
        'query ($id: ID!) { deadLetters(pipeline: $id) { pageInfo { hasNextPage } } }',
        { id },
      );
      expect(none).toBeNull();
    }
  });

  test.each([
    [REDELIVER, {}, 'eventId'],
    [REDELIVER, { all: false }, 'eventId'],
    [REDELIVER, { all: true, eventId: randomUUID() }, 'eventId'],
    [REDELIVER, { eventId: 'one' }, 'eventId'],
    [DISCARD, { eventId: 'one', reason: 'a test' }, 'eventId'],
    [DISCARD, { eventId: randomUUID(), reason: ' ' }, 'reason'],
    [DISCARD, { eventId: randomUUID(), reason: 'x'.repeat(501) }, 'reason'],
    [DISCARD, { eventId: randomUUID(), reason: 'a\0b' }, 'reason'],
  ])('are not touched by input that is malformed: %s %j', async (mutation, input, field) => {
    const { errors } = await admin.send(mutation, { input: { ...OF_PIPELINE, ...input }, key: randomUUID() });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field } }]);
  });
});
