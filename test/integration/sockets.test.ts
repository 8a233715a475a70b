import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLOCK_TOLERANCE_S, mintAccessToken } from '#shared/identity/tokens.ts';
import { describeOnPostgres } from '../support/database.ts';
import { newKeys } from '../support/keys.ts';
import { actUntil, until } from '../support/poll.ts';
import { openRawSocket, upgradeStatus } from '../support/raw-socket.ts';
import { newRegistration, register, REGISTER, type Customer } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

const TOKEN_LIFE_MS = 15 * 60_000;
const RENAME = `mutation ($id: ID!, $name: String!, $key: ID!) {
  updateUser(input: { id: $id, firstName: $name }, idempotencyKey: $key) { user { version } }
}`;
const INIT = { type: 'connection_init' };

describeOnPostgres('sockets', () => {
  let system: System;
  let customer: Customer;
  beforeAll(async () => {
    system = await openSystem();
    customer = await register(system.client);
  });
  afterAll(() => system[Symbol.asyncDispose]());

  /** A token that was good once, and ends `ms` from now. */
  async function tokenEndingIn(ms: number): Promise<string> {
    const at = new Date(Date.now() + ms - TOKEN_LIFE_MS);
    const { token } = await mintAccessToken(system.keys.jwt, { id: customer.id, role: 'CUSTOMER' }, at);
    return `Bearer ${token}`;
  }

  const rename = (name: string): Promise<unknown> =>
    customer.client.ask(RENAME, { id: customer.id, name, key: randomUUID() });
  const urls = (): string[] => [system.gateway.url, system.user.url, system.sync.url];

  describe('close with 4401', () => {
    test('on a token that is forged, malformed or expired', async () => {
      const forged = await mintAccessToken(newKeys().jwt, { id: customer.id, role: 'ADMIN' }, new Date());
      const tokens = [`Bearer ${forged.token}`, 'Bearer x', 'Basic eDp5', await tokenEndingIn(-60_000)];
      for (const url of urls()) {
        for (const authorization of tokens) {
          await using raw = await openRawSocket(url);
          raw.send({ ...INIT, payload: { authorization } });
          expect(await raw.closed).toMatchObject({ code: 4401, reason: expect.stringMatching(/token/i) });
        }
      }
    });

    test('when the token expires on the open socket', async () => {
      await using raw = await openRawSocket(system.gateway.url);
      raw.send({ ...INIT, payload: { headers: { Authorization: await tokenEndingIn(2_000) } } });
      expect(await raw.next()).toEqual({ type: 'connection_ack' });
      raw.send({ type: 'subscribe', id: '1', payload: { query: 'subscription { userChanged { id } }' } });
      expect(await raw.closed).toEqual({ code: 4401, reason: 'The token has expired; log in again.' });
    });

    test('on an operation before the acknowledgement', async () => {
      await using raw = await openRawSocket(system.gateway.url);
      raw.send({ type: 'subscribe', id: '1', payload: { query: '{ __typename }' } });
      expect((await raw.closed).code).toBe(4401);
    });
  });

  test('a stream whose token came with the operation ends with the token', async () => {
    for (const url of [system.gateway.url, system.user.url]) {
      await using raw = await openRawSocket(url);
      raw.send(INIT);
      await raw.next();
      // Taken for the clocks' tolerance of 5 s after its end.
      const extensions = { authorization: await tokenEndingIn(-3_500) };
      raw.send({ type: 'subscribe', id: '1', payload: { query: 'subscription { userChanged { id } }', extensions } });
      expect(await raw.next()).toMatchObject({
        type: 'error',
        id: '1',
        payload: [{ extensions: { code: 'UNAUTHENTICATED' } }],
      });
    }
  });

  test('a stream goes on over a socket that is given a fresh token', async () => {
    const endsAt = Date.now() + 2_000;
    const [first, fresh] = [await tokenEndingIn(2_000), await tokenEndingIn(120_000)];
    await using raw = await openRawSocket(system.gateway.url);
    await raw.init({ authorization: first });
    raw.subscribe('1', 'subscription { userChanged { id firstName } }');
    raw.send({ type: 'ping', payload: { authorization: fresh } });
    expect(await raw.next()).toEqual({ type: 'pong', payload: { expiresAt: expect.any(String) } });
    // With the tolerance of the clocks, the first token would have ended the stream by now.
    await until(() => Date.now() > endsAt + (CLOCK_TOLERANCE_S + 0.5) * 1_000);
    const told = raw.next();
    await actUntil(told, () => rename(randomUUID()));
    const name = randomUUID();
    await rename(name);
    for (let frame = await told; !JSON.stringify(frame).includes(name); frame = await raw.next())
      expect(frame.type).toBe('next');
  });

  test('a bad token of one operation ends that operation alone', async () => {
    await using raw = await openRawSocket(system.gateway.url);
    raw.send(INIT);
    await raw.next();
    raw.send({
      type: 'subscribe',
      id: '1',
      payload: { query: '{ me { id } }', extensions: { authorization: 'Bearer x' } },
    });
    expect(await raw.next()).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    raw.send({ type: 'subscribe', id: '2', payload: { query: '{ me { id } }' } });
    expect(await raw.next()).toMatchObject({ type: 'next', id: '2', payload: { data: { me: null } } });
  });

  test('frames that are not of the protocol close the socket with 4400', async () => {
    for (const frame of ['not JSON', '{}', '[]', '{"type":"subscribe"}', '{"type":"start","id":"1"}']) {
      await using raw = await openRawSocket(system.gateway.url);
      raw.send(frame);
      expect({ frame, code: (await raw.closed).code }).toEqual({ frame, code: 4400 });
    }
  });

  test('a second init and a second use of an id each have their code', async () => {
    await using twice = await openRawSocket(system.gateway.url);
    twice.send(INIT);
    twice.send(INIT);
    expect((await twice.closed).code).toBe(4429);
    await using doubled = await openRawSocket(system.gateway.url);
    doubled.send({ ...INIT, payload: { authorization: await tokenEndingIn(60_000) } });
    await doubled.next();
    for (let at = 0; at < 2; at += 1)
      doubled.send({ type: 'subscribe', id: '1', payload: { query: 'subscription { userChanged { id } }' } });
    expect((await doubled.closed).code).toBe(4409);
  });

  test.each([1, 10])('a frame above %d MiB closes the socket with 1009', async (mebibytes) => {
    await using raw = await openRawSocket(system.gateway.url);
    raw.send(INIT);
    await raw.next();
    raw.send({ type: 'ping', payload: { large: 'x'.repeat(mebibytes * 1024 * 1024) } });
    expect((await raw.closed).code).toBe(1009);
  });

  test.each(['/', '/graphql/', '/nowhere?at=all', '//', '//:x', '/%'])(
    'an upgrade at %s is answered with 404',
    async (target) => {
      for (const url of urls()) expect(await upgradeStatus(url, target)).toBe('HTTP/1.1 404 Not Found');
      expect(await upgradeStatus(system.gateway.url, '/graphql?any=thing')).toBe('HTTP/1.1 101 Switching Protocols');
    },
  );

  test('queries and mutations run over them like over HTTP', async () => {
    await using registered = system.client.subscribe(REGISTER, { input: newRegistration(), key: randomUUID() });
    const answer = await registered.next();
    expect(answer).toMatchObject({
      data: {
        registerUser: {
          user: { name: 'Ada Lovelace', syncState: [{ target: 'oracle' }, { target: 'notification' }] },
          token: expect.any(String),
        },
      },
    });
    expect(await registered.next()).toBeUndefined();
    await using queried = customer.client.subscribe('query ($id: ID!) { user(id: $id) { id syncState { state } } }', {
      id: customer.id,
    });
    expect(await queried.next()).toMatchObject({ data: { user: { id: customer.id, syncState: [{}, {}] } } });
    await using introspected = system.client.subscribe(
      '{ __schema { queryType { name } } __type(name: "User") { name } }',
    );
    expect((await introspected.next())?.data).toEqual({
      __schema: { queryType: { name: 'Query' } },
      __type: { name: 'User' },
    });
  });

  test('what is wrong with an operation has its code over them, too', async () => {
    const wrong = [
      { payload: { query: '{ nothing }' }, code: 'GRAPHQL_VALIDATION_FAILED' },
      { payload: { query: '{' }, code: 'GRAPHQL_PARSE_FAILED' },
      { payload: { query: 'query A { me { id } } query B { me { id } }' }, code: 'OPERATION_RESOLUTION_FAILURE' },
      {
        payload: { query: 'query ($id: ID!) { user(id: $id) { id } }', variables: { id: {} } },
        code: 'BAD_USER_INPUT',
      },
    ];
    for (const { payload, code } of wrong) {
      await using raw = await openRawSocket(system.gateway.url);
      raw.send(INIT);
      await raw.next();
      raw.send({ type: 'subscribe', id: '1', payload });
      const { payload: answer } = (await raw.next()) as { payload: unknown };
      const errors = Array.isArray(answer) ? answer : (answer as { errors: unknown }).errors;
      expect(errors).toMatchObject([{ extensions: { code } }]);
    }
  });

  test('many operations share one, each with its own answer', async () => {
    await using raw = await openRawSocket(system.gateway.url);
    raw.send({ ...INIT, payload: { authorization: await tokenEndingIn(60_000) } });
    await raw.next();
    const ids = Array.from({ length: 50 }, (_, at) => String(at));
    for (const id of ids) raw.send({ type: 'subscribe', id, payload: { query: `{ me { a${id}: id } }` } });
    const answers = new Map<string, unknown>();
    while (answers.size < ids.length) {
      const { type, id = '', payload } = await raw.next();
      if (type === 'next') answers.set(id, payload);
    }
    for (const id of ids) expect(answers.get(id)).toEqual({ data: { me: { [`a${id}`]: customer.id } } });
  });
});

describeOnPostgres('a gateway that stops', () => {
  test('closes its sockets with 1001, and tells their streams nothing else', async () => {
    await using system = await openSystem();
    const { token } = await register(system.client);
    await using raw = await openRawSocket(system.gateway.url);
    await raw.init({ authorization: `Bearer ${token}` });
    raw.subscribe('1', 'subscription { userChanged { id } }');
    raw.subscribe('2', '{ me { id } }');
    expect([(await raw.next()).id, (await raw.next()).id]).toEqual(['2', '2']);
    const metrics = await (await fetch(`${system.gateway.url}/metrics`)).text();
    expect(metrics).toMatch(/^lockstep_sockets\{[^}]*\} 1$/m);
    await system.gateway[Symbol.asyncDispose]();
    await expect(raw.next()).rejects.toThrow('closed {"code":1001,"reason":"Going away"}');
  });
});
