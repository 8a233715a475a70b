import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { decodeJwt } from 'jose';
import { WebSocketServer } from 'ws';
import { streaming, subscribeWithCursor, type StreamEvent } from '#shared/graphql/subscribe.ts';
import { toGraphqlError } from '#shared/graphql/errors.ts';
import { badInput, Refusal } from '#shared/refusal.ts';
import { cancellable, Wakeup } from '#shared/stream.ts';
import type { ForeignSubgraph } from './foreign-subgraphs.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';

/** What the log subgraph publishes. */
export const LOG_SCHEMA = `${LINK}
  type Query { newest: Entry }
  type Subscription {
    "The log's entries; only the caller's own, where asked."
    told(after: String, own: Boolean = false, atLeast: Int = 0): Entry
    "The same without cursors."
    whispered: Entry
    "The newest entry, and each one that takes its place."
    present: Entry
    "The entries up to the number, from the first on: told to each subscriber from the beginning."
    counted(upTo: Int!): Entry
  }
  type Entry @key(fields: "id") { id: ID! number: Int! owner: String text: String }`;

interface Entry {
  readonly __typename: 'Entry';
  readonly id: string;
  readonly number: number;
  readonly owner: string | undefined;
  readonly text: string;
}

interface Caller {
  readonly checkpoints: boolean;
  readonly owner: string | undefined;
}

/** A subgraph that streams a log which a test writes. */
export interface LogSubgraph extends AsyncDisposable {
  readonly url: string;
  /** Subscriptions that are open now. */
  readonly open: number;
  /** Subscriptions that were ever asked for. */
  readonly asked: number;
  /** Sockets that are open now. */
  readonly sockets: number;
  /** What clients have said in `connection_init`. */
  readonly inits: readonly unknown[];
  /** Writes so many entries. */
  tell(count?: number, entry?: { readonly owner?: string; readonly text?: string }): void;
  /** Entries up to this number can no longer be resumed from. */
  forget(number: number): void;
  /** Breaks all connections and listens no more, as a process that was killed. */
  kill(): Promise<void>;
  /** Listens again, at the same address. */
  start(): Promise<void>;
}

export const cursorOf = (number: number): string => `entry-${number}`;

