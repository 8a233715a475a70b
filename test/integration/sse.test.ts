import { setImmediate } from 'node:timers/promises';
import { createClient, type Client } from 'graphql-sse';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { Client as UrqlClient, fetchExchange, type OperationResult } from '@urql/core';
import { until } from '../support/poll.ts';
import { RawAnswer } from '../support/raw-http.ts';
import { openStreamingGateway, type StreamingGateway } from '../support/streaming-gateway.ts';

const RENAMED = 'subscription ($id: ID) { renamed(id: $id) { name } }';
const ACCEPT = { accept: 'text/event-stream' };

let gateway: StreamingGateway;
beforeAll(async () => {
  gateway = await openStreamingGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());
afterEach(() => {
  vi.useRealTimers();
  gateway.engine.first = () => undefined;
});

const subscribe = (headers: Record<string, string> = ACCEPT): RawAnswer =>
  new RawAnswer(gateway.url, { headers, body: { query: RENAMED, variables: { id: '1' } } });

describe('a stream of events', () => {
  test('is there at once, says each result, and says that it is complete', async () => {
    await using answer = subscribe({ ...ACCEPT, 'x-request-id': 'request-1', 'x-correlation-id': 'talk-1' });
    const head = await answer.head();
    expect(head.split('\r\n')).toEqual(
      expect.arrayContaining([
        'http/1.1 200 ok',
        'content-type: text/event-stream; charset=utf-8',
        'cache-control: no-cache, no-transform',
        'x-accel-buffering: no',
        'x-request-id: request-1',
        'x-correlation-id: talk-1',
      ]),
    );
    expect(await answer.chunks(1)).toEqual([':\n\n']);
    const subscription = await gateway.engine.next();
    expect(subscription.request).toMatchObject({
      operationName: undefined,
      variables: { id: '1' },
      transport: 'sse',
      address: '127.0.0.1',
      checkpoints: false,
      context: { requestId: 'request-1', viewer: { kind: 'anonymous' } },
    });
    expect(subscription.request.after).toBeUndefined();
    expect(subscription.tell({ renamed: { name: 'Ada' } }, 'c1')).toBe(true);
    expect(await answer.chunks(2)).toEqual([
      ':\n\n',
      'event: next\ndata: {"data":{"renamed":{"name":"Ada"}},"extensions":{"cursor":"c1"}}\n\n',
    ]);
    subscription.end();
    expect((await answer.chunks(4)).slice(2)).toEqual(['event: complete\ndata:\n\n', '']);
  });

  test('tells the errors that it ends with as a last result', async () => {
    await using answer = subscribe();
    await answer.chunks(1);
    (await gateway.engine.next()).end('expired', 'UNAUTHENTICATED');
    expect((await answer.chunks(3)).slice(1)).toEqual([
      'event: next\ndata: {"errors":[{"message":"It has ended: expired.","extensions":{"code":"UNAUTHENTICATED"}}]}\n\nevent: complete\ndata:\n\n',
      '',
    ]);
  });

  test('says every 12 seconds that it is there, until it has ended', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await using answer = subscribe();
    await answer.chunks(1);
    const subscription = await gateway.engine.next();
    await vi.advanceTimersByTimeAsync(11_999);
    subscription.tell(1);
    expect(await answer.chunks(2)).toEqual([':\n\n', 'event: next\ndata: {"data":1}\n\n']);
    await vi.advanceTimersByTimeAsync(1);
    expect((await answer.chunks(3))[2]).toBe(':\n\n');
    await vi.advanceTimersByTimeAsync(12_000);
    expect((await answer.chunks(4))[3]).toBe(':\n\n');
    expect(vi.getTimerCount()).toBe(1);
    subscription.end();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is left when the client goes, once it has begun and before the first event', async () => {
    for (const events of [0, 1]) {
      const answer = subscribe();
      const subscription = await gateway.engine.next();
      for (let told = 0; told < events; told += 1) subscription.tell(1);
      await answer.chunks(1 + events);
      expect(subscription.left).toBe(false);
      answer.socket.destroy();
      await until(() => subscription.left, { what: 'the subscription to be left' });
      expect(subscription.tell(1)).toBe(false);
    }
  });

  test('says when its client takes no more, and when it does again', async () => {
    await using answer = subscribe();
    await answer.chunks(1);
    const subscription = await gateway.engine.next();
    answer.socket.pause();
    const large = 'x'.repeat(100_000);
    await until(() => !subscription.tell(large), { what: 'a client that takes no more' });
    expect(subscription.drains).toBe(0);
    answer.socket.resume();
    await until(() => subscription.drains > 0, { what: 'a client that takes more again' });
    expect(subscription.tell(1)).toBe(true);
    subscription.end();
    await until(async () => (await answer.chunks(1)).at(-1) === '');
  });

  test('gives a client that takes no more no signs of life either', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await using answer = subscribe();
    await answer.chunks(1);
    const subscription = await gateway.engine.next();
    answer.socket.pause();
    // More than the buffers of both sides' systems hold.
    for (let told = 0; told < 10; told += 1) subscription.tell('x'.repeat(1_000_000));
    await vi.advanceTimersByTimeAsync(60_000);
    answer.socket.resume();
    await until(() => subscription.drains > 0);
    subscription.end();
    await until(async () => (await answer.chunks(1)).at(-1) === '');
    expect((await answer.chunks(1)).filter((chunk) => chunk === ':\n\n')).toHaveLength(1);
  });

  test('leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
    await using answer = subscribe();
    await answer.chunks(1);
    expect(vi.getTimerCount()).toBe(1);
    (await gateway.engine.next()).end();
    await answer.chunks(3);
    while (vi.getTimerCount() > 0) await setImmediate();
  });
});

