import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly field?: string };
}

export interface GraphqlAnswer<Data> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Data;
  readonly errors?: readonly GraphqlError[];
}

type Variables = Readonly<Record<string, unknown>>;
// oxlint-disable-next-line typescript/no-explicit-any -- tests read what they have asked for
export type Any = any;

/** A client of a GraphQL endpoint over HTTP and WebSocket, as one caller. */
export class TestClient {
  /** Where it asks, without a path. */
  readonly url: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** `url` is a service's base URL. */
  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.url = url;
    this.#headers = headers;
  }

  /** The same endpoint as another caller. */
  as(token: string): TestClient {
    return new TestClient(this.url, { ...this.#headers, authorization: `Bearer ${token}` });
  }

  /** The same caller at another service's base URL. */
  at(url: string): TestClient {
    return new TestClient(url, this.#headers);
  }

  with(headers: Readonly<Record<string, string>>): TestClient {
    return new TestClient(this.url, { ...this.#headers, ...headers });
  }

  async send<Data = Any>(query: string, variables: Variables = {}): Promise<GraphqlAnswer<Data>> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.#headers },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as { data: Data; errors?: GraphqlError[] };
    return { status: response.status, headers: response.headers, ...body };
  }

  /** The data; throws when there are errors. */
  async ask<Data = Any>(query: string, variables: Variables = {}): Promise<Data> {
    const { data, errors } = await this.send<Data>(query, variables);
    if (errors !== undefined) throw new Error(`GraphQL errors: ${JSON.stringify(errors)}`);
    return data;
  }

  /** Runs an operation over a WebSocket of its own. */
  subscribe<Data = Any>(query: string, variables: Variables = {}): TestStream<Data> {
    return new TestStream<Data>(`${this.url.replace(/^http/, 'ws')}/graphql`, {
      query,
      variables,
      headers: this.#headers,
    });
  }
}

export interface StreamAnswer<Data> {
  readonly data: Data;
  readonly errors?: readonly GraphqlError[];
  readonly extensions?: { readonly cursor?: string };
}

interface StreamOptions {
  readonly query: string;
  readonly variables: Variables;
  readonly headers: Readonly<Record<string, string>>;
}

const NEXT_WITHIN_MS = 30_000;

/** What an operation over WebSocket gives, one answer at a time. */
export class TestStream<Data> implements AsyncDisposable {
  /** Settles when the socket is open and acknowledged. */
  readonly connected: Promise<void>;
  readonly #client: ReturnType<typeof createClient>;
  readonly #answers: AsyncIterableIterator<StreamAnswer<Data>>;

  constructor(url: string, { query, variables, headers }: StreamOptions) {
    const connected = Promise.withResolvers<void>();
    this.connected = connected.promise;
    this.#client = createClient({
      url,
      webSocketImpl: WebSocket,
      connectionParams: headers,
      retryAttempts: 0,
      on: { connected: () => connected.resolve() },
    });
    this.#answers = this.#client.iterate({ query, variables }) as unknown as AsyncIterableIterator<StreamAnswer<Data>>;
  }

  /** The next answer; undefined when the stream has completed. Rejects with an `Error` when it ended with errors, or nothing came in time. */
  async next(): Promise<StreamAnswer<Data> | undefined> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error('nothing came over the stream in time')), NEXT_WITHIN_MS);
    try {
      const step = await Promise.race([this.#answers.next(), late.promise]);
      return step.done === true ? undefined : step.value;
    } catch (error) {
      throw error instanceof Error ? error : new Error(describe(error), { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#answers.return?.();
    await this.#client.dispose();
  }
}

/** graphql-ws rejects with a close event, or with the list of GraphQL errors. */
function describe(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && 'reason' in error) {
    return `closed ${String(error.code)} ${String(error.reason)}`;
  }
  return JSON.stringify(error);
}
