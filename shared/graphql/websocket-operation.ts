import type { GraphQLError } from 'graphql';
import type { RequestContext } from './context.ts';
import type { Push, PushedStream, SharedResult } from './pushed-stream.ts';
import type { SocketConnection } from './websocket-connection.ts';

/** "Going Away" (RFC 6455 §7.4.1): clients come back by themselves. */
export const GOING_AWAY_CLOSE = 1001;
const DONE = { done: true, value: undefined } as const;

/** All errors that a stream has ended with, where only one can be thrown. */
export class StreamErrors extends Error {
  override readonly name = 'StreamErrors';
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    super('the stream has ended with errors');
    this.errors = errors;
  }
}

interface OperationOptions {
  readonly push: Push;
  readonly id: string;
  readonly connection: SocketConnection;
  /** Called when it is over. */
  readonly onEnd: () => void;
}

/**
 * A pushed stream as an operation of a socket. Results go straight to the connection, each as the JSON that all clients share with this
 * operation's id before it; graphql-ws only sees when it ends.
 */
export class PushedOperation {
  readonly #options: OperationOptions;
  readonly #head: Buffer;
  readonly #ended = Promise.withResolvers<IteratorResult<never, undefined>>();
  #stream: PushedStream | undefined;
  #fresh: RequestContext | undefined;
  #over = false;

  constructor(options: OperationOptions) {
    this.#options = options;
    this.#head = Buffer.from(`{"type":"next","id":${JSON.stringify(options.id)},"payload":`);
  }

  /**
   * Yields nothing. Ends, or throws {@link StreamErrors}, when the engine ends the stream; begins it when it is first asked, so that an operation which was completed before leaves nothing behind.
   */
  get stream(): AsyncGenerator<never, undefined> {
    const stream: AsyncGenerator<never, undefined> = {
      next: () => {
        this.#begin();
        return this.#ended.promise;
      },
      return: () => {
        this.#leave();
        return Promise.resolve(DONE);
      },
      throw: (error: Error) => {
        this.#leave();
        return Promise.reject(error);
      },
      [Symbol.asyncIterator]: () => stream,
      [Symbol.asyncDispose]: async () => {
        await stream.return(undefined);
      },
    };
    return stream;
  }

  /** The connection takes more again. */
  drained(): void {
    this.#stream?.drained();
  }

  /** Takes a fresh token. False when it is of another identity than the operation's. */
  refresh(context: RequestContext): boolean {
    this.#fresh = context;
    return this.#over || (this.#stream?.refresh(context) ?? true);
  }

  #begin(): void {
    if (this.#over || this.#stream !== undefined) return;
    const { push, connection } = this.#options;
    this.#stream = push({
      write: (result: SharedResult) => connection.write(this.#head, result.framed(closed), this),
      end: ({ reason, errors }) => {
        if (this.#over) return;
        this.#finish();
        if (reason === 'stopping') connection.close(GOING_AWAY_CLOSE, 'Going away');
        if (reason === 'stopping' || errors.length === 0) this.#ended.resolve(DONE);
        else this.#ended.reject(new StreamErrors(errors));
      },
    });
    if (this.#fresh !== undefined) this.#stream.refresh(this.#fresh);
  }

  #leave(): void {
    if (this.#over) return;
    this.#finish();
    this.#stream?.leave();
    this.#ended.resolve(DONE);
  }

  #finish(): void {
    this.#over = true;
    this.#options.connection.forget(this);
    this.#options.onEnd();
  }
}

/** The shared part of a message: one function for all, as its results are kept by it. */
function closed(json: string): string {
  return `${json}}`;
}