describe('a client of graphql-sse', () => {
  let client: Client;
  beforeAll(() => {
    client = createClient({ url: `${gateway.url}/graphql`, retryAttempts: 0 });
  });
  afterAll(() => client.dispose());

  test('is given each event as it comes, and the end', async () => {
    const events = client.iterate({ query: RENAMED, variables: { id: '1' } });
    const first = events.next();
    const subscription = await gateway.engine.next();
    subscription.tell({ at: 1 });
    expect((await first).value).toEqual({ data: { at: 1 } });
    for (const at of [2, 3]) {
      subscription.tell({ at });
      expect((await events.next()).value).toEqual({ data: { at } });
    }
    subscription.end('lost', 'SUBGRAPH_UNAVAILABLE');
    expect((await events.next()).value).toMatchObject({ errors: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }] });
    expect((await events.next()).done).toBe(true);
  });

  test('is given what a query comes to, and what is wrong with one', async () => {
    const results = async (query: string): Promise<unknown[]> => {
      const seen: unknown[] = [];
      for await (const result of client.iterate({ query })) seen.push(result);
      return seen;
    };
    expect(await results('{ person(id: 1) { name } }')).toEqual([{ data: { person: { name: 'Ada' } } }]);
    expect(await results('{ nothing }')).toMatchObject([
      { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    ]);
  });

  test('leaves by returning', async () => {
    const events = client.iterate({ query: RENAMED });
    const first = events.next();
    const subscription = await gateway.engine.next();
    subscription.tell(1);
    await first;
    await events.return?.();
    await until(() => subscription.left);
  });
});

test('a client of urql is given each event as it comes', async () => {
  const client = new UrqlClient({
    url: `${gateway.url}/graphql`,
    exchanges: [fetchExchange],
    fetchSubscriptions: true,
    preferGetMethod: false,
  });
  const seen: OperationResult[] = [];
  const watched = client.subscription(RENAMED, { id: '1' }).subscribe((result) => seen.push(result));
  const subscription = await gateway.engine.next();
  for (const at of [1, 2]) {
    subscription.tell({ at });
    await until(() => seen.length === at);
    expect(seen.at(-1)).toMatchObject({ data: { at }, error: undefined });
  }
  watched.unsubscribe();
  await until(() => subscription.left);
});
