import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { traceContext, traceHeaders } from './trace-context.ts';

const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const VALID_TRACEPARENT = /^00-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

const of = (headers: Readonly<Record<string, string>>): ReturnType<typeof traceContext> =>
  traceContext((name) => headers[name]);

describe('the trace of a request', () => {
  test('is what came in', () => {
    const headers = { 'x-request-id': 'req-1', 'x-correlation-id': 'order:42/a', traceparent: TRACEPARENT };
    expect(of(headers)).toEqual({ requestId: 'req-1', correlationId: 'order:42/a', traceparent: TRACEPARENT });
  });

  test('is made where nothing came in, with one id for request and conversation', () => {
    const trace = of({});
    expect(trace.requestId).toMatch(UUID);
    expect(trace.correlationId).toBe(trace.requestId);
    expect(trace.traceparent).toMatch(VALID_TRACEPARENT);
    expect(trace.traceparent).not.toMatch(/^00-0{32}|-0{16}-/);
  });

  test('is another for each request', () => {
    expect(of({}).requestId).not.toBe(of({}).requestId);
    expect(of({}).traceparent).not.toBe(of({}).traceparent);
  });

  test.each(['', ' ', 'with space', 'line\nbreak', 'quote"', 'é', 'x'.repeat(129), '<script>', 'a;b', 'ok\n'])(
    'replaces the id %j, which would end up in logs and headers',
    (id) => {
      const trace = of({ 'x-request-id': id, 'x-correlation-id': id });
      expect(trace.requestId).toMatch(UUID);
      expect(trace.correlationId).toBe(trace.requestId);
    },
  );

  test.each([
    ['another version', `01${TRACEPARENT.slice(2)}`],
    ['no trace id', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['no parent id', `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`],
    ['capital letters', TRACEPARENT.toUpperCase()],
    ['something behind it', `${TRACEPARENT}-more`],
    ['something before it', ` ${TRACEPARENT}`],
    ['a line break', `${TRACEPARENT}\n`],
    ['too few digits', TRACEPARENT.slice(0, -1)],
    ['nothing in it', ''],
  ])('replaces a traceparent with %s', (_, traceparent) => {
    const trace = of({ traceparent });
    expect(trace.traceparent).not.toBe(traceparent);
    expect(trace.traceparent).toMatch(VALID_TRACEPARENT);
  });

  test('is fit for headers and logs whatever came in, and stays the same from service to service', () => {
    const anything = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('req-1', TRACEPARENT));
    fc.assert(
      fc.property(anything, anything, anything, (requestId, correlationId, traceparent) => {
        const trace = of({ 'x-request-id': requestId, 'x-correlation-id': correlationId, traceparent });
        expect(trace.requestId).toMatch(/^[\x21-\x7e]{1,128}$/);
        expect(trace.correlationId).toMatch(/^[\x21-\x7e]{1,128}$/);
        expect(trace.traceparent).toMatch(VALID_TRACEPARENT);
        expect(of(traceHeaders(trace))).toEqual(trace);
      }),
    );
  });
});
