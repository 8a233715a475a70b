import { describe, expect, test, vi } from 'vitest';
import { until } from '../support/poll.ts';
import { RawAnswer } from '../support/raw-http.ts';
import { openStreamingGateway } from '../support/streaming-gateway.ts';

const body = { query: 'subscription { renamed { name } }' };
const EVENTS = { accept: 'text/event-stream' };
const MULTIPART = { accept: 'multipart/mixed;subscriptionSpec=1.0' };
const LINGER_MS = 10_000;

describe('a gateway that stops', () => {
  test('tells each stream so, and closes its connection', async () => {
    const gateway = await openStreamingGateway();
    await using events = new RawAnswer(gateway.url, { headers: EVENTS, body });
    await using parts = new RawAnswer(gateway.url, { headers: MULTIPART, body });
    await Promise.all([events.chunks(1), parts.chunks(1)]);
    const error = JSON.stringify({ message: 'It has ended: stopping.', extensions: { code: 'SHUTTING_DOWN' } });
    await gateway[Symbol.asyncDispose]();
    expect((await events.chunks(3)).slice(1)).toEqual([
      `event: next\ndata: {"errors":[${error}]}\n\nevent: complete\ndata:\n\n`,
      '',
    ]);
    expect((await parts.chunks(3)).slice(1)).toEqual([
      `\r\ncontent-type: application/json\r\n\r\n{"payload":null,"errors":[${error}]}\r\n--graphql--\r\n`,
      '',
    ]);
    await Promise.all([events.closed, parts.closed]);
  });

  test('does not wait without end for a client that takes nothing', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const gateway = await openStreamingGateway();
      await using answer = new RawAnswer(gateway.url, { headers: EVENTS, body });
      await answer.chunks(1);
      answer.socket.pause();
      const subscription = await gateway.engine.next();
      const large = 'x'.repeat(1_000_000);
      while (subscription.tell(large));
      // More than the buffers of both sides' systems hold.
      for (let more = 0; more < 10; more += 1) subscription.tell(large);
      let stopped = false;
      const stopping = gateway[Symbol.asyncDispose]().then(() => {
        stopped = true;
      });
      await vi.advanceTimersByTimeAsync(LINGER_MS - 1);
      expect(stopped).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      await stopping;
    } finally {
      vi.useRealTimers();
    }
  });
});

test('a stream that has ended leaves its connection to the next request', async () => {
  await using gateway = await openStreamingGateway();
  await using answer = new RawAnswer(gateway.url, { headers: EVENTS, body });
  (await gateway.engine.next()).end();
  await answer.chunks(3);
  expect(await answer.head()).toContain('connection: keep-alive');
  answer.socket.write('GET /health/live HTTP/1.1\r\nhost: any\r\n\r\n');
  await until(() => answer.received.includes('"status":"ok"'));
});

test('a client that leaves while its token is checked begins no subscription', async () => {
  await using gateway = await openStreamingGateway();
  const held = gateway.holdTokens();
  const answer = new RawAnswer(gateway.url, { headers: { ...EVENTS, authorization: 'Bearer held' }, body });
  await held.asked;
  answer.socket.destroy();
  await gateway.connectionsAreClosed();
  held.release();
  // The next one is begun, and is the first.
  await using other = new RawAnswer(gateway.url, { headers: EVENTS, body: { ...body, operationName: null } });
  await other.chunks(1);
  await gateway.engine.next();
  expect(gateway.engine.subscriptions).toHaveLength(1);
});
