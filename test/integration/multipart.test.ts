import {
  ApolloClient,
  CombinedGraphQLErrors,
  CombinedProtocolErrors,
  gql,
  HttpLink,
  InMemoryCache,
} from '@apollo/client';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { until } from '../support/poll.ts';
import { RawAnswer } from '../support/raw-http.ts';
import { openStreamingGateway, type StreamingGateway } from '../support/streaming-gateway.ts';

const RENAMED = 'subscription ($id: ID) { renamed(id: $id) { name } }';
const ACCEPT = { accept: 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0", application/json' };
const HEADERS = '\r\ncontent-type: application/json\r\n\r\n';
const BOUNDARY = '\r\n--graphql';
const OPENING = `${BOUNDARY}${HEADERS}{}${BOUNDARY}`;

let gateway: StreamingGateway;
beforeAll(async () => {
  gateway = await openStreamingGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());
afterEach(() => {
  vi.useRealTimers();
  gateway.engine.first = () => undefined;
});

const subscribe = (): RawAnswer =>
  new RawAnswer(gateway.url, { headers: ACCEPT, body: { query: RENAMED, variables: { id: '1' } } });

describe('a multipart stream', () => {
  test('sends each part as one chunk, with the boundary behind it', async () => {
    await using answer = subscribe();
    expect(await answer.head()).toContain(
      'content-type: multipart/mixed;boundary="graphql";subscriptionspec=1.0\r\ndate:',
    );
    expect(await answer.chunks(1)).toEqual([OPENING]);
    const subscription = await gateway.engine.next();
    expect(subscription.request).toMatchObject({ transport: 'multipart', checkpoints: false, variables: { id: '1' } });
    subscription.tell({ at: 1 }, 'c1');
    subscription.tell({ at: 2 });
    const parts = ['{"payload":{"data":{"at":1},"extensions":{"cursor":"c1"}}}', '{"payload":{"data":{"at":2}}}'];
    expect((await answer.chunks(3)).slice(1)).toEqual(parts.map((part) => `${HEADERS}${part}${BOUNDARY}`));
    subscription.end();
    const chunks = await answer.chunks(5);
    expect(chunks.slice(3)).toEqual(['--\r\n', '']);
    const whole = ['{}', ...parts].map((part) => `${BOUNDARY}${HEADERS}${part}`).join('');
    expect(chunks.join('')).toBe(`${whole}${BOUNDARY}--\r\n`);
  });

  test('says how far it has come to who asks for that, as results', async () => {
    const body = { query: RENAMED, extensions: { checkpoints: true } };
    await using answer = new RawAnswer(gateway.url, { headers: ACCEPT, body });
    const subscription = await gateway.engine.next();
    expect(subscription.request.checkpoints).toBe(true);
    subscription.mark('c0');
    const told = '{"payload":{"data":null,"extensions":{"cursor":"c0","checkpoint":true}}}';
    expect((await answer.chunks(2))[1]).toBe(`${HEADERS}${told}${BOUNDARY}`);
  });

  test('ends with its errors and the last boundary in one chunk', async () => {
    await using answer = subscribe();
    (await gateway.engine.next()).end('lost', 'SUBGRAPH_UNAVAILABLE');
    const errors = [{ message: 'It has ended: lost.', extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }];
    expect((await answer.chunks(3)).slice(1)).toEqual([
      `${HEADERS}${JSON.stringify({ payload: null, errors })}${BOUNDARY}--\r\n`,
      '',
    ]);
  });

  test('says every 5 seconds that it is there, until it has ended', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await using answer = subscribe();
    await answer.chunks(1);
    const subscription = await gateway.engine.next();
    await vi.advanceTimersByTimeAsync(4_999);
    subscription.tell(1);
    await answer.chunks(2);
    await vi.advanceTimersByTimeAsync(1);
    expect((await answer.chunks(3))[2]).toBe(`${HEADERS}{}${BOUNDARY}`);
    subscription.end();
    expect(vi.getTimerCount()).toBe(0);
    expect((await answer.chunks(5)).slice(3)).toEqual(['--\r\n', '']);
  });

  test('is left when the client goes', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const answer = subscribe();
    await answer.chunks(1);
    const subscription = await gateway.engine.next();
    expect(vi.getTimerCount()).toBe(1);
    answer.socket.destroy();
    await until(() => subscription.left, { what: 'the subscription to be left' });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a client of Apollo', () => {
  const client = (): ApolloClient =>
    new ApolloClient({ link: new HttpLink({ uri: `${gateway.url}/graphql` }), cache: new InMemoryCache() });

  interface Seen {
    readonly results: { data?: unknown; error?: unknown }[];
    complete: boolean;
  }

  function watch(query: string): Seen & { unsubscribe: () => void } {
    const results: Seen['results'] = [];
    const seen = { results, complete: false, unsubscribe: () => undefined as void };
    const subscription = client()
      .subscribe({ query: gql(query), fetchPolicy: 'no-cache' })
      .subscribe({
        next: (result) => results.push(result),
        error: (error: unknown) => results.push({ error }),
        complete: () => {
          seen.complete = true;
        },
      });
    seen.unsubscribe = () => subscription.unsubscribe();
    return seen;
  }
  const person = (name: string): unknown => ({ renamed: { __typename: 'Person', id: '1', name } });
  const QUERY = 'subscription { renamed { id name } }';

  test('is given each event as it comes, and the end', async () => {
    const seen = watch(QUERY);
    const subscription = await gateway.engine.next();
    for (const name of ['Ada', 'Äda 🙂', 'Adele']) {
      const before = seen.results.length;
      subscription.tell(person(name));
      await until(() => seen.results.length > before, { what: 'the event' });
      expect(seen.results.at(-1)).toMatchObject({ data: person(name) });
    }
    subscription.end();
    await until(() => seen.complete, { what: 'the end' });
    expect(seen.results).toHaveLength(3);
  });

  test('is told what its stream has ended with', async () => {
    const seen = watch(QUERY);
    (await gateway.engine.next()).end('expired', 'UNAUTHENTICATED');
    await until(() => seen.results.length > 0);
    const error = seen.results[0]?.error;
    expect(CombinedProtocolErrors.is(error) && error.errors).toMatchObject([
      { message: 'It has ended: expired.', extensions: { code: 'UNAUTHENTICATED' } },
    ]);
  });

  test('is told what is wrong with its operation', async () => {
    const seen = watch('subscription { nothing }');
    await until(() => seen.results.length > 0);
    const error = seen.results[0]?.error;
    expect(CombinedGraphQLErrors.is(error) && error.errors).toMatchObject([
      { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ]);
  });

  test('leaves by unsubscribing', async () => {
    const seen = watch(QUERY);
    const subscription = await gateway.engine.next();
    subscription.tell(person('Ada'));
    await until(() => seen.results.length > 0);
    seen.unsubscribe();
    await until(() => subscription.left);
  });
});
