import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { actUntil, until } from '../support/poll.ts';
import { newRegistration, REGISTER, register } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

describeOnPostgres('registration', () => {
  let system: System;
  beforeAll(async () => {
    system = await openSystem();
  });
  afterAll(() => system[Symbol.asyncDispose]());

  test('answers an anonymous caller in full, the copy included', async () => {
    const input = newRegistration();
    const { registerUser } = await system.client.ask(REGISTER, { input, key: randomUUID() });
    expect(registerUser).toMatchObject({
      user: { name: 'Ada Lovelace', email: input.email, version: 1 },
      token: expect.any(String),
      replayed: false,
      userErrors: [],
    });
    expect(registerUser.user.syncState).toEqual(
      ['oracle', 'notification'].map((target) => ({
        target,
        state: expect.stringMatching(/^(PENDING|IN_FLIGHT|APPLIED)$/),
      })),
    );
  });

  test('is seen arriving in the system of record, live and by query', async () => {
    const admin = await system.admin();
    await using stream = admin.subscribe(
      'subscription { recordSynced(entity: USER) { recordId state target targetVersion user { name email } } }',
    );
    let customer = await register(system.client);
    let answer = await actUntil(stream.next(), async () => {
      customer = await register(system.client);
    });
    while (answer?.data.recordSynced.target !== 'oracle') answer = await stream.next();
    expect(answer).toMatchObject({
      data: { recordSynced: { state: 'APPLIED', target: 'oracle', targetVersion: 1, user: { name: 'Ada Lovelace' } } },
      extensions: { cursor: expect.any(String) },
    });
    await until(async () => {
      const { me } = await customer.client.ask('{ me { name syncState { target state targetVersion } } }');
      const [oracle] = me.syncState.filter(({ target }: { target: string }) => target === 'oracle');
      return oracle.state === 'APPLIED';
    });
    using oracle = new DatabaseSync(system.oracleFile, { readOnly: true });
    expect(oracle.prepare('SELECT email, first_name FROM users WHERE id = ?').get(customer.id)).toEqual({
      email: customer.email,
      first_name: 'Ada',
    });
  });

  test('fifty identical calls make one user and give forty-nine equal replays', async () => {
    const input = newRegistration();
    const key = randomUUID();
    const calls = Array.from({ length: 50 }, () => system.client.send(REGISTER, { input, key }));
    const unrelated = await system.client.ask('{ __typename me { id } }');
    expect(unrelated).toEqual({ __typename: 'Query', me: null });
    const answers = await Promise.all(calls);
    expect(answers.filter(({ data }) => data.registerUser.replayed === false)).toHaveLength(1);
    expect(new Set(answers.map(({ data }) => data.registerUser.user.id)).size).toBe(1);
    const replays = answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true');
    expect(replays).toHaveLength(49);
    const admin = await system.admin();
    const { users } = await admin.ask(
      'query ($search: String) { users(filter: { search: $search }) { edges { node { id } } } }',
      {
        search: input.email,
      },
    );
    expect(users.edges).toHaveLength(1);
  });

  test('fifty identical calls over two replicas make one user and give forty-nine replays', async () => {
    const replica = await system.secondUser();
    const clients = [new TestClient(system.user.url), new TestClient(replica.url)];
    const input = newRegistration();
    const key = randomUUID();
    const register50 =
      'mutation R($input: RegisterUserInput!, $key: ID!) { registerUser(input: $input, idempotencyKey: $key) { user { id } replayed } }';
    const calls = Array.from({ length: 50 }, (_, at) => clients[at % 2]!.ask(register50, { input, key }));
    const answers = await Promise.all(calls);
    expect(answers.filter(({ registerUser }) => !registerUser.replayed)).toHaveLength(1);
    expect(new Set(answers.map(({ registerUser }) => registerUser.user.id)).size).toBe(1);
  });

  test('the same key with other arguments is refused, and tells nothing of the first', async () => {
    const input = newRegistration();
    const key = randomUUID();
    await system.client.ask(REGISTER, { input, key });
    const { data, errors } = await system.client.send(REGISTER, {
      input: { ...input, password: 'another password' },
      key,
    });
    expect(data).toEqual({ registerUser: null });
    expect(errors).toMatchObject([{ extensions: { code: 'IDEMPOTENCY_KEY_REUSED', field: 'idempotencyKey' } }]);
    expect(JSON.stringify(errors)).not.toContain(input.email);
  });

  test('an e-mail that is taken, in any case, is refused and stays refused under the same key', async () => {
    const customer = await register(system.client);
    const input = { ...newRegistration(), email: customer.email.toUpperCase() };
    const key = randomUUID();
    const first = await system.client.ask(REGISTER, { input, key });
    expect(first.registerUser).toMatchObject({
      user: null,
      token: null,
      userErrors: [{ code: 'EMAIL_TAKEN', field: 'email' }],
    });
    const again = await system.client.ask(REGISTER, { input, key });
    expect(again.registerUser).toEqual({ ...first.registerUser, replayed: true });
  });
});
