import type { FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { ERROR_CATALOGUE, httpStatusOf, type ErrorCode } from '#shared/error-catalogue.ts';
import { toGraphqlError, translateError } from '#shared/graphql/errors.ts';
import { JSON_TYPE, statusIn } from '#shared/graphql/over-http.ts';
import { fromHeaders } from '#shared/graphql/request-context.ts';
import type { Log } from '#shared/log.ts';
import { Refusal } from '#shared/refusal.ts';
import { traceContext } from '#shared/trace-context.ts';
import { STREAM_TYPES, type StreamType } from './accept.ts';

export const BAD_REQUEST = 400;

/** The status for errors that are the whole answer. */
export function statusOf([first]: readonly GraphQLError[]): number {
  const code = String(first?.extensions['code']);
  return (isErrorCode(code) ? httpStatusOf(code) : undefined) ?? BAD_REQUEST;
}

/** A subgraph that is not ours has codes of its own. */
function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CATALOGUE, code);
}

/** What went wrong before an operation was carried out, as its client is told: with its code, and without internals. */
export function toldErrors(cause: unknown, request: { log: Log; requestId: string }): GraphQLError[] {
  const causes: unknown[] = Array.isArray(cause) ? cause : [cause];
  return causes.map((one) => {
    const error = one instanceof Refusal ? toGraphqlError(one) : one;
    const { message, extensions } = translateError(error, request);
    const nodes = error instanceof GraphQLError ? error.nodes : undefined;
    return new GraphQLError(message, { nodes: nodes ?? null, extensions: extensions ?? {} });
  });
}

/** Answers with errors and no data, as GraphQL over HTTP has it. */
export function refuse(reply: FastifyReply, errors: readonly GraphQLError[], type = JSON_TYPE): FastifyReply {
  return reply
    .code(statusIn(type, statusOf(errors), errors))
    .type(type)
    .send(`${JSON.stringify({ errors })}\n`);
}

interface Unanswered {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly type?: string | undefined;
}

/** Answers a request that did not come so far as to have a context. */
export function answerRefused({ request, reply, type }: Unanswered, cause: unknown, log: Log): FastifyReply {
  const { requestId, correlationId } = traceContext(fromHeaders(request.headers));
  void reply.headers({ 'x-request-id': requestId, 'x-correlation-id': correlationId });
  return refuse(reply, toldErrors(cause, { log: log.child({ requestId, correlationId }), requestId }), type);
}

/** Says what to send as `Accept`. */
export function notAcceptable(why: string, offered: readonly StreamType[]): Refusal {
  const types = offered.map((type) => `"Accept: ${STREAM_TYPES[type]}"`).join(' or ');
  return new Refusal('NOT_ACCEPTABLE', `${why}: send ${types}, or subscribe over WebSocket (graphql-transport-ws).`);
}
