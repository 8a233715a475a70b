import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { streaming, subscribeWithCursor, type StreamEvent } from '#shared/graphql/subscribe.ts';
import { cancellable, Wakeup } from '#shared/stream.ts';
import { openPublisher, type Entry } from './events.ts';
import { answer, ready } from './peer.ts';
import { LOG_SCHEMA, REMARKS_SCHEMA } from './schemas.ts';

// Two subgraphs in one process: a log that is followed over WebSocket, and remarks on its entries.

const entries: Entry[] = [];
const wakeup = new Wakeup();

async function* follow(from: number, signal: AbortSignal): AsyncGenerator<StreamEvent<Entry>> {
  signal.addEventListener('abort', () => wakeup.notify());
  yield { checkpoint: cursorOf(from) };
  for (let at = from; !signal.aborted;) {
    const { next } = wakeup;
    for (let entry = entries[at]; entry !== undefined && !signal.aborted; entry = entries[at]) {
      yield { value: entry, cursor: cursorOf(entry.number) };
      at += 1;
    }
    if (!signal.aborted) await next;
  }
}

const cursorOf = (number: number): string => `entry-${number}`;

type SchemaModule = Extract<Parameters<typeof buildSubgraphSchema>[0], unknown[]>[number];
const schemaOf = (typeDefs: string, resolvers: unknown): ReturnType<typeof buildSubgraphSchema> =>
  buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers } as SchemaModule]);

const log = schemaOf(LOG_SCHEMA, {
  Subscription: {
    told: streaming<{ after?: string | null }, Entry>((_, { after }) => {
      const from = after == null ? entries.length : Number(after.replace('entry-', ''));
      return cancellable((signal) => follow(from, signal));
    }),
  },
});
const remarks = schemaOf(REMARKS_SCHEMA, { Entry: { remark: ({ id }: { id: string }) => `remark on ${id}` } });

async function answerRemarks(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { query, variables } = JSON.parse(await text(request)) as { query: string; variables: Record<string, unknown> };
  const result = await graphql({ schema: remarks, source: query, variableValues: variables });
  response.setHeader('content-type', 'application/json').end(JSON.stringify(result));
}

const server = createServer((request, response) => void answerRemarks(request, response));
useServer(
  {
    schema: log,
    subscribe: subscribeWithCursor,
    context: (_socket, _id, { extensions }) => ({ checkpoints: extensions?.['checkpoints'] === true }),
  },
  new WebSocketServer({ server, path: '/graphql' }),
);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const publisher = await openPublisher((entry) => {
  entries.push(entry);
  wakeup.notify();
});
answer({});
ready({ port: (server.address() as AddressInfo).port, publisher });
