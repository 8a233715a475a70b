import type { FastifyReply } from 'fastify';
import { GraphQLError } from 'graphql';
import { toGraphqlError, translateError } from '#shared/graphql/errors.ts';
import type { Log } from '#shared/log.ts';
import { Refusal } from '#shared/refusal.ts';
import { STREAM_TYPES, type StreamType } from './accept.ts';

/** The status of an answer that has errors and no data; 400 for every other code. */
const STATUS: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_ACCEPTABLE: 406,
  RATE_LIMITED: 429,
  INTERNAL_SERVER_ERROR: 500,
  SUBGRAPH_UNAVAILABLE: 503,
  SHUTTING_DOWN: 503,
};
export const BAD_REQUEST = 400;

/** The status for errors that are the whole answer. */
export function statusOf([first]: readonly GraphQLError[]): number {
  return STATUS[String(first?.extensions['code'])] ?? BAD_REQUEST;
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
export function refuse(reply: FastifyReply, errors: readonly GraphQLError[], type = 'application/json'): FastifyReply {
  return reply
    .code(statusOf(errors))
    .type(`${type}; charset=utf-8`)
    .send(`${JSON.stringify({ errors })}\n`);
}

/** Says what to send as `Accept`. */
export function notAcceptable(why: string, offered: readonly StreamType[]): Refusal {
  const types = offered.map((type) => `"Accept: ${STREAM_TYPES[type]}"`).join(' or ');
  return new Refusal('NOT_ACCEPTABLE', `${why}: send ${types}, or subscribe over WebSocket (graphql-transport-ws).`);
}
