import { afterEach, describe, expect, test } from 'vitest';
import type { GatewayConfig } from '#gateway/config.ts';
import { TRANSPORTS, type Transport } from '#gateway/subscriptions/subscription.ts';
import { openLogGateway, type LogGateway } from '../support/log-gateway.ts';
import { cursorOf } from '../support/log-subgraph.ts';
import { until } from '../support/poll.ts';
import { StreamClient, type StreamOutcome, type StreamRequest } from '../support/stream-clients.ts';

const NUMBERS = 'subscription ($after: String) { told(after: $after) { number } }';
const REMARKS = 'subscription ($after: String) { told(after: $after) { number remark reader } }';

/** One suite that every transport passes: what a client is told does not depend on how it is told. */
describe.each(TRANSPORTS)('over %s', (transport) => {
  const closing: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const each of closing.splice(0).toReversed()) await each[Symbol.asyncDispose]();
  });

  async function open(options?: Partial<GatewayConfig>): Promise<LogGateway> {
    const gateway = await openLogGateway(options);
    closing.push(gateway);
    return gateway;
  }
  function subscribe({ url }: LogGateway, given: StreamRequest, by: Transport = transport): StreamClient {
    const client = new StreamClient(url, by, given);
    closing.push(client);
    return client;
  }
  const live = ({ log }: LogGateway, count = 1): Promise<unknown> =>
    until(() => log.open === count, { what: `${count} upstreams` });
  const members = (gateway: LogGateway, count: number): Promise<unknown> =>
    until(async () => (await gateway.metric('lockstep_subscriptions', `transport="${transport}"`)) === count, {
      what: `${count} subscriptions`,
    });
  const numbers = ({ results }: StreamClient): unknown[] =>
    results.map(({ data }) => (data as { told: { number: number } }).told.number);
  const codes = (outcome: StreamOutcome): unknown =>
    outcome.how === 'errors' ? outcome.errors.map(({ extensions }) => extensions?.['code']) : outcome;

  test('each event comes once and in its turn, with the fields of the other subgraph and its cursor', async () => {
    const gateway = await open();
    const client = subscribe(gateway, { query: REMARKS, authorization: await gateway.bearer('ada') });
    await live(gateway);
    gateway.log.tell(300);
    await client.told(300);
    expect(numbers(client)).toEqual(Array.from({ length: 300 }, (_, at) => at + 1));
    expect(client.results[6]).toEqual({
      data: { told: { number: 7, remark: 'remark on e7', reader: 'ada' } },
      extensions: { cursor: cursorOf(7) },
    });
  });

  test('an error of one field stands in its event, and the stream goes on', async () => {
    const gateway = await open();
    const client = subscribe(gateway, { query: REMARKS });
    await live(gateway);
    gateway.log.tell(14);
    const results = await client.told(14);
    expect(results[12]).toMatchObject({
      data: { told: { number: 13, remark: null } },
      errors: [{ path: ['told', 'remark'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
    expect(results[13]).toMatchObject({ data: { told: { number: 14, remark: 'remark on e14' } } });
  });

  test('text of any script arrives as it was written', async () => {
    const gateway = await open();
    const client = subscribe(gateway, { query: 'subscription { told { text } }' });
    await live(gateway);
    const text = 'ünï — 漢字 😀 \u2028 "quoted"\r\n\n--graphql\r\n\r\ndata: x\n\n \0';
    gateway.log.tell(1, { text });
    expect(await client.told(1)).toMatchObject([{ data: { told: { text } } }]);
  });

  test('a result of a megabyte arrives whole', async () => {
    const gateway = await open();
    const client = subscribe(gateway, { query: 'subscription { told { text } }' });
    await live(gateway);
    const text = 'x'.repeat(1024 * 1024);
    gateway.log.tell(2, { text });
    expect(await client.told(2)).toMatchObject([{ data: { told: { text } } }, { data: { told: { text } } }]);
  });

  test('a stream that has said everything is complete', async () => {
    const gateway = await open();
    gateway.log.tell(3);
    const client = subscribe(gateway, { query: 'subscription { counted(upTo: 3) { number } }' });
    expect(await client.ended()).toEqual({ how: 'complete' });
    expect(client.results.map(({ data }) => data)).toEqual([1, 2, 3].map((number) => ({ counted: { number } })));
  });

  test('what is wrong with an operation is said with its code, and no subgraph is asked', async () => {
    const gateway = await open();
    const wrong: readonly (StreamRequest & { readonly code: string })[] = [
      { query: 'subscription {', code: 'GRAPHQL_PARSE_FAILED' },
      { query: 'subscription { nothing }', code: 'GRAPHQL_VALIDATION_FAILED' },
      { query: 'subscription { told { number } present { number } }', code: 'GRAPHQL_VALIDATION_FAILED' },
      { query: 'subscription { told { number ... @defer { remark } } }', code: 'GRAPHQL_VALIDATION_FAILED' },
      { query: NUMBERS, variables: { after: 7 }, code: 'BAD_USER_INPUT' },
      { query: NUMBERS, authorization: 'Bearer x', code: 'UNAUTHENTICATED' },
    ];
    for (const { code, ...given } of wrong) {
      const outcome = await subscribe(gateway, given).ended();
      const unauthorized = outcome.how === 'closed' && outcome.code === 4401 ? ['UNAUTHENTICATED'] : undefined;
      expect(unauthorized ?? codes(outcome)).toEqual([code]);
    }
    expect(gateway.log.asked).toBe(0);
  });

  test('what the subgraph refuses is said with its code and the argument at fault', async () => {
    const gateway = await open();
    gateway.log.tell(5);
    gateway.log.forget(3);
    const malformed = await subscribe(gateway, { query: NUMBERS, variables: { after: 'what' } }).ended();
    expect(malformed).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT', field: 'after' } }] });
    const forgotten = await subscribe(gateway, { query: NUMBERS, variables: { after: cursorOf(1) } }).ended();
    expect(forgotten).toMatchObject({ errors: [{ extensions: { code: 'CURSOR_EXPIRED', field: 'after' } }] });
  });

  test('a stream is resumed behind its cursor, whatever transport told it', async () => {
    const gateway = await open();
    const first = subscribe(gateway, { query: NUMBERS });
    await live(gateway);
    gateway.log.tell(4);
    const cursor = (await first.told(4))[1]?.extensions?.['cursor'];
    for (const other of TRANSPORTS) {
      const resumed = subscribe(gateway, { query: NUMBERS, variables: { after: cursor } }, other);
      await resumed.told(2);
      expect(numbers(resumed)).toEqual([3, 4]);
    }
    expect(gateway.log.asked).toBe(1);
  });

  test('a stream whose subgraph is lost goes on behind what it has told', async () => {
    const gateway = await open();
    const client = subscribe(gateway, { query: NUMBERS });
    await live(gateway);
    gateway.log.tell(2);
    await client.told(2);
    await gateway.log.kill();
    gateway.log.tell(2);
    await gateway.log.start();
    await client.told(4);
    expect(numbers(client)).toEqual([1, 2, 3, 4]);
    expect(client.results[2]?.extensions).toEqual({ cursor: cursorOf(3), resumed: true });
  });

  test('a stream whose subgraph stays away ends with a code and a cursor', async () => {
    const gateway = await open({ RESUME_WITHIN_MS: 200 });
    const client = subscribe(gateway, { query: NUMBERS });
    await live(gateway);
    gateway.log.tell();
    await client.told(1);
    await gateway.log.kill();
    expect(await client.ended()).toMatchObject({
      how: 'errors',
      errors: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE', cursor: cursorOf(1) } }],
    });
  });

  test('checkpoints come to who asks for them', async () => {
    const gateway = await open();
    gateway.log.tell(2);
    const extensions = { checkpoints: true };
    const client = subscribe(gateway, { query: NUMBERS, extensions });
    expect(await client.told(1)).toEqual([{ data: null, extensions: { cursor: cursorOf(2), checkpoint: true } }]);
  });

  test('a client that does not read is ended with a code and its cursor, delays nobody, and has missed nothing from there', async () => {
    const gateway = await open();
    const query = 'subscription ($after: String) { told(after: $after) { number text } }';
    const slow = subscribe(gateway, { query });
    const quick = subscribe(gateway, { query }, 'graphql-ws');
    await live(gateway);
    gateway.log.tell();
    await Promise.all([slow.told(1), quick.told(1)]);
    slow.read(false);
    const text = 'x'.repeat(20_000);
    const isClosed = async (): Promise<boolean> =>
      ((await gateway.metric('lockstep_subscription_ends_total', 'reason="slow"')) ?? 0) > 0;
    while (!(await isClosed())) {
      const before = quick.results.length;
      gateway.log.tell(50, { text });
      await quick.told(before + 50);
    }
    slow.read(true);
    const outcome = await slow.ended();
    expect(codes(outcome)).toEqual(['SLOW_CONSUMER']);
    const cursor = outcome.how === 'errors' ? outcome.errors[0]?.extensions?.['cursor'] : undefined;
    expect(cursor).toBe(cursorOf(slow.results.length));
    expect(numbers(slow)).toEqual(numbers(quick).slice(0, slow.results.length));
    const resumed = subscribe(gateway, { query: NUMBERS, variables: { after: cursor } });
    const missed = quick.results.length - slow.results.length;
    await resumed.told(missed);
    expect(numbers(resumed)).toEqual(numbers(quick).slice(-missed));
  });

  test('a client that leaves is forgotten, and the last one closes the upstream', async () => {
    const gateway = await open();
    const [first, second] = [subscribe(gateway, { query: NUMBERS }), subscribe(gateway, { query: NUMBERS })];
    await members(gateway, 2);
    await live(gateway);
    await first[Symbol.asyncDispose]();
    await members(gateway, 1);
    gateway.log.tell();
    await second.told(1);
    await second[Symbol.asyncDispose]();
    await live(gateway, 0);
    expect(gateway.log.asked).toBe(1);
  });

  test('a token that expires ends the stream', async () => {
    const gateway = await open();
    const client = subscribe(gateway, { query: NUMBERS, authorization: await gateway.bearer('ada', 2_000) });
    await live(gateway);
    gateway.log.tell();
    await client.told(1);
    expect(await client.ended()).toMatchObject(endOf(transport, { closed: 4401, code: 'UNAUTHENTICATED' }));
  });

  test('one subscription too many is refused, and is one less when it has gone', async () => {
    const gateway = await open({ MOST_SUBSCRIPTIONS: 1 });
    const first = subscribe(gateway, { query: NUMBERS });
    await live(gateway);
    expect(codes(await subscribe(gateway, { query: NUMBERS }).ended())).toEqual(['RATE_LIMITED']);
    await first[Symbol.asyncDispose]();
    await live(gateway, 0);
    const again = subscribe(gateway, { query: NUMBERS });
    await live(gateway);
    gateway.log.tell();
    await again.told(1);
  });

  test('a gateway that stops ends the stream, and says where to go on', async () => {
    const gateway = await open();
    const client = subscribe(gateway, { query: NUMBERS });
    await live(gateway);
    gateway.log.tell();
    await client.told(1);
    await gateway.stop();
    expect(await client.ended()).toMatchObject(endOf(transport, { closed: 1001, code: 'SHUTTING_DOWN' }));
  });
});

/** A socket that ends as a whole is closed with a code: its client comes back by itself, with the cursor it was told last. */
function endOf(transport: Transport, { closed, code }: { closed: number; code: string }): object {
  return transport === 'graphql-ws'
    ? { how: 'closed', code: closed }
    : { how: 'errors', errors: [{ extensions: { code, cursor: cursorOf(1) } }] };
}

test('clients of all transports are one at the subgraph, when operation and identity are the same', async () => {
  await using gateway = await openLogGateway();
  const authorization = await gateway.bearer('ada');
  const clients = TRANSPORTS.map(
    (transport) => new StreamClient(gateway.url, transport, { query: REMARKS, authorization }),
  );
  for (const transport of TRANSPORTS) {
    await until(async () => (await gateway.metric('lockstep_subscriptions', `transport="${transport}"`)) === 1);
  }
  gateway.log.tell(3);
  const [first, ...others] = await Promise.all(clients.map((client) => client.told(3)));
  for (const results of others) expect(results).toEqual(first);
  expect([gateway.log.asked, gateway.remarks.asked]).toEqual([1, 3]);
  expect(await gateway.metric('lockstep_subscription_sharing_ratio')).toBe(3);
  for (const client of clients) await client[Symbol.asyncDispose]();
});
