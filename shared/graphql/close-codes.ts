import type { WayOn } from '../error-catalogue.ts';

/** The codes with which a WebSocket at `/graphql` is closed: graphql-transport-ws's own, and those of RFC 6455 and IANA's registry. */
export const CLOSE_CODES = [1001, 1006, 1009, 1013, 4400, 4401, 4403, 4406, 4408, 4409, 4429, 4500] as const;
export type CloseCode = (typeof CLOSE_CODES)[number];

interface CloseEntry {
  readonly name: string;
  readonly meaning: string;
  readonly wayOn: WayOn;
}

/** What a client makes of each; `npm run codegen` writes docs/errors.md of it. */
export const CLOSE_CATALOGUE: Readonly<Record<CloseCode, CloseEntry>> = {
  1001: {
    name: 'Going Away',
    meaning: 'The service stops; another, or the same after its start, takes over.',
    wayOn: 'cursor',
  },
  1006: {
    name: 'no code: the connection was lost',
    meaning: 'Nothing was sent; the client itself says so.',
    wayOn: 'cursor',
  },
  1009: {
    name: 'Message Too Big',
    meaning: 'An operation with its variables has more than 1 MiB.',
    wayOn: 'correct it',
  },
  1013: {
    name: 'Try Again Later',
    meaning: 'There are too many sockets, or the token cannot be verified because its issuer cannot be asked.',
    wayOn: 'later',
  },
  4400: { name: 'Bad Request', meaning: 'A message is none of graphql-transport-ws.', wayOn: 'correct it' },
  4401: {
    name: 'Unauthorized',
    meaning: 'The token is malformed or has expired, or an operation came before `connection_init`.',
    wayOn: 'sign in',
  },
  4403: { name: 'Forbidden', meaning: 'The connection was refused.', wayOn: 'never' },
  4406: {
    name: 'Subprotocol not acceptable',
    meaning: 'The client does not offer the subprotocol `graphql-transport-ws`.',
    wayOn: 'correct it',
  },
  4408: {
    name: 'Connection initialisation timeout',
    meaning: 'No `connection_init` came in time.',
    wayOn: 'cursor',
  },
  4409: {
    name: 'Subscriber already exists',
    meaning: 'An operation has the id of one that is still under way on this socket.',
    wayOn: 'correct it',
  },
  4429: {
    name: 'Too many initialisation requests',
    meaning: '`connection_init` came a second time.',
    wayOn: 'correct it',
  },
  4500: { name: 'Internal Server Error', meaning: 'A fault of ours.', wayOn: 'once' },
};
