import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/poll.ts';
import { openPushingServer, type PushingServer } from '../support/pushing-server.ts';
import { openRawSocket, requestUpgrade, type RawSocket } from '../support/raw-socket.ts';

const TOLD = 'subscription { told }';

describe('graphql-transport-ws', () => {
  let server: PushingServer;
  beforeAll(async () => {
    server = await openPushingServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const opened = async (): Promise<RawSocket> => {
    const raw = await openRawSocket(server.url);
    await raw.init();
    return raw;
  };
  const following = (count: number): Promise<unknown> =>
    until(() => server.streams.size === count, { what: `${count} streams` });

  test('a socket that offers no subprotocol, or another one, is closed with 4406', async () => {
    await using bare = await openRawSocket(server.url, { protocols: [] });
    expect(await bare.closed).toEqual({ code: 4406, reason: 'Subprotocol not acceptable' });
    const other = requestUpgrade(server.url, '/graphql', ['Sec-WebSocket-Protocol: graphql-ws']);
    let received = Buffer.alloc(0);
    while (received.indexOf('\r\n\r\n') + 8 > received.length || !received.includes('\r\n\r\n')) {
      const [data] = (await once(other, 'data')) as [Buffer];
      received = Buffer.concat([received, data]);
    }
    other.destroy();
    const frame = received.subarray(received.indexOf('\r\n\r\n') + 4);
    expect([frame[0], frame.readUInt16BE(2)]).toEqual([0x88, 4406]);
  });

  test('a socket that does not say what it wants is closed with 4408', async () => {
    await using raw = await openRawSocket(server.url);
    raw.send({ type: 'ping' });
    expect((await raw.closed).code).toBe(4408);
  });

  test.each(['connection_ack', 'next', 'error', 'data'])(
    'a client that sends "%s" is closed with 4400',
    async (type) => {
      await using raw = await opened();
      raw.send({ type, id: '1', payload: [{ message: 'x' }] });
      expect((await raw.closed).code).toBe(4400);
    },
  );

  test('a binary frame is read as if it were text', async () => {
    await using raw = await openRawSocket(server.url);
    raw.socket.send(Buffer.from('{"type":"connection_init"}'), { binary: true });
    expect(await raw.next()).toEqual({ type: 'connection_ack' });
    raw.socket.send(Buffer.from([0xff, 0x00, 0xc3]), { binary: true });
    expect((await raw.closed).code).toBe(4400);
  });

  test('text that is none closes the socket with 1007, and is a line of the debug log without a stack', async () => {
    await using raw = await opened();
    raw.socket.send(Buffer.from([0x22, 0xff, 0x22]), { binary: false });
    expect((await raw.closed).code).toBe(1007);
    const line = await until(() => server.lines.find(({ msg }) => msg === 'a client broke the WebSocket protocol'));
    expect(line).toMatchObject({ level: 20, reason: expect.stringContaining('UTF-8') });
    expect(line).not.toHaveProperty('err');
  });

  test('a bug closes the socket with 4500, and is logged with its cause', async () => {
    await using broken = await openPushingServer();
    await using raw = await openRawSocket(broken.url);
    await raw.init();
    broken.breakDocuments();
    raw.subscribe('1', '{ now }');
    expect(await raw.closed).toEqual({ code: 4500, reason: 'Internal server error' });
    expect(broken.lines).toContainEqual(
      expect.objectContaining({ level: 50, err: expect.objectContaining({ message: 'a planted bug' }) }),
    );
  });

  test('a ping is answered with its payload, also while an operation takes its time', async () => {
    await using raw = await opened();
    raw.subscribe('1', '{ slow }');
    raw.subscribe('2', 'subscription { pulled }');
    raw.send({ type: 'complete', id: '2' });
    raw.send({ type: 'ping', payload: { at: 7 } });
    raw.send({ type: 'ping' });
    const pongs = [];
    while (pongs.length < 2) {
      const frame = await raw.next();
      if (frame.type === 'pong') pongs.push(frame);
    }
    expect(pongs).toEqual([{ type: 'pong', payload: { at: 7 } }, { type: 'pong' }]);
  });

  test('completing what nobody has subscribed to is ignored', async () => {
    await using raw = await opened();
    raw.send({ type: 'complete', id: 'unheard of' });
    raw.subscribe('1', '{ now }');
    expect(await raw.next()).toEqual({ type: 'next', id: '1', payload: { data: { now: 1 } } });
    expect(await raw.next()).toEqual({ type: 'complete', id: '1' });
  });

  test('an id that is in use is refused with 4409, and one whose operation is over is free', async () => {
    await using raw = await opened();
    for (let time = 0; time < 2; time += 1) {
      raw.subscribe('1', '{ now }');
      expect([(await raw.next()).type, (await raw.next()).type]).toEqual(['next', 'complete']);
    }
    raw.subscribe('1', TOLD);
    await following(1);
    raw.subscribe('1', '{ now }');
    expect((await raw.closed).code).toBe(4409);
    await following(0);
  });

  test('an id may be used again right behind the "complete" of its former operation', async () => {
    await using raw = await opened();
    for (const query of [TOLD, 'subscription { pulled }', TOLD, '{ slow }']) {
      raw.subscribe('1', query);
      raw.send({ type: 'complete', id: '1' });
    }
    raw.subscribe('1', TOLD);
    raw.send({ type: 'complete', id: '1' });
    raw.subscribe('1', '{ whoami }');
    server.slow.resolve(1);
    const answers = [];
    while (answers.at(-1)?.type !== 'complete') {
      const frame = await raw.next();
      if (!JSON.stringify(frame).includes('pulled')) answers.push(frame);
    }
    expect(answers).toEqual([
      { type: 'next', id: '1', payload: { data: { whoami: 'anonymous' } } },
      { type: 'complete', id: '1' },
    ]);
    raw.subscribe('1', TOLD);
    await following(1);
    [...server.streams][0]?.tell('the last one');
    expect(await raw.next()).toEqual({ type: 'next', id: '1', payload: { data: { told: 'the last one' } } });
    raw.send({ type: 'complete', id: '1' });
    await following(0);
  });

  test('an operation that is completed while it is being set up leaves nothing behind', async () => {
    await using raw = await openRawSocket(server.url);
    await raw.init({ authorization: await server.tokenEndingIn(60_000) });
    const { begun } = server;
    for (let at = 0; at < 50; at += 1) {
      raw.subscribe(String(at), TOLD);
      raw.send({ type: 'complete', id: String(at) });
    }
    raw.subscribe('last', TOLD);
    await following(1);
    expect(server.begun).toBe(begun + 1);
    raw.socket.terminate();
    await following(0);
  });
});
