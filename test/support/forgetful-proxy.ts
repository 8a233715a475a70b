import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';

/** Stands before an HTTP server and loses the answer to every request that it sees for the first time: its work is done, nobody hears of it. */
export interface ForgetfulProxy extends AsyncDisposable {
  /** Its base URL. */
  readonly url: string;
  /** How many answers it has lost so far. */
  readonly lost: () => number;
}

/** What belongs to one connection, not to the message. */
const OF_THE_CONNECTION = new Set(['connection', 'host', 'content-length', 'transfer-encoding', 'keep-alive']);

/** Opens one before the server with this base URL. `loses` says whose answers; a request is known by its body. */
export async function openForgetfulProxy(
  base: string,
  loses: (body: string) => boolean = () => true,
): Promise<ForgetfulProxy> {
  const seen = new Set<string>();
  let lost = 0;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const kept = Object.entries(request.headers).filter(([name]) => !OF_THE_CONNECTION.has(name));
    const headers = kept.map(([name, value]): [string, string] => [name, String(value)]);
    const method = request.method ?? 'GET';
    const answer = await fetch(new URL(request.url ?? '/', base), {
      method,
      headers,
      ...(method === 'POST' && { body }),
    });
    const content = Buffer.from(await answer.arrayBuffer());
    const text = body.toString();
    if (method === 'POST' && loses(text) && !seen.has(text)) {
      seen.add(text);
      lost += 1;
      response.destroy();
      return;
    }
    const answered = [...answer.headers].filter(
      ([name]) => !OF_THE_CONNECTION.has(name) && name !== 'content-encoding',
    );
    response.writeHead(answer.status, Object.fromEntries(answered)).end(content);
  }

  const listener = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    lost: () => lost,
    [Symbol.asyncDispose]: async () => {
      listener.closeAllConnections();
      listener.close();
      await once(listener, 'close');
    },
  };
}
