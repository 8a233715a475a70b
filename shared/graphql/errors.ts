import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { httpStatusOf, type ErrorCode } from '../error-catalogue.ts';
import type { Log } from '../log.ts';
import { Refusal } from '../refusal.ts';
import { isUnreachable } from '../store/postgres.ts';

/**
 * The one place where errors become answers. Refusals keep code, message and field; faults are logged with their cause and shown
 * without detail, with the request id to ask about.
 */
export function translateError(error: unknown, request: { log: Log; requestId: string }): GraphQLFormattedError {
  const located = error instanceof GraphQLError ? error : undefined;
  const place = {
    ...(located?.locations && { locations: located.locations }),
    ...(located?.path && { path: located.path }),
  };
  const cause = rootCause(error);
  if (cause instanceof Refusal) return { message: cause.message, ...place, extensions: refusalExtensions(cause) };
  if (located !== undefined && cause instanceof GraphQLError) {
    return { message: located.message, ...place, extensions: deliberateExtensions(located) };
  }
  if (isUnreachable(cause)) {
    request.log.warn({ err: cause, path: located?.path }, 'database unreachable');
    const message = 'The service cannot reach its database right now; try again, with the same idempotency key.';
    return { message, ...place, extensions: { code: 'SUBGRAPH_UNAVAILABLE' } };
  }
  return { ...faultAnswer(cause, located?.path, request), ...place };
}

/** What is shown of a fault: its details go to the log. */
export function faultAnswer(
  cause: unknown,
  path: readonly (string | number)[] | undefined,
  { log, requestId }: { log: Log; requestId: string },
): { message: string; extensions: { code: ErrorCode } } {
  log.error({ err: cause, path }, 'fault');
  const message = `Something went wrong on our side (request ${requestId}).`;
  return { message, extensions: { code: 'INTERNAL_SERVER_ERROR' } };
}

/** A refusal as a GraphQL error, for where GraphQL's own machinery must carry it (while a request's context is made). */
export function toGraphqlError(refusal: Refusal): GraphQLError {
  const status = httpStatusOf(refusal.code);
  const extensions = { ...refusalExtensions(refusal), ...(status !== undefined && { http: { status } }) };
  return new GraphQLError(refusal.message, { originalError: refusal, extensions });
}

/** What graphql-js says by returning nothing: its own servers each have another sentence for it. */
export function noSuchOperation(): GraphQLError {
  const message = 'The document holds no operation of this name, or several of which operationName names none.';
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}

function refusalExtensions(refusal: Refusal): Record<string, unknown> {
  return { code: refusal.code, ...(refusal.field !== undefined && { field: refusal.field }) };
}

/** Apollo Server and graphql-js wrap each other's errors; what was thrown lies innermost. */
function rootCause(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError !== undefined) cause = cause.originalError;
  return cause;
}

/** An error without a cause was made on purpose: by GraphQL itself (parsing, validation, coercion), or by a subgraph that has said its code. */
function deliberateExtensions({ message, extensions }: GraphQLError): Record<string, unknown> {
  const variable = coercedVariable(message);
  const field = typeof extensions['field'] === 'string' ? extensions['field'] : variable;
  const fallback = variable === undefined ? 'GRAPHQL_VALIDATION_FAILED' : 'BAD_USER_INPUT';
  return { code: extensions['code'] ?? fallback, ...(field !== undefined && { field }) };
}

/**
 * graphql-js tells the place of a bad variable in its sentence only: `Variable "$input" got invalid value 1 at "input.items[0].id"; …`.
 * The path within the variable, dotted as our own refusals write it; the variable's name when all of it is at fault. The value stands in
 * between and is the client's: the path is looked for behind it.
 */
function coercedVariable(message: string): string | undefined {
  const variable = /^Variable "\$(\w+)" (?:got invalid value |of (?:required|non-null) type )/.exec(message)?.[1];
  if (variable === undefined) return undefined;
  const place = new RegExp(`^.* at "${variable}((?:\\.\\w+|\\[\\d+\\])*)"; `, 's').exec(message)?.[1] ?? '';
  const missing = /; Field "(\w+)" of required type [^"]*"[^"]*" was not provided\.$/.exec(message)?.[1];
  const path = place
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .slice(1);
  return [...path, ...(missing === undefined ? [] : [missing])].join('.') || variable;
}
