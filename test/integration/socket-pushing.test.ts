import { GraphQLError } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/poll.ts';
import { openPushingServer, type PlayedStream, type PushingServer } from '../support/pushing-server.ts';
import { openRawSocket, type Frame, type RawSocket } from '../support/raw-socket.ts';

const TOLD = 'subscription { told }';

describe('a stream that is pushed to a socket', () => {
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
  /** Subscribes, and gives the engine's side. */
  async function follow(raw: RawSocket, id = '1', rest: object = {}): Promise<PlayedStream> {
    const before = new Set(server.streams);
    raw.subscribe(id, TOLD, rest);
    return until(() => [...server.streams].find((stream) => !before.has(stream)));
  }
  const gone = (stream: PlayedStream): Promise<unknown> =>
    until(() => !server.streams.has(stream), { what: 'a stream that was left' });
  const next = (id: string, told: unknown): Frame => ({ type: 'next', id, payload: { data: { told } } });

  test('gives every client the same result with the id of its own operation', async () => {
    const ids = ['1', 'b8b0b1fc-9f8e-4a6b-8d3a-3f1e64a3d3f0', 'with "quotes", a \\, a\nline and ünï 😀'];
    const clients = await Promise.all(ids.map(opened));
    const streams = [];
    for (const [at, raw] of clients.entries()) streams.push(await follow(raw, ids[at]));
    for (const stream of streams) stream.tell('näws 😀');
    for (const [at, raw] of clients.entries()) expect(await raw.next()).toEqual(next(ids[at] ?? '', 'näws 😀'));
    for (const raw of clients) await raw[Symbol.asyncDispose]();
    await Promise.all(streams.map(gone));
  });

  test.each([1, 120, 16_384, 65_536, 3_000_000])('brings a result of %d characters whole', async (length) => {
    await using raw = await opened();
    const told = `${'ä'.repeat(length - 1)}.`;
    (await follow(raw)).tell(told);
    expect(await raw.next()).toEqual(next('1', told));
  });

  test('keeps the order, and ends behind the last result', async () => {
    await using raw = await opened();
    const streams = [await follow(raw, 'a'), await follow(raw, 'b')];
    const sizes = [1, 20_000, 3, 70_000, 5, 6];
    for (const [at, size] of sizes.entries()) for (const stream of streams) stream.tell(`${at}`.repeat(size));
    for (const stream of streams) stream.end('complete');
    const frames: Frame[] = [];
    while (frames.filter(({ type }) => type === 'complete').length < 2) frames.push(await raw.next());
    for (const id of ['a', 'b']) {
      const told = sizes.map((size, at) => next(id, `${at}`.repeat(size)));
      expect(frames.filter((frame) => frame.id === id)).toEqual([...told, { type: 'complete', id }]);
    }
  });

  test('stops writing to a client that does not read, and goes on where it stopped', async () => {
    await using slow = await opened();
    await using quick = await opened();
    const [behind, ahead] = [await follow(slow), await follow(quick)];
    slow.socket.pause();
    const big = 'x'.repeat(50_000);
    let told = 0;
    while (behind.kept < 20) {
      for (const stream of [behind, ahead]) stream.tell(`${told} ${big}`);
      told += 1;
      expect(await quick.next()).toEqual(next('1', `${told - 1} ${big}`));
    }
    slow.socket.resume();
    for (let at = 0; at < told; at += 1) expect(await slow.next()).toEqual(next('1', `${at} ${big}`));
    expect([behind.kept, ahead.kept]).toEqual([0, 0]);
  });

  test('ends with every error that it has, and with the cursor that they name', async () => {
    await using raw = await opened();
    const errors = [
      new GraphQLError('lost; go on', { extensions: { code: 'SUBGRAPH_UNAVAILABLE', cursor: 'c7', secret: 1 } }),
      new GraphQLError('and this', { extensions: { code: 'FORBIDDEN' } }),
    ];
    (await follow(raw)).end('lost', errors);
    expect(await raw.next()).toEqual({
      type: 'error',
      id: '1',
      payload: [
        { message: 'lost; go on', extensions: { code: 'SUBGRAPH_UNAVAILABLE', cursor: 'c7' } },
        { message: 'and this', extensions: { code: 'FORBIDDEN' } },
      ],
    });
    raw.subscribe('1', '{ now }');
    expect((await raw.next()).payload).toEqual({ data: { now: 1 } });
  });

  test('closes the socket with 1001 and without an error when the server stops', async () => {
    await using raw = await opened();
    const [one] = [await follow(raw, 'a'), await follow(raw, 'b')];
    one.end('stopping', [new GraphQLError('The gateway is stopping.', { extensions: { code: 'SHUTTING_DOWN' } })]);
    await expect(raw.next()).rejects.toThrow('closed {"code":1001,"reason":"Going away"}');
    await until(() => server.streams.size === 0);
  });

  test('is left when its client completes it, and when its socket closes or breaks', async () => {
    await using raw = await opened();
    const completed = await follow(raw);
    raw.send({ type: 'complete', id: '1' });
    await gone(completed);
    const closed = await follow(raw);
    raw.socket.close();
    await gone(closed);
    await using broken = await opened();
    const lost = await follow(broken);
    broken.socket.terminate();
    await gone(lost);
  });

  test('knows where its client is, and whether it wants checkpoints', async () => {
    await using raw = await opened();
    const plain = await follow(raw, 'plain');
    const wanting = await follow(raw, 'wanting', { extensions: { checkpoints: true } });
    expect([plain.address, plain.context.checkpoints, wanting.context.checkpoints]).toEqual(['127.0.0.1', false, true]);
  });
});

describe('a client that does not read', () => {
  /** Waits until a number stays what it is. */
  async function settled(read: () => number): Promise<number> {
    let last = Number.NaN;
    let same = 0;
    await until(() => {
      same = Object.is(last, read()) ? same + 1 : 0;
      last = read();
      return same > 10;
    });
    return last;
  }

  test('is asked no more results for', async () => {
    await using server = await openPushingServer();
    await using raw = await openRawSocket(server.url);
    await raw.init();
    raw.socket.pause();
    raw.subscribe('1', 'subscription { pulled(size: 100000) }');
    const asked = await settled(() => server.pulled);
    // What the kernels on both sides keep is some megabytes.
    expect(asked).toBeLessThan(500);
    raw.socket.resume();
    await until(() => server.pulled > asked);
  });

  test('is not listened to, and gets every answer once it reads', async () => {
    await using server = await openPushingServer();
    await using raw = await openRawSocket(server.url);
    await raw.init();
    raw.socket.pause();
    const payload = { large: 'x'.repeat(200_000) };
    const pings = 200;
    for (let at = 0; at < pings; at += 1) raw.send({ type: 'ping', payload });
    expect(await settled(() => raw.socket.bufferedAmount)).toBeGreaterThan(0);
    raw.socket.resume();
    for (let at = 0; at < pings; at += 1) expect(await raw.next()).toEqual({ type: 'pong', payload });
  });
});
