import { randomInt, randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Any, GraphqlAnswer, TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { newRegistration, register, REGISTER } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const UPDATE = `mutation ($input: UpdateUserInput!, $key: ID!) {
  updateUser(input: $input, idempotencyKey: $key) {
    user { id firstName lastName name email mobile version updatedAt } replayed userErrors { code message field }
  }
}`;
const SET_STATUS = `mutation ($input: SetUserStatusInput!, $key: ID!) {
  setUserStatus(input: $input, idempotencyKey: $key) { user { status version } userErrors { code field } }
}`;
const LOGIN = 'mutation ($input: LoginInput!) { login(input: $input) { token user { id } } }';

const NUL = String.fromCodePoint(0);
const HALF = String.fromCodePoint(0xd83d);

const newMobile = (): string => `+4915${randomInt(1e9, 1e10)}`;

describeOnPostgres('users', () => {
  let system: System;
  let admin: TestClient;
  let sql: postgres.Sql;
  beforeAll(async () => {
    system = await openSystem();
    admin = await system.admin();
    sql = postgres(system.databaseUrls.user, { max: 1 });
  });
  afterAll(async () => {
    await sql.end();
    await system[Symbol.asyncDispose]();
  });

  const update = (client: TestClient, input: Record<string, unknown>, key = randomUUID()): Promise<Any> =>
    client.ask(UPDATE, { input, key }).then(({ updateUser }) => updateUser);
  const setStatus = (client: TestClient, id: string, status: string): Promise<GraphqlAnswer<Any>> =>
    client.send(SET_STATUS, { input: { id, status }, key: randomUUID() });
  const versionsTold = async (id: string): Promise<number[]> =>
    (await sql`SELECT data->>'version' AS version FROM outbox WHERE subject = ${id} ORDER BY seq`).map((row) =>
      Number(row['version']),
    );

  describe('updateUser', () => {
    test('changes every field, trims, and tells the change', async () => {
      const { id, client } = await register(system.client);
      const mobile = newMobile();
      const email = `new-${randomUUID()}@example.com`;
      const given = { id, firstName: ' Grace ', lastName: 'Hopper', email: ` ${email} `, mobile };
      expect(await update(client, given)).toEqual({
        user: {
          id,
          firstName: 'Grace',
          lastName: 'Hopper',
          name: 'Grace Hopper',
          email,
          mobile,
          version: 2,
          updatedAt: expect.any(String),
        },
        replayed: false,
        userErrors: [],
      });
      expect(await versionsTold(id)).toEqual([1, 2]);
    });

    test('keeps what is left out or null, and removes a mobile that is null', async () => {
      const { id, client, email } = await register(system.client);
      const mobile = newMobile();
      await update(client, { id, mobile });
      const kept = await update(client, { id, firstName: null, email: null, lastName: 'B' });
      expect(kept.user).toMatchObject({ firstName: 'Ada', lastName: 'B', email, mobile, version: 3 });
      const removed = await update(client, { id, mobile: null });
      expect(removed.user).toMatchObject({ mobile: null, version: 4 });
    });

    test('that changes nothing makes no version and no event', async () => {
      const { id, client, email } = await register(system.client);
      for (const same of [{}, { firstName: 'Ada' }, { lastName: ' Lovelace ', email, mobile: null }]) {
        expect(await update(client, { id, ...same })).toMatchObject({ user: { version: 1 }, userErrors: [] });
      }
      expect(await versionsTold(id)).toEqual([1]);
    });

    test('under the same key changes once, and the replay shows the user as it now is', async () => {
      const { id, client } = await register(system.client);
      const key = randomUUID();
      await update(client, { id, firstName: 'B' }, key);
      await update(client, { id, firstName: 'C' });
      expect(await update(client, { id, firstName: 'B' }, key)).toMatchObject({
        user: { firstName: 'C', version: 3 },
        replayed: true,
      });
      expect(await versionsTold(id)).toEqual([1, 2, 3]);
    });

    test('of a foreign, unknown or malformed id is USER_NOT_FOUND; an admin may', async () => {
      const [owner, other] = await Promise.all([register(system.client), register(system.client)]);
      const refused = { user: null, userErrors: [{ code: 'USER_NOT_FOUND', field: 'id' }] };
      for (const id of [owner.id, randomUUID(), 'x', '', NUL]) {
        expect(await update(other.client, { id, firstName: 'Eve' })).toMatchObject(refused);
      }
      for (const id of [randomUUID(), 'x', NUL])
        expect(await update(admin, { id, firstName: 'E' })).toMatchObject(refused);
      expect((await update(admin, { id: owner.id, firstName: 'By the admin' })).user.firstName).toBe('By the admin');
      expect(await versionsTold(owner.id)).toEqual([1, 2]);
    });

    test('to a taken e-mail, in any case, or a taken mobile is refused and changes nothing', async () => {
      const [one, two] = await Promise.all([register(system.client), register(system.client)]);
      const mobile = newMobile();
      await update(one.client, { id: one.id, mobile });
      expect(await update(two.client, { id: two.id, firstName: 'B', email: one.email.toUpperCase() })).toMatchObject({
        user: null,
        userErrors: [{ code: 'EMAIL_TAKEN', field: 'email' }],
      });
      expect(await update(two.client, { id: two.id, mobile })).toMatchObject({
        user: null,
        userErrors: [{ code: 'MOBILE_TAKEN', field: 'mobile' }],
      });
      expect(await versionsTold(two.id)).toEqual([1]);
      const registered = await system.client.ask(REGISTER, { input: { ...newRegistration(), mobile }, key: 'm' });
      expect(registered.registerUser.userErrors).toMatchObject([{ code: 'MOBILE_TAKEN', field: 'mobile' }]);
    });

    test('to the own e-mail in another case is a change like any other', async () => {
      const { id, client, email } = await register(system.client);
      expect((await update(client, { id, email: email.toUpperCase() })).user).toMatchObject({ version: 2 });
    });

    test('by many at once gives every version once, in order', async () => {
      const { id, client } = await register(system.client);
      const calls = Array.from({ length: 30 }, (_, at) =>
        update(at % 2 === 0 ? client : admin, { id, firstName: `A${at}` }),
      );
      const answers = await Promise.all(calls);
      expect(answers.every(({ userErrors }) => userErrors.length === 0)).toBe(true);
      expect(await versionsTold(id)).toEqual(Array.from({ length: 31 }, (_, at) => at + 1));
    });

    test('of two users to one mobile at once succeeds for one', async () => {
      const pair = await Promise.all([register(system.client), register(system.client)]);
      const mobile = newMobile();
      const answers = await Promise.all(pair.map(({ id, client }) => update(client, { id, mobile })));
      expect(answers.flatMap(({ userErrors }) => userErrors)).toMatchObject([{ code: 'MOBILE_TAKEN' }]);
    });
  });

  describe('setUserStatus', () => {
    test('SUSPENDED keeps a user from logging in, until ACTIVE again', async () => {
      const { id, email } = await register(system.client);
      const input = { email, password: newRegistration().password };
      expect((await setStatus(admin, id, 'SUSPENDED')).data.setUserStatus.user).toEqual({
        status: 'SUSPENDED',
        version: 2,
      });
      const refused = await system.client.send(LOGIN, { input });
      expect(refused.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
      const wrong = await system.client.send(LOGIN, { input: { email, password: 'a wrong one' } });
      expect(wrong.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
      await setStatus(admin, id, 'ACTIVE');
      expect((await system.client.ask(LOGIN, { input })).login.user).toEqual({ id });
    });

    test('SUSPENDED keeps a replay of the registration from giving a token', async () => {
      const call = { input: newRegistration(), key: randomUUID() };
      const { registerUser } = await system.client.ask(REGISTER, call);
      await setStatus(admin, registerUser.user.id, 'SUSPENDED');
      const { data } = await system.client.send(
        'mutation ($input: RegisterUserInput!, $key: ID!) { registerUser(input: $input, idempotencyKey: $key) { token replayed } }',
        call,
      );
      expect(data.registerUser).toEqual({ token: null, replayed: true });
    });

    test('of nobody is USER_NOT_FOUND', async () => {
      const { data } = await setStatus(admin, randomUUID(), 'ACTIVE');
      expect(data.setUserStatus).toEqual({ user: null, userErrors: [{ code: 'USER_NOT_FOUND', field: 'id' }] });
    });
  });

  test('login does not tell a wrong password from an unknown e-mail', async () => {
    const { email } = await register(system.client);
    const attempts = [
      { email, password: 'a wrong password' },
      { email: `nobody-${randomUUID()}@example.com`, password: newRegistration().password },
      { email: 'not an e-mail', password: '' },
      { email: `${NUL}${HALF}`, password: NUL },
      { email: '%', password: newRegistration().password },
    ];
    const answers = await Promise.all(attempts.map((input) => system.client.send(LOGIN, { input })));
    for (const { errors } of answers) expect(errors).toEqual(answers[0]?.errors);
    expect(answers[0]?.errors).toMatchObject([
      { message: 'E-mail and password do not match.', extensions: { code: 'UNAUTHENTICATED' } },
    ]);
  });
});
