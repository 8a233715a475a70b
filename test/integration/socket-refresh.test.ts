import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SERVICE_TOKEN_HEADER } from '#shared/graphql/context.ts';
import { serviceTokens } from '#shared/identity/tokens.ts';
import { until } from '../support/poll.ts';
import { openPushingServer, type PlayedStream, type PushingServer } from '../support/pushing-server.ts';
import { openRawSocket, type RawSocket } from '../support/raw-socket.ts';

const TOLD = 'subscription { told }';

describe('a fresh token over an open socket', () => {
  let server: PushingServer;
  beforeAll(async () => {
    server = await openPushingServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function opened(payload?: object): Promise<RawSocket> {
    const raw = await openRawSocket(server.url);
    await raw.init(payload);
    return raw;
  }
  async function follow(raw: RawSocket, id: string, extensions: object = {}): Promise<PlayedStream> {
    const before = new Set(server.streams);
    raw.subscribe(id, TOLD, { extensions });
    return until(() => [...server.streams].find((stream) => !before.has(stream)));
  }

  test('lets the socket outlive the token that it was opened with', async () => {
    const endsAt = Date.now() + 2_000;
    await using raw = await opened({ authorization: await server.tokenEndingIn(2_000) });
    const stream = await follow(raw, '1');
    raw.send({ type: 'ping', payload: { authorization: await server.tokenEndingIn(120_000) } });
    const pong = await raw.next();
    expect(pong).toEqual({ type: 'pong', payload: { expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) } });
    const { expiresAt } = pong.payload as { expiresAt: string };
    expect(Date.parse(expiresAt)).toBeGreaterThan(endsAt + 60_000);
    await until(() => Date.now() > endsAt + 500);
    stream.tell('still here');
    expect(await raw.next()).toEqual({ type: 'next', id: '1', payload: { data: { told: 'still here' } } });
    raw.subscribe('2', '{ whoami }');
    expect((await raw.next()).payload).toEqual({ data: { whoami: 'ada' } });
  });

  test('reaches the streams that go by the socket, and those begun later, but none with a token of its own', async () => {
    const [first, own, fresh] = await Promise.all([30_000, 40_000, 50_000].map((ms) => server.tokenEndingIn(ms)));
    await using raw = await opened({ headers: { Authorization: first } });
    const shared = await follow(raw, 'shared');
    const apart = await follow(raw, 'apart', { authorization: own });
    raw.send({ type: 'ping', payload: { headers: { Authorization: fresh } } });
    await raw.next();
    expect([shared.refreshed, apart.refreshed]).toEqual([[fresh], []]);
    const later = await follow(raw, 'later');
    expect([later.context.authorization, later.refreshed]).toEqual([fresh, []]);
  });

  test('reaches a stream that was being set up when it came', async () => {
    const [first, fresh] = await Promise.all([30_000, 50_000].map((ms) => server.tokenEndingIn(ms)));
    const service = await serviceTokens('probe', server.keys.services.probe)();
    await using raw = await opened({ authorization: first });
    const release = server.holdServices();
    const following = follow(raw, '1', { [SERVICE_TOKEN_HEADER]: service });
    raw.send({ type: 'ping', payload: { authorization: fresh } });
    expect((await raw.next()).type).toBe('pong');
    release();
    const { context, refreshed } = await following;
    expect([context.authorization, refreshed]).toEqual([first, [fresh]]);
  });

  test('closes the socket with 4401 when it is bad', async () => {
    for (const authorization of ['Bearer x', 'Basic eDp5', await server.tokenEndingIn(-60_000)]) {
      await using raw = await opened({ authorization: await server.tokenEndingIn(60_000) });
      raw.send({ type: 'ping', payload: { authorization } });
      expect(await raw.closed).toMatchObject({ code: 4401, reason: expect.stringMatching(/token/i) });
    }
  });

  test('closes the socket with 4403 when it is of somebody else, or of another role', async () => {
    const ada = await server.tokenEndingIn(60_000);
    const admin = await server.tokenEndingIn(60_000, { id: 'ada', role: 'ADMIN' });
    const other = await server.tokenEndingIn(60_000, { id: 'bob', role: 'CUSTOMER' });
    for (const [before, after] of [
      [ada, admin],
      [ada, other],
      [undefined, ada],
    ]) {
      await using raw = await opened(before === undefined ? undefined : { authorization: before });
      raw.send({ type: 'ping', payload: { authorization: after } });
      expect(await raw.closed).toEqual({ code: 4403, reason: 'A fresh token must be of the same identity.' });
    }
  });

  test('is not taken before the socket is acknowledged', async () => {
    await using raw = await openRawSocket(server.url);
    raw.send({ type: 'ping', payload: { authorization: await server.tokenEndingIn(60_000) } });
    expect(await raw.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
  });
});
