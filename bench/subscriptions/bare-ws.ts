import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { openPublisher } from './events.ts';
import { answer, ready } from './peer.ts';

// The bound: nothing but `ws` between an event and its clients, all of whom are sent the same buffer.

const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/graphql' });
sockets.on('connection', (socket) => {
  socket.once('message', () => socket.send('{"type":"connection_ack"}'));
});
await once(sockets, 'listening');
const publisher = await openPublisher(({ id, number, text }) => {
  const payload = { data: { told: { id, number, text } }, extensions: { cursor: `entry-${number}` } };
  const message = Buffer.from(JSON.stringify({ id: '1', type: 'next', payload }));
  for (const socket of sockets.clients) socket.send(message, { binary: false });
});
answer({});
ready({ port: (sockets.address() as AddressInfo).port, publisher });