/** Serves the log over graphql-transport-ws, at an address of its own. */
export async function openLogSubgraph(): Promise<LogSubgraph> {
  const log: Entry[] = [];
  const wakeup = new Wakeup();
  const inits: unknown[] = [];
  let forgotten = 0;
  let open = 0;
  let asked = 0;

  function positionOf(after: string): number {
    const number = Number(/^entry-(\d+)$/.exec(after)?.[1] ?? Number.NaN);
    if (Number.isNaN(number)) throw toGraphqlError(badInput('after', 'This is not a cursor of this subscription.'));
    if (number < forgotten) {
      throw toGraphqlError(new Refusal('CURSOR_EXPIRED', 'This is no longer kept.', { field: 'after' }));
    }
    return number;
  }

  async function* follow(from: number, signal: AbortSignal): AsyncGenerator<Entry | undefined> {
    open += 1;
    const wake = (): void => wakeup.notify();
    signal.addEventListener('abort', wake);
    try {
      for (let at = from, said = false; !signal.aborted;) {
        const next = wakeup.next;
        for (; at < log.length && !signal.aborted; at += 1) yield log[at];
        if (!said) yield undefined;
        said = true;
        if (at >= log.length && !signal.aborted) await next;
      }
    } finally {
      open -= 1;
      signal.removeEventListener('abort', wake);
    }
  }

  async function* told(
    { own, atLeast }: { own: boolean; atLeast: number },
    { owner }: Caller,
    entries: AsyncGenerator<Entry | undefined>,
  ): AsyncGenerator<StreamEvent<Entry>> {
    for await (const entry of entries) {
      if (entry === undefined) yield { checkpoint: cursorOf(log.length) };
      else if ((!own || entry.owner === owner) && entry.number >= atLeast)
        yield { value: entry, cursor: cursorOf(entry.number) };
    }
  }

  const resolvers = {
    Subscription: {
      told: streaming<{ after?: string | null; own: boolean; atLeast: number }, Entry>((_, given, context) => {
        const from = given.after == null ? log.length : positionOf(given.after);
        return cancellable((signal) => told(given, context as unknown as Caller, follow(from, signal)));
      }),
      whispered: streaming<unknown, Entry>(() =>
        cancellable(async function* whispered(signal) {
          for await (const entry of follow(log.length, signal)) if (entry !== undefined) yield { value: entry };
        }),
      ),
      present: streaming<unknown, Entry>(() =>
        cancellable(async function* present(signal) {
          for await (const entry of follow(Math.max(0, log.length - 1), signal))
            if (entry !== undefined) yield { value: entry, stream: 'state' };
        }),
      ),
      counted: streaming<{ upTo: number }, Entry>((_, { upTo }) =>
        cancellable(async function* counted(signal) {
          for await (const entry of follow(0, signal)) {
            if (entry !== undefined) yield { value: entry, stream: 'own' };
            if (entry?.number === upTo) return;
          }
        }),
      ),
    },
  };
  const schema = buildSubgraphSchema([{ typeDefs: parse(LOG_SCHEMA), resolvers }] as Parameters<
    typeof buildSubgraphSchema
  >[0]);

  let server: Server;
  let sockets: WebSocketServer;
  let port = 0;
  async function start(): Promise<void> {
    server = createServer();
    sockets = new WebSocketServer({ server, path: '/graphql' });
    useServer(
      {
        schema,
        onConnect: ({ connectionParams }) => void inits.push(connectionParams),
        subscribe: (args) => {
          asked += 1;
          return subscribeWithCursor(args);
        },
        context: ({ connectionParams }, _id, { extensions }): Caller => {
          const token = (extensions?.['authorization'] ?? connectionParams?.['authorization']) as string | undefined;
          return { checkpoints: extensions?.['checkpoints'] === true, owner: token && decodeJwt(token.slice(7)).sub };
        },
      },
      sockets,
    );
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  }
  async function kill(): Promise<void> {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  }

  await start();
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    inits,
    get open() {
      return open;
    },
    get asked() {
      return asked;
    },
    get sockets() {
      return sockets.clients.size;
    },
    tell: (count = 1, { owner, text = '' } = {}) => {
      for (let at = 0; at < count; at += 1) {
        const number = log.length + 1;
        log.push({ __typename: 'Entry', id: `e${number}`, number, owner, text });
      }
      wakeup.notify();
    },
    forget: (number) => {
      forgotten = number;
    },
    kill,
    start,
    [Symbol.asyncDispose]: kill,
  };
}

/** A second subgraph, which knows something of each entry: what, and who has asked. */
export interface Remarks extends ForeignSubgraph {
  /** How many entries were asked for. */
  readonly asked: number;
  /** While set, each answer waits for it. */
  delay: Promise<void> | undefined;
}

export function remarks(): Remarks {
  let asked = 0;
  const subgraph = {
    name: 'remarks',
    schema: `${LINK}
      type Query { remark: String }
      type Entry @key(fields: "id") { id: ID! remark: String reader: String }`,
    delay: undefined as Promise<void> | undefined,
    get asked(): number {
      return asked;
    },
    resolvers: {
      Entry: {
        remark: async ({ id }: { id: string }) => {
          asked += 1;
          await subgraph.delay;
          if (id === 'e13') throw new Error('no remark on the thirteenth');
          return `remark on ${id}`;
        },
        reader: (_: unknown, __: unknown, { authorization }: { authorization?: string }) =>
          authorization === undefined ? 'nobody' : decodeJwt(authorization.slice(7)).sub,
      },
    },
  };
  return subgraph;
}
