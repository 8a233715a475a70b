import { ApolloServer, type ApolloServerOptions, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { GraphQLError } from 'graphql';
import type { TokenVerifier } from '../identity/tokens.ts';
import type { Log } from '../log.ts';
import { REPLAYED_HEADER, SESSION_HEADER, type RequestContext } from './context.ts';
import { translateError } from './errors.ts';
import { answerMalformed, answersOverHttp, requireAcceptable } from './over-http.ts';
import { fromHeaders, requestContext } from './request-context.ts';

/** Translates errors, and writes what the operation came to into response headers. */
const answers: ApolloServerPlugin<RequestContext> = {
  requestDidStart: () =>
    Promise.resolve({
      willSendResponse: ({ response, contextValue: context, errors }) => {
        if (errors !== undefined && response.body.kind === 'single') {
          response.body.singleResult.errors = errors.map((error) => translateError(error, context));
        }
        const failed = errors?.some(failsRootField) ?? false;
        for (const [name, value] of answerHeaders(context, failed)) response.http.headers.set(name, value);
        return Promise.resolve();
      },
    }),
};

/** A mutation field that was refused or failed is no replay, and counts itself nowhere. */
function failsRootField({ path }: GraphQLError): boolean {
  return path === undefined || path.length <= 1;
}

function answerHeaders(context: RequestContext, failed: boolean): [string, string][] {
  const headers: [string, string][] = [
    ['x-request-id', context.requestId],
    ['x-correlation-id', context.correlationId],
  ];
  const replayed = !failed && context.replays.every(Boolean);
  if (context.replays.length > 0) headers.push([REPLAYED_HEADER, String(replayed)]);
  // Only a service that vouches for the channel is handed a session: it ends at the gateway.
  if (context.session !== undefined && context.voucher !== undefined) headers.push([SESSION_HEADER, context.session]);
  return headers;
}

type Served = Pick<ApolloServerOptions<RequestContext>, 'schema' | 'gateway' | 'introspection'>;

/** Stands before Apollo Server: answers a request itself, or with the body that `answer` gives, which has set status and headers. */
export type GraphqlFront = (
  request: FastifyRequest,
  reply: FastifyReply,
  answer: () => Promise<string>,
) => Promise<string | FastifyReply>;

interface GraphqlRoute {
  readonly app: FastifyInstance;
  readonly served: Served;
  readonly verifier: TokenVerifier;
  readonly log: Log;
  readonly front?: GraphqlFront;
}

/** Serves GraphQL over HTTP at `/graphql`, with Apollo Server, until the app closes. */
export async function serveGraphql({ app, served, verifier, log, front }: GraphqlRoute): Promise<void> {
  const apollo = new ApolloServer<RequestContext>({
    ...served,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger: log,
    plugins: [
      answers,
      answersOverHttp,
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
    ],
  } as ApolloServerOptions<RequestContext>);
  await apollo.start();
  app.addHook('onClose', () => apollo.stop());
  const handler = fastifyApolloHandler(apollo, {
    context: async ({ headers }) => {
      requireAcceptable(headers.accept);
      return requestContext({ header: fromHeaders(headers), verifier, log });
    },
  });
  const answer = (request: FastifyRequest, reply: FastifyReply): Promise<string> =>
    handler.call(app, request, reply) as Promise<string>;
  app.route({
    url: '/graphql',
    method: ['GET', 'POST'],
    errorHandler: answerMalformed(log),
    handler: (request, reply) =>
      front === undefined ? answer(request, reply) : front(request, reply, () => answer(request, reply)),
  });
}
