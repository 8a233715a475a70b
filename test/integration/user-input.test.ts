import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GraphqlAnswer, TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { newRegistration, register, REGISTER, type Customer } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const UPDATE = `mutation ($input: UpdateUserInput!, $key: ID!) {
  updateUser(input: $input, idempotencyKey: $key) { user { id } }
}`;
const USERS = `query ($first: Int, $after: String, $filter: UserFilter) {
  users(first: $first, after: $after, filter: $filter) { edges { cursor } }
}`;
const NUL = String.fromCodePoint(0);
const HALF = String.fromCodePoint(0xd83d);

describeOnPostgres('what is malformed about users is refused with its field, and changes nothing', () => {
  let system: System;
  let admin: TestClient;
  let customer: Customer;
  let sql: postgres.Sql;
  beforeAll(async () => {
    system = await openSystem();
    admin = await system.admin();
    customer = await register(system.client);
    sql = postgres(system.databaseUrls.user, { max: 1 });
  });
  afterAll(async () => {
    await sql.end();
    await system[Symbol.asyncDispose]();
  });

  const names: [string, unknown][] = ['firstName', 'lastName'].flatMap((field): [string, unknown][] => [
    [field, ''],
    [field, '   '],
    [field, 'x'.repeat(101)],
    [field, `Ada${NUL}`],
    [field, `Ada${HALF}`],
    [field, 'Ada\nLovelace'],
  ]);
  const addresses: [string, unknown][] = ['', 'ada', 'ada@', '@example.com', 'a b@example.com', `ada${NUL}@example.com`]
    .concat(`${'x'.repeat(250)}@example.com`)
    .map((email) => ['email', email]);
  const mobiles: [string, unknown][] = ['', '123', '015112345678', '+0151', '+49 151', `+${'1'.repeat(16)}`, '+49x1']
    .concat(`+4915112345678${NUL}`)
    .map((mobile) => ['mobile', mobile]);
  const passwords: [string, unknown][] = [
    ['password', ''],
    ['password', '1234567'],
    ['password', 'x'.repeat(201)],
  ];

  test.each([...names, ...addresses, ...mobiles, ...passwords])('registerUser with %s %j', async (field, value) => {
    const input = { ...newRegistration(), [field]: value };
    await unchanged(field, () => system.client.send(REGISTER, { input, key: randomUUID() }));
  });

  test.each([...names, ...addresses, ...mobiles])('updateUser with %s %j', async (field, value) => {
    const input = { id: customer.id, [field]: value };
    await unchanged(field, () => customer.client.send(UPDATE, { input, key: randomUUID() }));
  });

  const foreign = (text: string): string => Buffer.from(text).toString('base64url');
  test.each([
    ['first', { first: 0 }],
    ['first', { first: 101 }],
    ['first', { first: -1 }],
    ['after', { after: '' }],
    ['after', { after: 'x' }],
    ['after', { after: foreign('after:x') }],
    ['after', { after: foreign(`after:${'-'.repeat(36)}`) }],
    ['after', { after: foreign('user:1') }],
    ['after', { after: foreign('after:2026-01-01T00:00:00.000Z|x|oracle') }],
    ['search', { filter: { search: '' } }],
    ['search', { filter: { search: '  ' } }],
    ['search', { filter: { search: 'x'.repeat(101) } }],
    ['search', { filter: { search: NUL } }],
  ])('users with %s %j', async (field, given) => {
    await unchanged(field, () => admin.send(USERS, given));
  });

  test.each([
    ['first', { first: 0 }],
    ['first', { first: 101 }],
    ['after', { after: foreign('after:2026-02-30T00:00:00.000Z|x|oracle') }],
    ['after', { after: foreign('after:9999-99-99T99:99:99.999Z|x|oracle') }],
    ['after', { after: foreign(`after:2026-01-01T00:00:00.000Z|${NUL}|oracle`) }],
    ['after', { after: foreign(`after:${randomUUID()}`) }],
  ])('unsyncedRecords with %s %j', async (field, given) => {
    const query = `query ($first: Int, $after: String) { unsyncedRecords(first: $first, after: $after) { edges { cursor } } }`;
    await unchanged(field, () => admin.send(query, given));
  });

  async function unchanged(field: string, send: () => Promise<GraphqlAnswer<unknown>>): Promise<void> {
    const count = (): Promise<unknown> =>
      sql`SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM outbox) AS events, (SELECT count(*) FROM idempotency_keys) AS keys`;
    const before = await count();
    const { errors } = await send();
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field } }]);
    expect(await count()).toEqual(before);
  }
});
