import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type Client } from 'graphql-ws';
import type { TypedDocumentString } from './generated/graphql.ts';

interface GraphqlError {
  readonly message: string;
  readonly extensions?: { readonly code?: string };
}

interface GraphqlAnswer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly GraphqlError[];
}

/** The system has answered, with errors: a code tells which. */
export class AnsweredWithErrors extends Error {
  override readonly name = 'AnsweredWithErrors';
  readonly code: string | undefined;

  constructor(errors: readonly GraphqlError[]) {
    super(errors.map(({ message }) => message).join('; ') || 'an answer without data');
    this.code = errors[0]?.extensions?.code;
  }
}

/** Longer than any answer takes: `placeOrder` waits 3 s for inventory. */
const ANSWER_WITHIN_MS = 10_000;
/** Outlasts the restart of a service. */
const MOST_ATTEMPTS = 6;
const FIRST_PAUSE_MS = 250;
/** Codes that tell nothing about the outcome: the call may have been carried out, or may be by now. */
const OUTCOME_UNKNOWN: readonly (string | undefined)[] = ['IDEMPOTENCY_IN_PROGRESS', 'SUBGRAPH_UNAVAILABLE', 'TIMEOUT'];

/** A client of the gateway. The token is asked for at every request and connection, so that a renewed one is taken at once. */
export class AppClient implements AsyncDisposable {
  readonly #url: string;
  readonly #token: () => string | undefined;
  readonly #socket: Client;

  constructor(url: string, token: () => string | undefined) {
    this.#url = `${url}/graphql`;
    this.#token = token;
    this.#socket = createClient({
      url: this.#url.replace(/^http/, 'ws'),
      connectionParams: () => this.#authorization(),
      // By itself it would subscribe again without the cursor, and lose what happened meanwhile: see subscribe.
      retryAttempts: 0,
    });
  }

  /** The data. Throws {@link AnsweredWithErrors}, or what fetch throws. */
  async request<Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables): Promise<Data> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.#authorization() },
      body: JSON.stringify({ query: document.toString(), variables }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const { data, errors } = (await response.json()) as GraphqlAnswer<Data>;
    if (data == null || errors !== undefined) throw new AnsweredWithErrors(errors ?? []);
    return data;
  }

  /** A mutation, sent until its outcome is known. Every attempt carries the key it was given, so all of them have one effect. */
  async mutate<Data, Variables extends { readonly idempotencyKey: string }>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
  ): Promise<Data> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.request(document, variables);
      } catch (error) {
        const known = error instanceof AnsweredWithErrors && !OUTCOME_UNKNOWN.includes(error.code);
        if (known || attempt === MOST_ATTEMPTS) throw error;
        await pause(FIRST_PAUSE_MS * attempt);
      }
    }
  }

  /** Every event, those of a time without a connection too: a lost stream is taken up after the last cursor. Ends with the signal. */
  async *subscribe<Data, Variables extends { readonly after?: string | null | undefined }>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
    signal: AbortSignal,
  ): AsyncGenerator<Data> {
    let after = variables.after;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const query = document.toString();
      const events = this.#socket.iterate<Data, { cursor?: string }>({ query, variables: { ...variables, after } });
      const stop = (): void => void events.return?.();
      signal.addEventListener('abort', stop, { once: true });
      try {
        for await (const { data, errors, extensions } of events) {
          if (data == null || errors !== undefined) throw new AnsweredWithErrors(errors ?? []);
          yield data;
          after = extensions?.cursor ?? after;
          attempt = 1;
        }
        return;
      } catch (error) {
        if (!isLostConnection(error) || attempt === MOST_ATTEMPTS) throw asError(error);
        await pause(FIRST_PAUSE_MS * attempt, undefined, { signal }).catch(() => undefined);
      } finally {
        signal.removeEventListener('abort', stop);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket.dispose();
  }

  #authorization(): Record<string, string> {
    const token = this.#token();
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  }
}

/** graphql-ws throws the close event. By the protocol, codes from 4400 say what the client did wrong, 4401 that its token has ended. */
function isLostConnection(error: unknown): boolean {
  if (error instanceof AnsweredWithErrors || Array.isArray(error)) return false;
  const code = typeof error === 'object' && error !== null && 'code' in error ? Number(error.code) : 0;
  return code < 4_400;
}

/** What graphql-ws throws may be an event, or the list of GraphQL errors that the operation was refused with. */
function asError(error: unknown): Error {
  if (error instanceof Error) return error;
  if (Array.isArray(error)) return new AnsweredWithErrors(error as GraphqlError[]);
  const reason = typeof error === 'object' && error !== null && 'reason' in error ? String(error.reason) : '';
  return new Error(`the connection was closed${reason === '' ? '' : `: ${reason}`}`, { cause: error });
}
