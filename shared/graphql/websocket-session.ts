import type { IncomingHttpHeaders } from 'node:http';
import { CloseCode } from 'graphql-ws';
import { GraphQLError } from 'graphql';
import type { TokenVerifier } from '../identity/tokens.ts';
import { callerName, type Viewer } from '../identity/viewer.ts';
import type { Log } from '../log.ts';
import { Refusal } from '../refusal.ts';
import type { RequestContext } from './context.ts';
import { firstOf, fromHeaders, fromPayload, requestContext, type HeaderReader } from './request-context.ts';
import { LONGEST_TIMER_MS } from './until-expiry.ts';

/** "Try Again Later" in IANA's registry of close codes: the token's issuer cannot be asked. */
const TRY_AGAIN_CLOSE = 1013;

interface SessionOptions {
  readonly headers: IncomingHttpHeaders;
  readonly verifier: TokenVerifier;
  readonly log: Log;
  /** Closes the socket. */
  readonly close: (code: number, reason: string) => void;
}

/**
 * Whom a socket speaks for, by the token that came with it, and for how long: it closes with 4401 when the token expires, since a stream
 * must not outlive the right to it. Until then a fresh token of the same identity may come.
 */
export class SocketSession {
  readonly #options: SessionOptions;
  #header: HeaderReader;
  #viewer: Viewer | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #over = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#header = fromHeaders(options.headers);
  }

  /** What came with the socket; of the token the freshest. */
  readonly header: HeaderReader = (name) => this.#header(name);

  /** Checks the token at the door. False when it is bad, or cannot be checked: then the socket is being closed. */
  async admit(params: unknown): Promise<boolean> {
    const { verifier, close } = this.#options;
    this.#header = firstOf(fromPayload(params), this.#header);
    try {
      this.#lastAs(await verifier.viewer(this.#header('authorization')));
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      close(error.code === 'UNAUTHENTICATED' ? CloseCode.Unauthorized : TRY_AGAIN_CLOSE, error.message);
      return false;
    }
  }

  /**
   * Takes a fresh token, and gives the context in which the socket goes on; undefined when it does not. A bad token closes the socket with
   * 4401 and one of another identity with 4403; one that cannot be checked now leaves everything as it is.
   */
  async refresh(authorization: string): Promise<RequestContext | undefined> {
    const { verifier, log, close } = this.#options;
    const header = firstOf((name) => (name === 'authorization' ? authorization : undefined), this.#header);
    try {
      const context = await requestContext({ header, verifier, log });
      if (this.#viewer === undefined) close(CloseCode.Unauthorized, 'Unauthorized');
      else if (!isSame(context.viewer, this.#viewer)) this.refuse();
      else {
        this.#header = header;
        this.#lastAs(context.viewer);
        return context;
      }
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      if (error.extensions['code'] === 'UNAUTHENTICATED') close(CloseCode.Unauthorized, error.message);
    }
    return undefined;
  }

  /** Closes the socket for a token of somebody else. */
  refuse(): void {
    this.#options.close(CloseCode.Forbidden, 'A fresh token must be of the same identity.');
  }

  /** When the socket closes unless a fresh token comes; undefined for a client that has not signed in. */
  get expiresAt(): Date | undefined {
    return this.#viewer === undefined || this.#viewer.kind === 'anonymous' ? undefined : this.#viewer.expiresAt;
  }

  /** The socket has closed. */
  end(): void {
    this.#over = true;
    clearTimeout(this.#expiry);
  }

  #lastAs(viewer: Viewer): void {
    this.#viewer = viewer;
    clearTimeout(this.#expiry);
    const { expiresAt } = this;
    if (expiresAt === undefined || this.#over) return;
    const expire = (): void => this.#options.close(CloseCode.Unauthorized, 'The token has expired; log in again.');
    this.#expiry = setTimeout(expire, Math.min(expiresAt.getTime() - Date.now(), LONGEST_TIMER_MS)).unref();
  }
}

function isSame(one: Viewer, other: Viewer): boolean {
  const role = (viewer: Viewer): string | undefined => (viewer.kind === 'user' ? viewer.role : undefined);
  return one.kind === other.kind && callerName(one) === callerName(other) && role(one) === role(other);
}
