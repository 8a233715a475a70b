import { randomUUID } from 'node:crypto';
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newRegistration } from '../support/customers.ts';
import { describeOnPostgres } from '../support/database.ts';
import { openSystem, type System } from '../support/system.ts';

const REGISTER = `mutation ($input: RegisterUserInput!, $key: ID!) {
  registerUser(input: $input, idempotencyKey: $key) { replayed }
}`;

type AuditOptions = Parameters<typeof serverAudits>[0];

/** What a GET needs, so that no page of another site can send one unasked. */
const PREFLIGHT = { 'apollo-require-preflight': 'true' };
const NO_PREFLIGHT = 'a GET without a header that makes a browser ask first is refused: it could come from any site';
/** What the specification leaves open and we leave out, each with its reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  '5A70': NO_PREFLIGHT,
  D6D5: NO_PREFLIGHT,
  '6A70': NO_PREFLIGHT,
};

const preflighted: typeof fetch = (url, init) =>
  fetch(url, { ...init, headers: { ...(init?.headers as Record<string, string>), ...PREFLIGHT } });

describeOnPostgres('GraphQL over HTTP', () => {
  let system: System;
  beforeAll(async () => {
    system = await openSystem();
  });
  afterAll(() => system[Symbol.asyncDispose]());

  const audits = (options: Pick<AuditOptions, 'fetchFn'> & { readonly of: 'gateway' | 'user' }) =>
    serverAudits({ ...options, url: () => `${system[options.of].url}/graphql` });

  describe.each(['gateway', 'user'] as const)('as the %s speaks it', (of) => {
    test.each(audits({ of }))('$id $name', async ({ id, fn }) => {
      const { status, ...failed } = await fn();
      expect(status, JSON.stringify(failed)).toBe(id in LEFT_OUT ? 'notice' : 'ok');
    });

    test.each(audits({ of, fetchFn: preflighted }).filter(({ name }) => name.includes('GET')))(
      '$id $name, with a header that makes a browser ask first',
      async ({ fn }) => {
        expect(await fn()).toMatchObject({ status: 'ok' });
      },
    );

    const post = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`${system[of].url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      });
    const QUERY = JSON.stringify({ query: '{ __typename }' });

    test.each([
      { what: 'a body that is no JSON', body: '{ "query', headers: {}, status: 400 },
      { what: 'a body of another type', body: QUERY, headers: { 'content-type': 'application/xml' }, status: 415 },
      { what: 'a body that is too large', body: `"${'x'.repeat(1024 * 1024)}"`, headers: {}, status: 413 },
      { what: 'a body without a query', body: '{}', headers: { accept: 'application/json' }, status: 400 },
    ])('$what is answered with $status, as a GraphQL error', async ({ body, headers, status }) => {
      const response = await post(body, headers);
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(await response.json()).toEqual({
        errors: [{ message: expect.any(String), extensions: { code: 'BAD_REQUEST' } }],
      });
    });

    test('the answer to a body that is no JSON has the media type that the client asked for, and the ids of its request', async () => {
      const response = await post('{', { accept: 'application/graphql-response+json', 'x-request-id': 'request-7' });
      expect(response.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8');
      expect(response.headers.get('x-request-id')).toBe('request-7');
    });

    test('a client that takes no answer of ours is answered with 406, and nothing is carried out', async () => {
      const variables = { input: newRegistration(), key: randomUUID() };
      const response = await post(JSON.stringify({ query: REGISTER, variables }), { accept: 'text/html' });
      expect(response.status).toBe(406);
      expect(await response.json()).toEqual({
        errors: [{ message: expect.stringContaining('application/json'), extensions: { code: 'NOT_ACCEPTABLE' } }],
      });
      const { registerUser } = await system.client.at(system[of].url).ask(REGISTER, variables);
      expect(registerUser.replayed).toBe(false);
    });

    test('a mutation by GET is answered with 405, which says what is allowed', async () => {
      const url = `${system[of].url}/graphql?query=${encodeURIComponent('mutation { __typename }')}`;
      const response = await fetch(url, { headers: PREFLIGHT });
      expect({ status: response.status, allow: response.headers.get('allow') }).toEqual({ status: 405, allow: 'POST' });
    });

    test('an operation that the document does not hold is 200 in JSON, 400 in the type that GraphQL has of its own', async () => {
      const body = JSON.stringify({ query: 'query One { __typename }', operationName: 'Other' });
      const statuses = ['application/json', 'application/graphql-response+json'].map(async (accept) => {
        const response = await post(body, { accept });
        const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
        return [response.status, errors[0]?.extensions.code];
      });
      expect(await Promise.all(statuses)).toEqual([
        [200, 'OPERATION_RESOLUTION_FAILURE'],
        [400, 'OPERATION_RESOLUTION_FAILURE'],
      ]);
    });

    test('a bad token is 401 in either media type', async () => {
      for (const accept of ['application/json', 'application/graphql-response+json'])
        expect((await post(QUERY, { accept, authorization: 'Bearer x' })).status).toBe(401);
    });
  });

  test('an answer with data is 200 though a field has failed', async () => {
    const answer = await system.client
      .with({ accept: 'application/graphql-response+json' })
      .send('{ users { edges { cursor } } }');
    expect(answer).toMatchObject({
      status: 200,
      data: { users: null },
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });
});
