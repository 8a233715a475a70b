import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema, type ExecutionResult } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { AnsweredWithErrors, AppClient } from './client.ts';
import { CancelOrder, RecordSynced } from './operations.ts';

type Answer = (response: ServerResponse) => void;

/** A server that answers each request in its own way, and keeps what was asked. */
async function serveInTurn(
  ...answers: readonly Answer[]
): Promise<AsyncDisposable & { url: string; asked: unknown[] }> {
  const asked: unknown[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push({ body: JSON.parse(Buffer.concat(chunks).toString()), token: request.headers.authorization });
      answers[asked.length - 1]?.(response);
    });
  });
  return { url: await listen(server), asked, [Symbol.asyncDispose]: () => close(server) };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

const hangUp: Answer = (response) => void response.destroy();
const answer =
  (body: unknown): Answer =>
  (response) =>
    void response.end(JSON.stringify(body));
const refuse = (code: string): Answer => answer({ errors: [{ message: 'refused', extensions: { code } }] });
const cancelled = { cancelOrder: { order: null, userErrors: [] } };
const variables = { input: { id: 'order' }, idempotencyKey: 'one-key' };

test('a mutation whose answer is lost or not known yet is sent again, with its key', async () => {
  const inProgress = refuse('IDEMPOTENCY_IN_PROGRESS');
  await using server = await serveInTurn(hangUp, inProgress, answer({ data: cancelled }));
  await using client = new AppClient(server.url, () => 'a-token');
  expect(await client.mutate(CancelOrder, variables)).toEqual(cancelled);
  const call = { body: { query: CancelOrder.toString(), variables }, token: 'Bearer a-token' };
  expect(server.asked).toEqual([call, call, call]);
});

test('a mutation that was refused is not sent again', async () => {
  await using server = await serveInTurn(refuse('FORBIDDEN'));
  await using client = new AppClient(server.url, () => undefined);
  const refusal: unknown = await client.mutate(CancelOrder, variables).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(AnsweredWithErrors);
  expect(refusal).toMatchObject({ code: 'FORBIDDEN' });
  expect(server.asked).toHaveLength(1);
});

/** A gateway that streams versions with cursors, hangs up after the second, and goes on behind the cursor it is given. */
async function serveStream(
  closeCode: number,
): Promise<AsyncDisposable & { readonly url: string; readonly asked: unknown[] }> {
  const asked: unknown[] = [];
  const server = createServer();
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  const engine = useServer(
    {
      schema: buildSchema('type Query { none: Int }'),
      validate: () => [],
      subscribe: async function* ({ variableValues, contextValue }): AsyncGenerator<ExecutionResult> {
        asked.push(variableValues);
        const from = Number(variableValues?.['after'] ?? 0);
        for (const version of [from + 1, from + 2])
          yield { data: { recordSynced: { targetVersion: version } }, extensions: { cursor: String(version) } };
        if (from === 0) (contextValue as { hangUp: () => void }).hangUp();
      },
      context: ({ extra }) => ({ hangUp: () => extra.socket.close(closeCode) }),
    },
    sockets,
  );
  const url = await listen(server);
  const end = async (): Promise<void> => {
    await engine.dispose();
    await close(server);
  };
  return { url, asked, [Symbol.asyncDispose]: end };
}

async function versionsOf(url: string): Promise<unknown[]> {
  await using client = new AppClient(url, () => undefined);
  const versions: unknown[] = [];
  for await (const { recordSynced } of client.subscribe(RecordSynced, {}, AbortSignal.timeout(30_000)))
    versions.push(recordSynced.targetVersion);
  return versions;
}

test('a stream that is lost goes on behind the last cursor', async () => {
  await using server = await serveStream(1012);
  expect(await versionsOf(server.url)).toEqual([1, 2, 3, 4]);
  expect(server.asked).toEqual([{}, { after: '2' }]);
});

test('a stream whose token has ended is not taken up again', async () => {
  await using server = await serveStream(4401);
  await expect(versionsOf(server.url)).rejects.toThrow('the connection was closed');
  expect(server.asked).toHaveLength(1);
});

test('a stream ends with its signal, though nothing comes', async () => {
  const server = createServer();
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  const silent = useServer(
    {
      schema: buildSchema('type Query { none: Int }'),
      validate: () => [],
      subscribe: () =>
        ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) }) as never,
    },
    sockets,
  );
  const stop = new AbortController();
  const url = await listen(server);
  {
    await using client = new AppClient(url, () => undefined);
    const next = client.subscribe(RecordSynced, {}, stop.signal).next();
    sockets.once('connection', () => stop.abort());
    expect(await next).toEqual({ done: true, value: undefined });
  }
  await silent.dispose();
  await close(server);
});
