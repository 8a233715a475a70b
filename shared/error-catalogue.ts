import type { RefusalCode } from './refusal.ts';

/**
 * Every code that a GraphQL error can have, with what a client makes of it. A code without an entry does not compile, and
 * `npm run codegen` writes docs/errors.md of it.
 */

/** Codes that GraphQL's own machinery gives, over HTTP and WebSocket alike. */
export const GRAPHQL_CODES = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_REQUEST',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'INTERNAL_SERVER_ERROR',
] as const;
export type GraphqlCode = (typeof GRAPHQL_CODES)[number];
export type ErrorCode = RefusalCode | GraphqlCode;

/** What a client does next. */
export const WAYS_ON = {
  'correct it': 'Not as it is: the same request is answered the same. Change what the message says.',
  never: 'Never: for this caller, no repetition is answered otherwise.',
  'sign in': 'After `login`: what is open once more, with the idempotency keys and cursors it has.',
  'same key':
    'Yes, after a pause that grows: a mutation with **the same idempotency key**, a subscription with its cursor. Whether a mutation has had its effect is not known before its answer comes.',
  later: 'Yes, after a pause that grows; a subscription with its cursor. Nothing was carried out.',
  cursor:
    'Yes: subscribe again with `after`, the `extensions.cursor` of the error or, without one, of the last event. Nothing is missed. A stream without cursors begins anew.',
  'read anew': 'Yes, but without the cursor: subscribe, read the records, and go on from there.',
  'send the text': 'Yes: the same request with the text of the operation beside its hash.',
  once: 'Once, with the same idempotency key or the cursor, which is safe. When it happens again, report the request id of the message.',
} as const satisfies Record<string, string>;
export type WayOn = keyof typeof WAYS_ON;

/** Where an error stands. */
export const PLACES = {
  request: 'the whole request is refused: there is no `data`',
  field: 'one field is null: the error has its `path`, and the rest of `data` holds',
  stream: 'the end of a subscription',
} as const satisfies Record<string, string>;
export type Place = keyof typeof PLACES;

interface ErrorEntry {
  readonly meaning: string;
  readonly wayOn: WayOn;
  readonly places: readonly Place[];
  /** Where it refuses a whole request, the statuses it may have over HTTP; the first is that of a refusal. */
  readonly statuses?: readonly number[];
}

const REFUSALS: Readonly<Record<RefusalCode, ErrorEntry>> = {
  BAD_USER_INPUT: {
    meaning: 'An argument or a variable is malformed; `extensions.field` names it. Nothing was changed.',
    wayOn: 'correct it',
    places: ['request', 'field', 'stream'],
    statuses: [400],
  },
  UNAUTHENTICATED: {
    meaning: 'Nobody is signed in, the token is malformed or has expired, or e-mail and password do not match.',
    wayOn: 'sign in',
    places: ['request', 'field', 'stream'],
    statuses: [401],
  },
  FORBIDDEN: {
    meaning: 'The caller is known, and may not do this.',
    wayOn: 'never',
    places: ['field', 'stream'],
  },
  IDEMPOTENCY_KEY_REUSED: {
    meaning: 'The key was used for a call with other arguments. Another call needs a key of its own.',
    wayOn: 'correct it',
    places: ['field'],
  },
  IDEMPOTENCY_IN_PROGRESS: {
    meaning: 'An earlier call with this key is still running; its answer is to be had soon.',
    wayOn: 'same key',
    places: ['field'],
  },
  SUBGRAPH_UNAVAILABLE: {
    meaning: 'A service, or what it stands on, cannot be reached now.',
    wayOn: 'same key',
    places: ['request', 'field', 'stream'],
    statuses: [503],
  },
  TIMEOUT: {
    meaning: 'A service did not answer in time. It may still be at work.',
    wayOn: 'same key',
    places: ['field'],
  },
  RATE_LIMITED: {
    meaning: 'There are too many requests, subscriptions or sockets, or a subscription fell too far behind its events.',
    wayOn: 'later',
    places: ['request', 'field', 'stream'],
    statuses: [429],
  },
  CURSOR_EXPIRED: {
    meaning: 'Events behind the cursor are no longer kept, so what happened meanwhile cannot be told event by event.',
    wayOn: 'read anew',
    places: ['stream'],
  },
  SLOW_CONSUMER: {
    meaning: 'The client did not read what it was sent, and its queue is full. Nobody else waits for it.',
    wayOn: 'cursor',
    places: ['stream'],
  },
  SUPERGRAPH_REPLACED: {
    meaning:
      'The schema was replaced by one in which this operation is another. It is checked against the new schema when it comes again.',
    wayOn: 'cursor',
    places: ['stream'],
  },
  SHUTTING_DOWN: {
    meaning: 'The gateway stops; another, or the same after its start, takes over.',
    wayOn: 'cursor',
    places: ['request', 'stream'],
    statuses: [503],
  },
  NOT_ACCEPTABLE: {
    meaning: 'No media type of the `Accept` header is one that the answer could have. Nothing was carried out.',
    wayOn: 'correct it',
    places: ['request'],
    statuses: [406],
  },
};

const OF_GRAPHQL: Readonly<Record<GraphqlCode, ErrorEntry>> = {
  GRAPHQL_PARSE_FAILED: {
    meaning: 'The document is not GraphQL; `locations` tells where.',
    wayOn: 'correct it',
    places: ['request'],
    statuses: [400],
  },
  GRAPHQL_VALIDATION_FAILED: {
    meaning:
      'The document does not fit the schema; `locations` tells where. Generated types find it before it is sent.',
    wayOn: 'correct it',
    places: ['request'],
    statuses: [400],
  },
  OPERATION_RESOLUTION_FAILURE: {
    meaning: 'The document holds no operation of this name, or several and no name says which.',
    wayOn: 'correct it',
    places: ['request'],
    statuses: [400],
  },
  BAD_REQUEST: {
    meaning:
      'What came is no GraphQL request: no JSON, of another content type, too large, without a query, a batch, a mutation by GET, or one that any site could have sent.',
    wayOn: 'correct it',
    places: ['request'],
    statuses: [400, 405, 413, 415],
  },
  PERSISTED_QUERY_NOT_FOUND: {
    meaning: 'A hash came without the text of its operation, and is not known here, or not any more.',
    wayOn: 'send the text',
    places: ['request'],
    statuses: [200],
  },
  PERSISTED_QUERY_NOT_SUPPORTED: {
    meaning: 'Operations are not taken by their hash here.',
    wayOn: 'send the text',
    places: ['request'],
    statuses: [200],
  },
  INTERNAL_SERVER_ERROR: {
    meaning: 'A fault of ours. The message names the request; the cause is in our log only.',
    wayOn: 'once',
    places: ['request', 'field', 'stream'],
    statuses: [500],
  },
};

export const ERROR_CATALOGUE: Readonly<Record<ErrorCode, ErrorEntry>> = { ...REFUSALS, ...OF_GRAPHQL };

/** The HTTP status of a request that is refused as a whole; undefined for a code that refuses fields and streams only. */
export function httpStatusOf(code: ErrorCode): number | undefined {
  return ERROR_CATALOGUE[code].statuses?.[0];
}
