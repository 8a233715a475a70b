import { buildSchema, execute, subscribe, type GraphQLError } from 'graphql';
import { Documents } from '#shared/graphql/documents.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import type { Push, PushedStream, PushSink, SharedResult } from '#shared/graphql/pushed-stream.ts';
import { serveWebSocket, type WebSocketEngine } from '#shared/graphql/websocket.ts';
import { openHttpServer } from '#shared/http-server.ts';
import { fixedKeySet } from '#shared/identity/key-set.ts';
import { mintAccessToken, publicHalf, tokenVerifier, type TokenVerifier } from '#shared/identity/tokens.ts';
import { callerName, type Role } from '#shared/identity/viewer.ts';
import { newKeys, type Keys } from './keys.ts';
import { recordedLog, type LogLine } from './recorded-log.ts';

/** One client's stream, as an engine sees it. */
export interface PlayedStream {
  readonly context: RequestContext;
  readonly address: string;
  /** The tokens that have come since it began. */
  readonly refreshed: readonly (string | undefined)[];
  /** Hands over a value, or keeps it while the connection is full. */
  tell(value: unknown): void;
  /** Results that the connection did not take yet. */
  readonly kept: number;
  end(reason: string, errors?: readonly GraphQLError[]): void;
}

/** A server whose sockets are given what a test tells. */
export interface PushingServer extends AsyncDisposable {
  readonly url: string;
  readonly lines: readonly LogLine[];
  /** What is followed now, `Subscription.told`. */
  readonly streams: ReadonlySet<PlayedStream>;
  /** How many streams have begun. */
  readonly begun: number;
  /** How many results of `Subscription.pulled` were asked for. */
  readonly pulled: number;
  /** How many sockets are open. */
  readonly open: number;
  /** What `Query.slow` answers: it waits. */
  readonly slow: PromiseWithResolvers<number>;
  readonly keys: Keys;
  /** Lets no operation that comes with a service's token begin until what it gives is called. */
  holdServices(): () => void;
  /** A bug: no document can be read any more. */
  breakDocuments(): void;
  /** An `authorization` that ends `ms` from now. */
  tokenEndingIn(ms: number, user?: { id: string; role: Role }): Promise<string>;
}

type Limits = NonNullable<Parameters<typeof serveWebSocket>[0]['limits']>;

const TOKEN_LIFE_MS = 15 * 60_000;
const SCHEMA = buildSchema(`
  type Query { now: Int whoami: String slow: Int }
  type Subscription { told: String pulled(size: Int = 1): String }`);

/** Opens one with an engine of its own: `Subscription.told` is pushed, `Subscription.pulled` is an endless stream of texts of that size. */
export async function openPushingServer(limits: Limits = {}): Promise<PushingServer> {
  const { log, lines } = recordedLog();
  const keys = newKeys();
  const http = openHttpServer({ service: 'pushing', log, dependencies: {} });
  const streams = new Set<PlayedStream>();
  const played: PlayedEngine = { documents: new Documents(SCHEMA), slow: Promise.withResolvers(), pulled: 0 };
  let begun = 0;
  const push = (context: RequestContext, address: string): Push => {
    return (sink) => {
      begun += 1;
      return new Played({ context, address, sink, streams });
    };
  };
  const verifier = tokenVerifier(fixedKeySet({ keys: [publicHalf(keys.jwt)] }), keys.publicServiceKeys);
  let held = Promise.withResolvers<void>();
  held.resolve();
  const voucher: TokenVerifier['voucher'] = async (token) => {
    if (token !== undefined) await held.promise;
    return verifier.voucher(token);
  };
  const sockets = serveWebSocket({
    app: http.app,
    engine: engineOf(push, played),
    verifier: { ...verifier, voucher },
    log,
    limits,
  });
  const url = await http.listen({ port: 0 });
  return {
    url,
    lines,
    streams,
    slow: played.slow,
    keys,
    get begun() {
      return begun;
    },
    get pulled() {
      return played.pulled;
    },
    holdServices: () => {
      held = Promise.withResolvers();
      return held.resolve;
    },
    breakDocuments: () => (played.documents = undefined),
    get open() {
      return sockets.open;
    },
    tokenEndingIn: async (ms, user = { id: 'ada', role: 'CUSTOMER' }) => {
      const { token } = await mintAccessToken(keys.jwt, user, new Date(Date.now() + ms - TOKEN_LIFE_MS));
      return `Bearer ${token}`;
    },
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
}

interface PlayedEngine {
  documents: Documents | undefined;
  readonly slow: PromiseWithResolvers<number>;
  pulled: number;
}

function engineOf(push: (context: RequestContext, address: string) => Push, played: PlayedEngine): WebSocketEngine {
  const rootValue = {
    now: 1,
    slow: () => played.slow.promise,
    whoami: (_: unknown, { viewer }: RequestContext) => callerName(viewer),
    pulled: async function* endless({ size }: { size: number }) {
      for (;;) {
        played.pulled += 1;
        yield await Promise.resolve({ pulled: 'x'.repeat(size) });
      }
    },
  };
  return {
    documents: () => {
      if (played.documents === undefined) throw new Error('a planted bug');
      return played.documents;
    },
    execute: (args) => execute({ ...args, rootValue }),
    subscribe: (args, { address }) => {
      if (JSON.stringify(args.document).includes('"told"')) return push(args.contextValue as RequestContext, address);
      return subscribe({ ...args, rootValue }) as ReturnType<WebSocketEngine['subscribe']>;
    },
  };
}

/** The same JSON for everybody, in the bytes of one framing. */
function sharedResult(value: unknown): SharedResult {
  const json = JSON.stringify({ data: { told: value } });
  let frame: Buffer | undefined;
  return { framed: (framing) => (frame ??= Buffer.from(framing(json))) };
}

interface PlayedOptions {
  readonly context: RequestContext;
  readonly address: string;
  readonly sink: PushSink;
  readonly streams: Set<PlayedStream>;
}

class Played implements PlayedStream, PushedStream {
  readonly context: RequestContext;
  readonly address: string;
  readonly refreshed: (string | undefined)[] = [];
  readonly #sink: PushSink;
  readonly #streams: Set<PlayedStream>;
  readonly #kept: SharedResult[] = [];
  #full = false;

  constructor({ context, address, sink, streams }: PlayedOptions) {
    this.context = context;
    this.address = address;
    this.#sink = sink;
    this.#streams = streams;
    streams.add(this);
  }

  get kept(): number {
    return this.#kept.length;
  }

  tell(value: unknown): void {
    this.#kept.push(sharedResult(value));
    this.#write();
  }

  end(reason: string, errors: readonly GraphQLError[] = []): void {
    this.#streams.delete(this);
    this.#sink.end({ reason, errors });
  }

  drained(): void {
    this.#full = false;
    this.#write();
  }

  leave(): void {
    this.#streams.delete(this);
  }

  refresh(context: RequestContext): boolean {
    this.refreshed.push(context.authorization);
    return callerName(context.viewer) === callerName(this.context.viewer);
  }

  #write(): void {
    while (!this.#full && this.#kept.length > 0) this.#full = !this.#sink.write(this.#kept.shift()!);
  }
}
