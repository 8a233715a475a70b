import { EventSource } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/poll.ts';
import { RawAnswer } from '../support/raw-http.ts';
import { openStreamingGateway, type StreamingGateway } from '../support/streaming-gateway.ts';

const RENAMED = 'subscription Renamed($id: ID) { renamed(id: $id) { name } }';
const EVENTS = { accept: 'text/event-stream' };

let gateway: StreamingGateway;
beforeAll(async () => {
  gateway = await openStreamingGateway();
});
afterAll(() => gateway[Symbol.asyncDispose]());

const ask = (authorization?: string): Promise<Response> =>
  fetch(`${gateway.url}/graphql/ticket`, {
    method: 'POST',
    headers: { ...(authorization !== undefined && { authorization }) },
  });
async function ticketOf(user: string): Promise<string> {
  const { ticket } = (await (await ask(await gateway.bearer(user))).json()) as { ticket: string };
  return ticket;
}
const target = (parameters: Record<string, string>): string =>
  `/graphql?${new URLSearchParams({ query: RENAMED, ...parameters }).toString()}`;
const get = (path: string, headers: Record<string, string> = EVENTS): RawAnswer =>
  new RawAnswer(gateway.url, { method: 'GET', target: path, headers });

describe('a ticket', () => {
  test('is given to who shows a good token', async () => {
    const response = await ask(await gateway.bearer('ada'));
    expect(response.status).toBe(201);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { ticket, expiresAt } = (await response.json()) as { ticket: string; expiresAt: string };
    expect(ticket).toMatch(/^[\w-]{43}$/);
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(0);
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(30_000);
  });

  test('is given to nobody else', async () => {
    for (const authorization of [undefined, 'Bearer x', 'Basic eDp5', await gateway.bearer('ada', -60)]) {
      const response = await ask(authorization);
      expect(response.status).toBe(401);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(await response.json()).toEqual({
        errors: [{ message: expect.any(String), extensions: { code: 'UNAUTHENTICATED' } }],
      });
    }
  });

  test('is refused in the shape of GraphQL when the request is none', async () => {
    const response = await fetch(`${gateway.url}/graphql/ticket`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: await gateway.bearer('ada') },
      body: '{',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });

  test('is not given without end', async () => {
    const bearer = await gateway.bearer('greedy');
    const statuses: number[] = [];
    for (let at = 0; at < 51; at += 1) statuses.push((await ask(bearer)).status);
    expect(statuses).toEqual([...Array.from({ length: 50 }, () => 201), 429]);
  });

  test('opens one stream in the name of its holder', async () => {
    const ticket = await ticketOf('ada');
    const path = target({ ticket, variables: '{"id":"7"}', operationName: 'Renamed' });
    await using answer = get(path);
    expect(await answer.head()).toContain('http/1.1 200 ok');
    const subscription = await gateway.engine.next();
    expect(subscription.request).toMatchObject({
      transport: 'sse',
      operationName: 'Renamed',
      variables: { id: '7' },
      checkpoints: true,
      context: { viewer: { kind: 'user', id: 'ada' }, authorization: expect.stringMatching(/^Bearer /) },
    });
    subscription.mark('c0');
    subscription.tell({ at: 1 }, 'c1');
    subscription.tell({ at: 2 });
    expect((await answer.chunks(5)).join('')).toBe(
      [
        ':\n\nid: c0\n\n',
        'event: next\ndata: {"data":{"at":1},"extensions":{"cursor":"c1"}}\nid: c1\n\n',
        'event: next\ndata: {"data":{"at":2}}\n\n',
      ].join(''),
    );
    await using again = get(path);
    expect(await again.head()).toContain('http/1.1 401');
  });

  test('carries a query, too', async () => {
    const query = '{ person(id: 1) { name } }';
    const path = target({ query, ticket: await ticketOf('ada') });
    const response = await fetch(gateway.url + path, { headers: EVENTS });
    expect(await response.text()).toBe(
      'event: next\ndata: {"data":{"person":{"name":"Ada"}}}\n\nevent: complete\ndata:\n\n',
    );
  });

  test.each(['x', ''])('that is none is 401: %j', async (ticket) => {
    for (const query of [RENAMED, '{ newest }', '{']) {
      const response = await fetch(gateway.url + target({ query, ticket }), { headers: EVENTS });
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual({
        errors: [{ message: expect.stringContaining('ticket'), extensions: { code: 'UNAUTHENTICATED' } }],
      });
    }
  });

  test('is not used up by who takes no events', async () => {
    const ticket = await ticketOf('ada');
    const refused = await fetch(gateway.url + target({ ticket }), { headers: { accept: 'application/json' } });
    expect(refused.status).toBe(406);
    await using answer = get(target({ ticket }));
    expect(await answer.head()).toContain('http/1.1 200 ok');
    await gateway.engine.next();
  });

  test('is written into no log', async () => {
    const ticket = await ticketOf('ada');
    for (const path of [target({ ticket }), target({ ticket }), target({ ticket: `${ticket}x`, query: '{' })]) {
      await using answer = get(path);
      await answer.head();
    }
    await gateway.engine.next();
    expect(JSON.stringify(gateway.lines)).not.toContain(ticket);
  });
});

