import { afterAll, beforeAll, expect, test } from 'vitest';
import { mintAccessToken } from '#shared/identity/tokens.ts';
import { describeOnPostgres } from '../support/database.ts';
import { newRegistration, register, REGISTER } from '../support/customers.ts';
import { openSystem, type System } from '../support/system.ts';

describeOnPostgres('the gateway refuses', () => {
  let system: System;
  beforeAll(async () => {
    system = await openSystem();
  });
  afterAll(() => system[Symbol.asyncDispose]());

  const post = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${system.gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });

  const USER = 'query ($id: ID!) { user(id: $id) { id } }';
  const cases = [
    { what: 'an unknown field', query: '{ me { nothing } }', code: 'GRAPHQL_VALIDATION_FAILED' },
    { what: 'a parse error', query: '{ me {', code: 'GRAPHQL_PARSE_FAILED' },
    { what: 'an operation that is not there', query: 'fragment F on User { id }', code: 'GRAPHQL_VALIDATION_FAILED' },
    { what: 'a missing variable', query: USER, code: 'BAD_USER_INPUT', field: 'id' },
    { what: 'a variable of the wrong type', query: USER, given: { id: {} }, code: 'BAD_USER_INPUT', field: 'id' },
    {
      what: 'an enum value that is none',
      query: 'query ($f: UserFilter) { users(filter: $f) { edges { cursor } } }',
      given: { f: { status: 'GONE' } },
      code: 'BAD_USER_INPUT',
      field: 'status',
    },
    {
      what: 'an input field that is missing',
      query: REGISTER,
      given: { input: { ...newRegistration(), email: undefined }, key: 'k' },
      code: 'BAD_USER_INPUT',
      field: 'email',
    },
    {
      what: 'an idempotency key that is empty',
      query: REGISTER,
      given: { input: newRegistration(), key: '' },
      code: 'BAD_USER_INPUT',
      field: 'idempotencyKey',
    },
  ];
  test.each(cases)('$what', async ({ query, given, code, field }) => {
    const { data, errors, status } = await system.client.send(query, given);
    expect(status).toBeLessThan(500);
    expect(data?.user ?? data?.users ?? data?.registerUser ?? null).toBeNull();
    expect(errors?.[0]?.extensions).toEqual({ code, ...(field !== undefined && { field }) });
  });

  test('a body that is larger than 1 MiB', async () => {
    const response = await post(JSON.stringify({ query: `{ __typename } #${'x'.repeat(1024 * 1024)}` }));
    expect(response.status).toBe(413);
  });

  test('a body that is not JSON, a batch, and none at all', async () => {
    for (const body of ['{', '[{"query":"{ __typename }"}]', '{}', '""'])
      expect({ body, status: (await post(body)).status }).toEqual({ body, status: 400 });
  });

  test('a mutation by GET', async () => {
    const query = encodeURIComponent('mutation { login(input: { email: "a@b.c", password: "x" }) { token } }');
    const response = await fetch(`${system.gateway.url}/graphql?query=${query}`, {
      headers: { 'apollo-require-preflight': 'true' },
    });
    expect(response.status).toBe(405);
  });

  test('what a browser sends across sites without asking', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const response = await post(JSON.stringify({ query: '{ __typename }' }), { 'content-type': type });
      expect({ type, ok: response.ok, text: (await response.text()).includes('"data"') }).toEqual({
        type,
        ok: false,
        text: false,
      });
    }
    const byGet = await fetch(`${system.gateway.url}/graphql?query=${encodeURIComponent('{ __typename }')}`);
    expect(byGet.status).toBe(400);
  });

  test('a token that is malformed, forged or expired is 401, whatever is asked', async () => {
    const customer = await register(system.client);
    const expired = await mintAccessToken(
      system.keys.jwt,
      { id: customer.id, role: 'CUSTOMER' },
      new Date(Date.now() - 16 * 60_000),
    );
    const { token } = await mintAccessToken(system.keys.jwt, { id: customer.id, role: 'CUSTOMER' }, new Date());
    for (const bad of [expired.token, `${token}x`, 'x']) {
      const { status, data, errors } = await system.client.as(bad).send('{ __typename }');
      expect({ status, data }).toEqual({ status: 401, data: undefined });
      expect(errors).toEqual([{ message: expect.any(String), extensions: { code: 'UNAUTHENTICATED' } }]);
    }
  });
});
