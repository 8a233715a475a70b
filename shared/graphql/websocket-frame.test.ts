import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { LARGEST_FRAME, textFrame } from './websocket-frame.ts';

test('a client reads frames of every kind of length, between those that the library sends', async () => {
  const texts = [1, 125, 126, 127, 255, 256, 32_768, LARGEST_FRAME].map((length) => 'x'.repeat(length));
  const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  sockets.on('connection', (socket, { socket: stream }) => {
    for (const text of texts) {
      stream.write(textFrame(Buffer.from(text.slice(0, 1)), Buffer.from(text.slice(1))));
      socket.send('between');
    }
    socket.close();
  });
  await once(sockets, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`);
  const told: string[] = [];
  client.on('message', (data: Buffer) => told.push(data.toString()));
  const [code] = (await once(client, 'close')) as [number];
  sockets.close();
  expect(code).toBe(1005);
  expect(told).toEqual(texts.flatMap((text) => [text, 'between']));
});