describe('a stream by GET', () => {
  test('resumes behind the last id', async () => {
    await using answer = get(target({}), { ...EVENTS, 'last-event-id': 'c7' });
    await answer.chunks(1);
    expect((await gateway.engine.next()).request).toMatchObject({
      after: 'c7',
      context: { viewer: { kind: 'anonymous' } },
    });
    await using fresh = get(target({}), { ...EVENTS, 'last-event-id': '' });
    await fresh.chunks(1);
    expect((await gateway.engine.next()).request.after).toBeUndefined();
  });

  test('has no body for HEAD', async () => {
    await using answer = new RawAnswer(gateway.url, { method: 'HEAD', target: target({}), headers: EVENTS });
    expect(await answer.head()).not.toContain('event-stream');
    expect(gateway.engine.waiting).toBe(0);
  });
});

describe('an EventSource', () => {
  interface Seen {
    readonly events: { readonly type: string; readonly data: string; readonly id: string }[];
    readonly source: EventSource;
    errors: number;
  }

  function open(path: string): Seen {
    const source = new EventSource(gateway.url + path);
    const seen: Seen = { events: [], source, errors: 0 };
    for (const type of ['next', 'complete'])
      source.addEventListener(type, (event) => {
        const { data, lastEventId: id } = event as unknown as { data: string; lastEventId: string };
        seen.events.push({ type, data, id });
      });
    source.addEventListener('error', () => {
      seen.errors += 1;
    });
    return seen;
  }

  test('with a ticket is told each event with its id, and the end', async () => {
    const seen = open(target({ ticket: await ticketOf('ada') }));
    const subscription = await gateway.engine.next();
    subscription.mark('c0');
    subscription.tell({ at: 1 });
    await until(() => seen.events.length === 1);
    subscription.tell({ at: 2 }, 'c2');
    await until(() => seen.events.length === 2);
    subscription.end();
    await until(() => seen.events.length === 3);
    seen.source.close();
    expect(seen.events).toEqual([
      { type: 'next', data: '{"data":{"at":1}}', id: 'c0' },
      { type: 'next', data: '{"data":{"at":2},"extensions":{"cursor":"c2"}}', id: 'c2' },
      { type: 'complete', data: '', id: 'c2' },
    ]);
  });

  test('that was cut off comes back with the last id, also when only a checkpoint has told it', async () => {
    const seen = open(target({}));
    const first = await gateway.engine.next();
    first.mark('c5');
    first.tell({ at: 1 });
    await until(() => seen.events.length === 1);
    first.end('lost', 'SUBGRAPH_UNAVAILABLE');
    const second = await gateway.engine.next();
    expect(second.request.after).toBe('c5');
    seen.source.close();
    await until(() => second.left);
  });

  test('whose ticket was used is told so once, and stays closed', async () => {
    const ticket = await ticketOf('ada');
    const seen = open(target({ ticket }));
    (await gateway.engine.next()).end('lost', 'SUBGRAPH_UNAVAILABLE');
    await until(() => seen.source.readyState === EventSource.CLOSED, { what: 'an EventSource that gives up' });
    expect(seen.events.map(({ type }) => type)).toEqual(['next', 'complete']);
  });
});
