import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { serviceTokens } from '#shared/identity/tokens.ts';
import { until } from '../support/poll.ts';
import { openPushingServer } from '../support/pushing-server.ts';
import { openRawSocket, requestUpgrade, upgradeStatus } from '../support/raw-socket.ts';

const TOLD = 'subscription { told }';

describe('limits of sockets', () => {
  test.each([{ sockets: 2 }, { socketsPerAddress: 2 }])(
    'the door is closed at %o until somebody leaves',
    async (limits) => {
      await using server = await openPushingServer(limits);
      await using first = await openRawSocket(server.url);
      await using second = await openRawSocket(server.url);
      expect(server.open).toBe(2);
      const refused = requestUpgrade(server.url, '/graphql');
      const [answer] = (await once(refused, 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\nRetry-After: \d+\r\n/);
      refused.destroy();
      expect(second.socket.readyState).toBe(second.socket.OPEN);
      first.socket.close();
      await until(() => server.open === 1);
      await using third = await openRawSocket(server.url);
      await third.init();
      expect(server.open).toBe(2);
    },
  );

  test('an address has its share, however many the others have', async () => {
    await using server = await openPushingServer({ socketsPerAddress: 1 });
    await using first = await openRawSocket(server.url);
    await first.init();
    await expect(openRawSocket(server.url)).rejects.toThrow('503');
    await using other = await openRawSocket(server.url, { localAddress: '127.0.0.2' });
    await other.init();
  });

  test('too many operations on one socket are refused one by one, those of a service are not', async () => {
    await using server = await openPushingServer({ operationsPerSocket: 2 });
    await using raw = await openRawSocket(server.url);
    await raw.init();
    for (const id of ['1', '2', '3']) raw.subscribe(id, TOLD);
    expect(await raw.next()).toMatchObject({
      type: 'error',
      id: '3',
      payload: [{ extensions: { code: 'RATE_LIMITED' } }],
    });
    const token = await serviceTokens('probe', server.keys.services.probe)();
    raw.subscribe('4', TOLD, { extensions: { 'x-lockstep-service-token': token } });
    await until(() => server.streams.size === 3);
    raw.send({ type: 'complete', id: '1' });
    raw.send({ type: 'complete', id: '2' });
    await until(() => server.streams.size === 1);
    raw.subscribe('3', '{ now }');
    expect(await raw.next()).toEqual({ type: 'next', id: '3', payload: { data: { now: 1 } } });
  });

  test('a socket that answers no ping is ended, one that does stays', async () => {
    await using server = await openPushingServer({ heartbeatMs: 240 });
    await using silent = await openRawSocket(server.url, { autoPong: false });
    await using lively = await openRawSocket(server.url);
    await Promise.all([silent.init(), lively.init()]);
    let pings = 0;
    lively.socket.on('ping', () => (pings += 1));
    expect((await silent.closed).code).toBe(1006);
    await until(() => pings > 3);
    expect(lively.socket.readyState).toBe(lively.socket.OPEN);
  });

  test('a socket that is still full of what was sent before its ping is given longer, and not for ever', async () => {
    await using server = await openPushingServer({ heartbeatMs: 240 });
    await using full = await openRawSocket(server.url);
    await using lively = await openRawSocket(server.url);
    await Promise.all([full.init(), lively.init()]);
    full.subscribe('1', TOLD);
    const stream = await until(() => [...server.streams][0]);
    const fill = (): void => {
      full.socket.pause();
      for (; stream.kept === 0; told += 1) stream.tell('x'.repeat(100_000));
    };
    let told = 0;
    let pings = 0;
    fill();
    lively.socket.on('ping', () => (pings += 1));
    await until(() => pings >= 3);
    expect(server.open).toBe(2);
    full.socket.resume();
    for (let heard = 0; heard < told; heard += 1) expect((await full.next()).type).toBe('next');
    fill();
    await until(() => server.open === 1, { what: 'the end of the socket that stays full' });
  });
});

describe('a server that stops', () => {
  test('closes its sockets with 1001', async () => {
    const server = await openPushingServer();
    await using raw = await openRawSocket(server.url);
    await raw.init();
    raw.subscribe('1', TOLD);
    await until(() => server.streams.size === 1);
    await server[Symbol.asyncDispose]();
    expect(await raw.closed).toEqual({ code: 1001, reason: 'Going away' });
    expect([server.open, server.streams.size]).toEqual([0, 0]);
  });

  test('does not wait for a client that does not answer', async () => {
    const server = await openPushingServer();
    await using deaf = await openRawSocket(server.url);
    await deaf.init();
    deaf.subscribe('1', TOLD);
    const stream = await until(() => [...server.streams][0]);
    deaf.socket.pause();
    while (stream.kept === 0) stream.tell('x'.repeat(100_000));
    const refused = requestUpgrade(server.url, '/nowhere');
    await once(refused, 'data');
    await server[Symbol.asyncDispose]();
    expect([server.open, server.streams.size]).toEqual([0, 0]);
    refused.destroy();
    await expect(upgradeStatus(server.url, '/graphql')).rejects.toThrow('ECONNREFUSED');
  });
});
