import type { GraphQLDataSource } from '@apollo/gateway';
import { errors, Pool, type Dispatcher } from 'undici';
import { REPLAYED_HEADER, SESSION_HEADER, type RequestContext } from '#shared/graphql/context.ts';
import type { RefusalCode } from '#shared/refusal.ts';
import type { Subgraph } from '../supergraph/supergraph.ts';
import { missedPaths } from './failed-fetch.ts';
import { identityHeaders, type ServiceToken } from './identity-headers.ts';

interface SubgraphSourceOptions {
  readonly subgraph: Subgraph;
  readonly serviceToken: ServiceToken;
  readonly timeoutMs: number;
}

export interface SubgraphSource extends GraphQLDataSource, AsyncDisposable {}

type SubgraphResponse = Awaited<ReturnType<GraphQLDataSource['process']>>;

/** Enough for the load one gateway can take; undici keeps them alive. */
const CONNECTIONS = 64;

/**
 * Sends a plan's fetches to one subgraph. It never throws for what goes wrong there: the fetch is answered with errors that have a code and
 * their places, so that only its own fields are null.
 */
export function openSubgraphSource({ subgraph, serviceToken, timeoutMs }: SubgraphSourceOptions): SubgraphSource {
  const { origin, pathname } = new URL(subgraph.url);
  const pool = new Pool(origin, {
    connections: CONNECTIONS,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connectTimeout: timeoutMs,
  });

  async function send(context: RequestContext, body: string): Promise<Dispatcher.ResponseData> {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(await identityHeaders(context, serviceToken)),
    };
    const request = { path: pathname, method: 'POST', headers, body } as const;
    try {
      return await pool.request(request);
    } catch (error) {
      // A kept connection whose subgraph has restarted. Sending again is safe: every mutation carries its idempotency key.
      if (isTimeout(error)) throw error;
      return pool.request(request);
    }
  }

  return {
    process: async ({ request, context }) => {
      const operation = context as RequestContext;
      const { query, variables, operationName } = request;
      try {
        const response = await send(operation, JSON.stringify({ query, variables, operationName }));
        const answer = (await response.body.json()) as SubgraphResponse;
        if (!isGraphqlResponse(answer)) throw new Error(`status ${response.statusCode} without a GraphQL answer`);
        readAnswerHeaders(response.headers, operation);
        return answer;
      } catch (error) {
        operation.log.warn({ err: error, subgraph: subgraph.name }, 'subgraph call failed');
        const code: RefusalCode = isTimeout(error) ? 'TIMEOUT' : 'SUBGRAPH_UNAVAILABLE';
        const message = isTimeout(error)
          ? `The ${subgraph.name} service did not answer within ${timeoutMs} ms.`
          : `The ${subgraph.name} service is not available right now.`;
        const failed = missedPaths(query ?? '', variables).map((path) => ({ message, path, extensions: { code } }));
        return { errors: failed } as unknown as SubgraphResponse;
      }
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}

/** A session goes on with the operation and no further; replays are counted for the client's own header. */
function readAnswerHeaders(headers: Dispatcher.ResponseData['headers'], operation: RequestContext): void {
  const session = headers[SESSION_HEADER];
  if (typeof session === 'string') operation.session = session;
  const replayed = headers[REPLAYED_HEADER];
  if (typeof replayed === 'string') operation.replays.push(replayed === 'true');
}

/** GraphQL spec §7.1: a map with data, with a list of errors that have messages, or with both. */
function isGraphqlResponse(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null) return false;
  const { data, errors: failed } = answer as { data?: unknown; errors?: unknown };
  if (typeof data !== 'object' && data !== undefined) return false;
  if (failed === undefined) return data != null;
  return (
    Array.isArray(failed) &&
    failed.every((error) => typeof (error as Record<string, unknown>)?.['message'] === 'string')
  );
}

function isTimeout(error: unknown): boolean {
  return (
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError
  );
}
