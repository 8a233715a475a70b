import type { TokenVerifier } from '../identity/tokens.ts';
import type { Log } from '../log.ts';
import { Refusal } from '../refusal.ts';
import { traceContext } from '../trace-context.ts';
import { SERVICE_TOKEN_HEADER, type RequestContext } from './context.ts';
import { toGraphqlError } from './errors.ts';

/** Reads one header of a request, or the same name of a socket's `connection_init` payload. Names are lower case. */
export type HeaderReader = (name: string) => string | undefined;

interface ContextSource {
  readonly header: HeaderReader;
  readonly verifier: TokenVerifier;
  readonly log: Log;
}

/** Makes an operation's context from what came with it. Throws a GraphQL error when a token is bad (401) or cannot be verified (503). */
export async function requestContext({ header, verifier, log }: ContextSource): Promise<RequestContext> {
  const trace = traceContext(header);
  const authorization = header('authorization');
  try {
    const [viewer, voucher] = await Promise.all([
      verifier.viewer(authorization),
      verifier.voucher(header(SERVICE_TOKEN_HEADER)),
    ]);
    const { requestId, correlationId } = trace;
    return { ...trace, viewer, voucher, authorization, replays: [], log: log.child({ requestId, correlationId }) };
  } catch (error) {
    throw error instanceof Refusal ? toGraphqlError(error) : error;
  }
}

/** Headers as Node gives them; of a repeated one the first. */
export function fromHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): HeaderReader {
  return (name) => {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
}

/**
 * What a client put into `connection_init` or into an operation's `extensions`: names in any case, at the top level (as Apollo Sandbox does)
 * or under `headers`.
 */
export function fromPayload(payload: unknown): HeaderReader {
  const flat = new Map<string, string>();
  const take = (object: unknown): void => {
    if (typeof object !== 'object' || object === null) return;
    for (const [name, value] of Object.entries(object)) {
      if (typeof value === 'string') flat.set(name.toLowerCase(), value);
    }
  };
  if (typeof payload === 'object' && payload !== null && 'headers' in payload) take(payload.headers);
  take(payload);
  return (name) => flat.get(name);
}

/** The first reader that knows a name wins. */
export function firstOf(...readers: readonly HeaderReader[]): HeaderReader {
  return (name) => {
    for (const read of readers) {
      const value = read(name);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}
