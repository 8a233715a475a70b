import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { composeServices } from '@apollo/composition';
import { ApolloServer, HeaderMap } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { useServer } from 'graphql-ws/use/ws';
import { parse } from 'graphql';
import { WebSocketServer } from 'ws';
import type { Resolvers } from '#shared/graphql/subgraph.ts';

/** A subgraph that knows nothing of this project. */
export interface ForeignSubgraph {
  readonly name: string;
  readonly schema: string;
  readonly resolvers: Resolvers;
}

export interface ServedSubgraph extends AsyncDisposable {
  readonly url: string;
  /** How many connections it has now. */
  connections(): Promise<number>;
}

/** Longer than a test waits for anything. */
const KEPT_OPEN_MS = 120_000;

type SchemaModule = Extract<Parameters<typeof buildSubgraphSchema>[0], unknown[]>[number];

/** Serves it with Apollo Server over HTTP, and with graphql-ws over WebSocket, as its makers would. */
export async function serveForeign({ schema: sdl, resolvers }: ForeignSubgraph): Promise<ServedSubgraph> {
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers } as SchemaModule]);
  const apollo = new ApolloServer({
    schema,
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginInlineTraceDisabled()],
  });
  await apollo.start();
  const server = createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== '/graphql') return void response.writeHead(404).end();
    void text(request).then(async (body) => {
      const headers = new HeaderMap();
      for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
      const answer = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method: 'POST', headers, search: '', body: JSON.parse(body) },
        context: () => Promise.resolve({ authorization: request.headers.authorization }),
      });
      for (const [name, value] of answer.headers) response.setHeader(name, value);
      response.statusCode = answer.status ?? 200;
      response.end(answer.body.kind === 'complete' ? answer.body.string : '');
    });
  });
  // What a client leaves open stays open, to be seen.
  server.keepAliveTimeout = KEPT_OPEN_MS;
  const sockets = useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    connections: () => promisify(server.getConnections.bind(server))(),
    [Symbol.asyncDispose]: async () => {
      await sockets.dispose();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await apollo.stop();
    },
  };
}

/** The supergraph of subgraphs at these addresses. */
export function supergraphOf(subgraphs: readonly { name: string; url: string; schema: string }[]): string {
  const result = composeServices(subgraphs.map(({ name, url, schema }) => ({ name, url, typeDefs: parse(schema) })));
  if (result.errors !== undefined) throw new Error(result.errors.map(({ message }) => message).join('\n'));
  return result.supergraphSdl;
}
