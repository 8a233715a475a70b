import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { Client, subscriptionExchange } from '@urql/core';
import { GraphQLError } from 'graphql';
import { createClient, type ClientOptions, type Client as SocketClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { until } from '../support/poll.ts';
import { openPushingServer, type PlayedStream, type PushingServer } from '../support/pushing-server.ts';

const TOLD = 'subscription { told }';
const refused = new GraphQLError('No more.', { extensions: { code: 'FORBIDDEN' } });

describe('what clients are used for', () => {
  let server: PushingServer;
  beforeAll(async () => {
    server = await openPushingServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const open = (options: Partial<ClientOptions> = {}): SocketClient =>
    createClient({ url: `${server.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, ...options });
  const follow = (): Promise<PlayedStream> => until(() => [...server.streams][0], { what: 'a stream' });
  const none = (): Promise<unknown> => until(() => server.streams.size === 0, { what: 'no stream' });

  test('the client of graphql-ws follows, ends and comes back by itself when the server stops', async () => {
    const client = open({ retryWait: () => Promise.resolve() });
    const told: unknown[] = [];
    const leave = client.subscribe(
      { query: TOLD },
      {
        next: ({ data }) => told.push(data),
        error: (error) => told.push(error),
        complete: () => told.push('complete'),
      },
    );
    const first = await follow();
    first.tell(1);
    await until(() => told.length === 1);
    first.end('stopping');
    const second = await until(() => [...server.streams].find((stream) => stream !== first));
    second.tell(2);
    await until(() => told.length === 2);
    leave();
    await none();
    expect(told).toEqual([{ told: 1 }, { told: 2 }, 'complete']);
    await client.dispose();
  });

  test('the client of graphql-ws sends a fresh token as a ping, and is told how long it lasts', async () => {
    const pongs: unknown[] = [];
    const sockets: WebSocket[] = [];
    const client = open({
      connectionParams: { authorization: await server.tokenEndingIn(30_000) },
      on: {
        connected: (socket) => sockets.push(socket as WebSocket),
        pong: (received, payload) => received && pongs.push(payload),
      },
    });
    const stream = client.iterate({ query: TOLD });
    const ended = stream.next();
    await follow();
    sockets[0]?.send(JSON.stringify({ type: 'ping', payload: { authorization: await server.tokenEndingIn(60_000) } }));
    await until(() => pongs.length === 1);
    expect(pongs).toEqual([{ expiresAt: expect.any(String) }]);
    await stream.return?.();
    await ended;
    await none();
    await client.dispose();
  });

  test('Apollo Client follows, is told of errors, and leaves', async () => {
    const socket = open();
    const client = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() });
    const told: unknown[] = [];
    const query = gql(TOLD);
    const subscription = client.subscribe({ query }).subscribe({ next: ({ data, error }) => told.push(data ?? error) });
    const stream = await follow();
    stream.tell('one');
    stream.tell('two');
    await until(() => told.length === 2);
    expect(told).toEqual([{ told: 'one' }, { told: 'two' }]);
    subscription.unsubscribe();
    await none();
    const failed = Promise.withResolvers<unknown>();
    client.subscribe({ query }).subscribe({ next: ({ error }) => failed.resolve(error), error: failed.resolve });
    (await follow()).end('refused', [refused]);
    expect(await failed.promise).toMatchObject({
      errors: [{ message: 'No more.', extensions: { code: 'FORBIDDEN' } }],
    });
    client.stop();
    await socket.dispose();
  });

  test('urql follows, is told of errors, and leaves', async () => {
    const socket = open();
    const client = new Client({
      url: `${server.url}/graphql`,
      preferGetMethod: false,
      exchanges: [
        subscriptionExchange({
          forwardSubscription: ({ query = '', variables }) => ({
            subscribe: (sink) => ({
              unsubscribe: socket.subscribe({ query, variables: variables as Record<string, unknown> }, sink as never),
            }),
          }),
        }),
      ],
    });
    const told: unknown[] = [];
    const first = client
      .subscription(TOLD, {})
      .subscribe(({ data, error }) => told.push(error?.graphQLErrors.map(({ extensions }) => extensions) ?? data));
    const stream = await follow();
    stream.tell('one');
    await until(() => told.length === 1);
    stream.end('refused', [refused]);
    await until(() => told.length === 2);
    expect(told).toEqual([{ told: 'one' }, [{ code: 'FORBIDDEN' }]]);
    first.unsubscribe();
    const second = client.subscription(TOLD, {}).subscribe(() => undefined);
    await follow();
    second.unsubscribe();
    await none();
    await socket.dispose();
  });
});
