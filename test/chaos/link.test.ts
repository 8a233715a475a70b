import { once } from 'node:events';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/poll.ts';
import { openLink, type Link } from './link.ts';

/** What a caller at the end of a link has heard. */
interface Caller {
  readonly socket: Socket;
  readonly heard: () => string;
  readonly ended: () => string | undefined;
}

const SLOW_MS = 40;
const QUICK_MS = 5;

describe('a link', () => {
  let opened: AsyncDisposableStack;
  let link: Link;
  let servers: number[];
  /** Sockets that a server has accepted and not seen the end of. */
  let atServer: Set<Socket>;
  beforeEach(async () => {
    opened = new AsyncDisposableStack();
    atServer = new Set();
    servers = [await openEcho('one')];
    link = opened.use(await openLink({ name: 'test', port: await freePort(), servers: () => servers }));
  });
  afterEach(() => opened.disposeAsync());

  /** A server that says its name and what it was told. */
  async function openEcho(name: string): Promise<number> {
    const server: Server = createServer((socket) => {
      atServer.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => atServer.delete(socket));
      socket.on('data', (chunk) => void socket.write(`${name}:${chunk.toString()} `));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    opened.defer(() => {
      for (const socket of atServer) socket.destroy();
      server.close();
    });
    return (server.address() as { port: number }).port;
  }

  function call(): Caller {
    const socket = connect(link.port, '127.0.0.1');
    opened.defer(() => void socket.destroy());
    let heard = '';
    let ended: string | undefined;
    socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
    socket.on('error', (error: NodeJS.ErrnoException) => (ended = error.code));
    socket.on('close', () => (ended ??= 'closed'));
    return { socket, heard: () => heard, ended: () => ended };
  }

  const answered = async (caller: Caller, text: string): Promise<void> => {
    caller.socket.write(text);
    await until(() => caller.heard().includes(`:${text} `));
  };

  test('carries what is said both ways, to the first server that takes the call', async () => {
    servers.unshift(await freePort());
    const caller = call();
    await answered(caller, 'hello');
    expect(caller.heard()).toBe('one:hello ');
  });

  test('that is cut resets its callers and ends what they had at the server, of one server only if told so', async () => {
    const [first, second] = [call(), call()];
    await answered(first, 'a');
    servers = [await openEcho('two')];
    const third = call();
    await answered(third, 'b');
    await answered(second, 'c');
    link.cut(servers[0]);
    await until(() => third.ended() === 'ECONNRESET');
    await answered(first, 'd');
    link.cut();
    await until(() => first.ended() === 'ECONNRESET' && second.ended() === 'ECONNRESET');
    await until(() => atServer.size === 0);
    await answered(call(), 'e');
  });

  test('that delays keeps what is said in its order', async () => {
    const caller = call();
    await answered(caller, 'a');
    // A link's delay, not the test's: long enough that a shorter one behind it would overtake.
    link.delay(SLOW_MS);
    for (const text of ['b', 'c', 'd']) {
      caller.socket.write(text);
      link.delay(text === 'c' ? QUICK_MS : SLOW_MS);
    }
    await until(() => caller.heard().replaceAll(/one:| /g, '') === 'abcd');
  });

  test.each([true, false])('that is frozen says nothing until it is healed (half open: %s)', async (halfOpen) => {
    const before = call();
    await answered(before, 'a');
    link.freeze(halfOpen);
    if (halfOpen) await until(() => atServer.size === 0);
    const during = call();
    await once(during.socket, 'connect');
    for (const caller of [before, during]) caller.socket.write('lost');
    // What comes after over another connection shows that time has passed for these, too.
    servers = [await openEcho('two')];
    const other = opened.use(await openLink({ name: 'other', port: await freePort(), servers: () => servers }));
    const witness = connect(other.port, '127.0.0.1');
    opened.defer(() => void witness.destroy());
    witness.write('x');
    await once(witness, 'data');
    expect([before, during].map((caller) => [caller.heard(), caller.ended()])).toEqual([
      ['one:a ', undefined],
      ['', undefined],
    ]);
    link.heal();
    await until(() => before.ended() === 'ECONNRESET' && during.ended() === 'ECONNRESET');
    await answered(call(), 'again');
  });

  test('that loses answers resets those connections, though the server was told', async () => {
    link.loseAnswers(2);
    const [first, second] = [call(), call()];
    await answered(first, 'a');
    second.socket.write('b');
    await until(() => second.ended() === 'ECONNRESET');
    expect([link.lost, second.heard()]).toEqual([1, '']);
    link.heal();
    await answered(first, 'c');
    await answered(call(), 'd');
    expect(link.lost).toBe(1);
  });
});
