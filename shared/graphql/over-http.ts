import type { ApolloServerPlugin } from '@apollo/server';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLError } from 'graphql';
import type { ErrorCode } from '../error-catalogue.ts';
import type { Log } from '../log.ts';
import { Refusal } from '../refusal.ts';
import { traceContext } from '../trace-context.ts';
import { preferredMediaType } from './accept.ts';
import type { RequestContext } from './context.ts';
import { faultAnswer, toGraphqlError } from './errors.ts';
import { fromHeaders } from './request-context.ts';

/** GraphQL over HTTP, "Media Types": the first is what a client gets that asks for nothing in particular. */
export const JSON_TYPE = 'application/json; charset=utf-8';
const GRAPHQL_TYPE = 'application/graphql-response+json; charset=utf-8';

const OFFERED = [JSON_TYPE, GRAPHQL_TYPE];

/** Errors of a request that is well formed: what is wrong lies in its document, or does not fit it. */
const OF_THE_DOCUMENT: readonly ErrorCode[] = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
];
const OK = 200;
const BAD_REQUEST = 400;

/** The type of an answer that is no stream; undefined when the client takes none of ours. */
export function answerType(accept: string | undefined): string | undefined {
  return preferredMediaType(accept, OFFERED);
}

/** Refuses with `NOT_ACCEPTABLE` a client that takes no answer of ours: before anything is carried out, which it could not be told of. */
export function requireAcceptable(accept: string | undefined): void {
  if (answerType(accept) !== undefined) return;
  const message = `Answers are ${OFFERED.join(' or ')}; the Accept header takes neither.`;
  throw toGraphqlError(new Refusal('NOT_ACCEPTABLE', message));
}

/**
 * The status that belongs to errors without data. GraphQL over HTTP, "application/json": a well-formed request is answered with 200 though its
 * document is refused, since a client could not tell another status from one that an intermediary made. With
 * `application/graphql-response+json` it can, and sees 400.
 */
export function statusIn(type: string, status: number, errors: readonly GraphQLError[]): number {
  const wellFormed = errors.every(({ extensions }) => OF_THE_DOCUMENT.includes(extensions['code'] as ErrorCode));
  return type === JSON_TYPE && status === BAD_REQUEST && wellFormed ? OK : status;
}

/** Chooses an answer's media type, and the status that belongs to it. */
export const answersOverHttp: ApolloServerPlugin<RequestContext> = {
  requestDidStart: () =>
    Promise.resolve({
      willSendResponse: ({ request, response: { http }, errors }) => {
        const mediaType = answerType(request.http?.headers.get('accept')) ?? JSON_TYPE;
        http.headers.set('content-type', mediaType);
        if (http.status !== undefined) http.status = statusIn(mediaType, http.status, errors ?? []);
        return Promise.resolve();
      },
    }),
};

/**
 * Answers what never comes to GraphQL — a body that is no JSON, of another type, or too large — in GraphQL's shape, so that clients read one
 * kind of error.
 */
export function answerMalformed(log: Log) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const { requestId, correlationId } = traceContext(fromHeaders(request.headers));
    const status = error.statusCode ?? 500;
    const answer =
      status < 500
        ? { message: error.message, extensions: { code: 'BAD_REQUEST' } }
        : faultAnswer(error, undefined, { log: log.child({ requestId, correlationId }), requestId });
    void reply
      .code(status)
      .headers({ 'x-request-id': requestId, 'x-correlation-id': correlationId })
      .type(answerType(request.headers.accept) ?? JSON_TYPE)
      .send({ errors: [answer] });
  };
}
