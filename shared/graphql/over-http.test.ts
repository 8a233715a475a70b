import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { recordedLog } from '#test/support/recorded-log.ts';
import { answerMalformed, requireAcceptable } from './over-http.ts';

test('a fault behind the route is logged, and answered in the shape of GraphQL without its cause', async () => {
  const { log, lines } = recordedLog();
  await using app = fastify();
  app.post('/graphql', { errorHandler: answerMalformed(log) }, () => {
    throw new Error('relation "secrets" does not exist');
  });
  const { statusCode, body } = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { 'x-request-id': 'request-9' },
  });
  expect(statusCode).toBe(500);
  expect(JSON.parse(body)).toEqual({
    errors: [
      {
        message: 'Something went wrong on our side (request request-9).',
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      },
    ],
  });
  expect(JSON.stringify(lines)).toContain('secrets');
});

test('an Accept header that no answer fits is refused with the status that HTTP has for it', () => {
  expect(() => requireAcceptable('text/html')).toThrow(
    expect.objectContaining({ extensions: { code: 'NOT_ACCEPTABLE', http: { status: 406 } } }),
  );
  expect(() => requireAcceptable('*/*')).not.toThrow();
});
