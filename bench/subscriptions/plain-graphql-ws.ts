import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { cancellable, Wakeup } from '#shared/stream.ts';
import { openPublisher, type Entry } from './events.ts';
import { answer, ready } from './peer.ts';
import { PLAIN_SCHEMA } from './schemas.ts';

// A server as graphql-ws's documentation has it: graphql-js executes each client's operation for each event.

const entries: Entry[] = [];
const wakeup = new Wakeup();

async function* follow(signal: AbortSignal): AsyncGenerator<{ told: Entry }> {
  signal.addEventListener('abort', () => wakeup.notify());
  for (let at = entries.length; !signal.aborted;) {
    const { next } = wakeup;
    for (let told = entries[at]; told !== undefined && !signal.aborted; told = entries[at]) {
      yield { told };
      at += 1;
    }
    if (!signal.aborted) await next;
  }
}

const schema = buildSchema(PLAIN_SCHEMA);
const roots = { subscription: { told: () => cancellable(follow) } };
const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/graphql' });
useServer({ schema, roots }, sockets);
await once(sockets, 'listening');
const publisher = await openPublisher((entry) => {
  entries.push(entry);
  wakeup.notify();
});
answer({});
ready({ port: (sockets.address() as AddressInfo).port, publisher });
