import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RawAnswer } from '../support/raw-http.ts';
import { openStreamingGateway, type StreamingGateway } from '../support/streaming-gateway.ts';

const RENAMED = 'subscription ($id: ID) { renamed(id: $id) { name } }';
const MULTIPART = { accept: 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0", application/json' };
const EVENTS_ONLY = { accept: 'text/event-stream' };

let gateway: StreamingGateway;
beforeAll(async () => {
  gateway = await openStreamingGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());
afterEach(() => {
  gateway.engine.first = () => undefined;
});

function post(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

describe('a client that takes multipart', () => {
  const answered = async (
    body: unknown,
    headers: Record<string, string> = MULTIPART,
  ): Promise<{ status: number; type: string; answer: unknown }> => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const type = response.headers.get('content-type') ?? '';
    return { status: response.status, type, answer: await response.json() };
  };
  const JSON_TYPE = 'application/json; charset=utf-8';
  const RESPONSE = { accept: 'multipart/mixed;subscriptionSpec=1.0,application/graphql-response+json' };
  const RESPONSE_TYPE = 'application/graphql-response+json; charset=utf-8';

  test('is given queries and mutations as JSON', async () => {
    const person = { data: { person: { name: 'Ada' } } };
    const query = '{ person(id: 1) { name } }';
    expect(await answered({ query })).toEqual({ status: 200, type: JSON_TYPE, answer: person });
    expect(await answered({ query }, RESPONSE)).toEqual({ status: 200, type: RESPONSE_TYPE, answer: person });
  });

  test.each([
    { what: 'an unknown field', body: { query: 'subscription { nothing }' }, code: 'GRAPHQL_VALIDATION_FAILED' },
    { what: 'a text that cannot be parsed', body: { query: 'subscription {' }, code: 'GRAPHQL_PARSE_FAILED' },
    {
      what: 'a name of none',
      body: { query: RENAMED, operationName: 'None' },
      code: 'OPERATION_RESOLUTION_FAILURE',
    },
    {
      what: 'several operations and no name',
      body: { query: 'subscription A { renamed { id } } query B { newest }' },
      code: 'OPERATION_RESOLUTION_FAILURE',
    },
    { what: 'variables that are no object', body: { query: RENAMED, variables: [1] }, code: 'BAD_REQUEST' },
    {
      what: 'a bad token',
      body: { query: RENAMED },
      headers: { authorization: 'Bearer x' },
      status: 401,
      code: 'UNAUTHENTICATED',
    },
  ])('is told as JSON, by a status, of $what', async ({ body, headers, status = 400, code }) => {
    for (const [accept, type] of [
      [MULTIPART, JSON_TYPE],
      [RESPONSE, RESPONSE_TYPE],
    ] as const) {
      const told = await answered(body, { ...accept, ...headers });
      expect(told).toMatchObject({ type, answer: { errors: [{ extensions: { code } }] } });
      // GraphQL over HTTP: a document that is refused is no fault of the request, where the type does not tell who says so.
      const ofTheDocument = status === 400 && code !== 'BAD_REQUEST';
      expect(told.status).toBe(ofTheDocument && type === JSON_TYPE ? 200 : status);
    }
  });

  test.each([
    ['limited', 'RATE_LIMITED', 429],
    ['refused', 'BAD_USER_INPUT', 400],
    ['refused', 'UNAUTHENTICATED', 401],
    ['stopping', 'SHUTTING_DOWN', 503],
    ['fault', 'INTERNAL_SERVER_ERROR', 500],
  ] as const)('is told by a status when its subscription is %s at once: %s', async (reason, code, status) => {
    gateway.engine.first = (subscription) => subscription.end(reason, code);
    const errors = [{ message: `It has ended: ${reason}.`, extensions: { code } }];
    expect(await answered({ query: RENAMED }, RESPONSE)).toEqual({ status, type: RESPONSE_TYPE, answer: { errors } });
    await gateway.engine.next();
  });

  const UNACCEPTABLE = ['application/json', '*/*', 'multipart/mixed', 'multipart/mixed;subscriptionSpec=1.1'];
  test.each(UNACCEPTABLE)('as %s is told by 406 what to send', async (accept) => {
    const { status, answer } = await answered({ query: RENAMED }, { accept });
    expect(status).toBe(406);
    expect(answer).toEqual({
      errors: [
        {
          message: expect.stringMatching(
            /"Accept: text\/event-stream" or "Accept: multipart\/mixed;subscriptionSpec=1\.0"/,
          ),
          extensions: { code: 'NOT_ACCEPTABLE' },
        },
      ],
    });
  });

  test('is told by 406 that a GET is answered by events only', async () => {
    const target = `${gateway.url}/graphql?query=${encodeURIComponent(RENAMED)}`;
    for (const accept of [MULTIPART.accept, 'application/json']) {
      const response = await fetch(target, { headers: { accept } });
      expect(response.status).toBe(406);
      expect(await response.text()).not.toContain('multipart');
    }
  });

  test('has its stream by its own preference', async () => {
    const both = 'text/event-stream;q=0.5, multipart/mixed;subscriptionSpec=1.0;q=0.6';
    for (const [accept, transport] of [
      [both, 'multipart'],
      [both.replace('0.5', '0.7'), 'sse'],
    ] as const) {
      await using _answer = new RawAnswer(gateway.url, { headers: { accept }, body: { query: RENAMED } });
      expect((await gateway.engine.next()).request.transport).toBe(transport);
    }
  });
});

describe('a client that takes nothing but events', () => {
  const answered = async (init: RequestInit, search = ''): Promise<{ status: number; type: string; text: string }> => {
    const response = await fetch(`${gateway.url}/graphql${search}`, init);
    return { status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() };
  };
  const EVENTS = 'text/event-stream; charset=utf-8';

  test('is given a query and a mutation as streams of one result', async () => {
    for (const query of ['{ person(id: 1) { name } }', 'mutation { rename(input: { id: 1, names: [] }) { name } }']) {
      const { status, type, text } = await answered(post({ query }, EVENTS_ONLY));
      expect({ status, type }).toEqual({ status: 200, type: EVENTS });
      expect(text).toMatch(
        /^event: next\ndata: \{"data":\{"(person|rename)":\{"name":"Ada"\}\}\}\n\nevent: complete\ndata:\n\n$/,
      );
    }
  });

  test.each([
    ['that cannot be parsed', { query: '{' }, 'GRAPHQL_PARSE_FAILED'],
    ['that is not valid', { query: 'subscription { nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['without a variable', { query: 'query ($id: ID!) { person(id: $id) { name } }' }, 'BAD_USER_INPUT'],
    ['that is not named', { query: 'query A { newest } query B { newest }' }, 'OPERATION_RESOLUTION_FAILURE'],
    ['with a name of none', { query: RENAMED, operationName: 'None' }, 'OPERATION_RESOLUTION_FAILURE'],
  ])('is told by an event what is wrong with an operation %s', async (_, body, code) => {
    const { status, type, text } = await answered(post(body, EVENTS_ONLY));
    expect({ status, type }).toEqual({ status: 200, type: EVENTS });
    const [, data = ''] = /^(?::\n\n)?event: next\ndata: (.*)\n\nevent: complete\ndata:\n\n$/.exec(text) ?? [];
    expect(JSON.parse(data)).toEqual({
      errors: [expect.objectContaining({ extensions: expect.objectContaining({ code }) })],
    });
  });

  test('is told by an event that its subscription is refused', async () => {
    gateway.engine.first = (subscription) => subscription.end('refused', 'BAD_USER_INPUT');
    const { status, type, text } = await answered(post({ query: RENAMED }, EVENTS_ONLY));
    expect({ status, type }).toEqual({ status: 200, type: EVENTS });
    expect(text).toMatch(/^:\n\nevent: next\ndata: .*"code":"BAD_USER_INPUT".*\n\nevent: complete\ndata:\n\n$/);
    await gateway.engine.next();
  });

  const bad = { ...EVENTS_ONLY, authorization: 'Bearer x' };
  const mutation = 'mutation { rename(input: { id: 1, names: [] }) { name } }';
  test.each([
    { what: 'a body that is no JSON', init: post('{', EVENTS_ONLY), expected: 400 },
    { what: 'a body without an operation', init: post({ id: 1 }, EVENTS_ONLY), expected: 400 },
    { what: 'a body above 1 MiB', init: post({ query: 'x'.repeat(1024 * 1024) }, EVENTS_ONLY), expected: 413 },
    { what: 'a bad token', init: post({ query: RENAMED }, bad), expected: 401 },
    { what: 'a bad token of a query', init: post({ query: '{ newest }' }, bad), expected: 401 },
    {
      what: 'a mutation by GET',
      init: { headers: { ...EVENTS_ONLY, 'apollo-require-preflight': '1' } },
      search: `?${new URLSearchParams({ query: mutation }).toString()}`,
      expected: 405,
    },
  ])('is told by a status of $what', async ({ init, search, expected }) => {
    const { status, type } = await answered(init, search);
    expect(status).toBe(expected);
    expect(type).toContain('application/json');
  });

  test('is told by a status that there are too many subscriptions', async () => {
    gateway.engine.first = (subscription) => subscription.end('limited', 'RATE_LIMITED');
    const response = await fetch(`${gateway.url}/graphql`, post({ query: RENAMED }, EVENTS_ONLY));
    expect(response.status).toBe(429);
    expect(await response.json()).toEqual({
      errors: [{ message: 'It has ended: limited.', extensions: { code: 'RATE_LIMITED' } }],
    });
    await gateway.engine.next();
  });
});
