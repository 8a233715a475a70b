import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { recordedLog } from '#test/support/recorded-log.ts';
import { openHttpServer } from './http-server.ts';

test('closing does not wait for a connection that has sent nothing', async () => {
  const http = openHttpServer({ service: 'any', log: recordedLog().log, dependencies: {} });
  const { hostname, port } = new URL(await http.listen({ port: 0 }));
  const taken = once(http.app.server, 'connection');
  const socket = connect(Number(port), hostname);
  const ended = once(socket, 'close');
  await taken;
  await http[Symbol.asyncDispose]();
  await ended;
  expect(http.app.server.listening).toBe(false);
});
