import { openRawSocket, type RawSocket } from './raw-socket.ts';
import type { Heard, OpenLine } from './stream-lines.ts';

/** Where somebody subscribes, and as whom. */
interface Caller {
  /** The gateway's base URL. */
  readonly url: string;
  readonly token: string;
}

/** Subscribes once, and ends it in one way. */
type Cycle = (caller: Caller) => Promise<void>;

const WATCH = 'subscription ($after: String) { userChanged(after: $after) { id version } }';

async function begin({ url, token }: Partial<Caller> & { url: string }): Promise<RawSocket> {
  const socket = await openRawSocket(url);
  socket.send({
    type: 'connection_init',
    ...(token !== undefined && { payload: { authorization: `Bearer ${token}` } }),
  });
  await expectType(socket, 'connection_ack');
  return socket;
}

function ask(socket: RawSocket, variables: Readonly<Record<string, unknown>> = {}): void {
  const payload = { query: WATCH, variables, extensions: { checkpoints: true } };
  socket.send({ type: 'subscribe', id: '1', payload });
}

async function expectType(socket: RawSocket, wanted: string): Promise<void> {
  const message = await socket.next();
  if (message.type !== wanted) throw new Error(`expected ${wanted}, got ${JSON.stringify(message)}`);
}

/** The ways in which sockets and their operations end. */
export const SOCKET_CYCLES = {
  'the connection is lost while the operation is live': async (caller) => {
    await using socket = await begin(caller);
    ask(socket);
    await expectType(socket, 'next');
  },
  'the connection is lost before the operation is live': async (caller) => {
    await using socket = await begin(caller);
    ask(socket);
  },
  'the client completes the operation, then closes': async (caller) => {
    await using socket = await begin(caller);
    ask(socket);
    await expectType(socket, 'next');
    socket.send({ type: 'complete', id: '1' });
    socket.socket.close(1000);
    await socket.closed;
  },
  'the client closes': async (caller) => {
    await using socket = await begin(caller);
    ask(socket);
    await expectType(socket, 'next');
    socket.socket.close(1000);
    await socket.closed;
  },
  'the cursor is none': async (caller) => {
    await using socket = await begin(caller);
    ask(socket, { after: 'none' });
    await expectType(socket, 'error');
  },
  'the caller has not signed in': async ({ url }) => {
    await using socket = await begin({ url });
    ask(socket);
    await expectType(socket, 'error');
  },
  'the token is none': async ({ url }) => {
    await using socket = await openRawSocket(url);
    socket.send({ type: 'connection_init', payload: { authorization: 'Bearer none' } });
    await socket.closed;
  },
} satisfies Record<string, Cycle>;

/** The ways in which lines of other protocols end. */
export const lineCycles = (open: OpenLine): readonly Cycle[] => [
  // The connection is lost while the operation is live.
  async (caller) => {
    const live = Promise.withResolvers<void>();
    const leave = open(
      { ...caller, query: WATCH, variables: {} },
      { ...unexpected(live.reject), result: () => live.resolve() },
    );
    await live.promise;
    leave();
  },
  // The cursor is none.
  async (caller) => {
    const over = Promise.withResolvers<void>();
    const asked = { ...caller, query: WATCH, variables: { after: 'none' } };
    const leave = open(asked, { ...unexpected(over.reject), failed: () => over.resolve() });
    await over.promise;
    leave();
  },
];

function unexpected(reject: (error: Error) => void): Heard {
  const refuse = (how: string) => (): void => reject(new Error(`unexpected: ${how}`));
  return {
    result: refuse('result'),
    failed: refuse('failed'),
    completed: refuse('completed'),
    closed: refuse('closed'),
  };
}

/** Keeps what it has begun, as a client that never ends anything: the leak that the test must see. */
export async function keepOpen(caller: Caller, kept: AsyncDisposableStack): Promise<void> {
  const socket = kept.use(await begin(caller));
  ask(socket);
  await expectType(socket, 'next');
}

/** Runs so many cycles, some at the same time, of each kind and each caller in turn. */
export async function runCycles(
  cycles: readonly Cycle[],
  { count, callers, atOnce }: { count: number; callers: readonly Caller[]; atOnce: number },
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < count; at = next++) await cycles[at % cycles.length]?.(callers[at % callers.length]!);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
