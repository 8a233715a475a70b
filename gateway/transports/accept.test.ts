import { describe, expect, test } from 'vitest';
import { wantedBy } from './accept.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const RESPONSE_TYPE = 'application/graphql-response+json; charset=utf-8';

describe('what a client says that it takes', () => {
  test.each([
    ['text/event-stream', 'sse', undefined],
    ['TEXT/Event-Stream', 'sse', undefined],
    ['text/event-stream; charset=utf-8', 'sse', undefined],
    ['multipart/mixed;subscriptionSpec=1.0', 'multipart', undefined],
    ['multipart/mixed; subscriptionSpec="1.0"', 'multipart', undefined],
    ['multipart/mixed; boundary="graphql"; subscriptionspec="1.0", application/json', 'multipart', JSON_TYPE],
    ['application/json, multipart/mixed;boundary=graphql;subscriptionSpec=1.0', 'multipart', JSON_TYPE],
    ['multipart/mixed;boundary="a,b;c\\"";subscriptionSpec=1.0', 'multipart', undefined],
    ['multipart/mixed', undefined, undefined],
    ['multipart/mixed;subscriptionSpec=2.0', undefined, undefined],
    ['multipart/mixed;boundary="subscriptionSpec=1.0"', undefined, undefined],
    ['multipart/mixed;deferSpec=20220824,application/json', undefined, JSON_TYPE],
    ['text/event-stream;q=0, application/json', undefined, JSON_TYPE],
    ['text/event-stream;q=0.5, multipart/mixed;subscriptionSpec=1.0;q=0.9', 'multipart', undefined],
    ['multipart/mixed;subscriptionSpec=1.0;q=0.1, text/event-stream;q=0.2', 'sse', undefined],
    ['text/event-stream, multipart/mixed;subscriptionSpec=1.0', 'sse', undefined],
    ['multipart/mixed;subscriptionSpec=1.0, text/event-stream', 'multipart', undefined],
    ['text/event-stream, multipart/mixed', 'sse', undefined],
    ['text/event-stream;q=high', undefined, undefined],
    ['text/event-stream;q=-1', undefined, undefined],
    ['*/*', undefined, JSON_TYPE],
    ['text/*', undefined, undefined],
    ['application/*;q=0.3', undefined, JSON_TYPE],
    ['text/html', undefined, undefined],
    ['*/*, application/json;q=0, application/graphql-response+json;q=0', undefined, undefined],
    ['application/graphql-response+json,application/json;q=0.9', undefined, RESPONSE_TYPE],
    ['application/graphql-response+json, application/json', undefined, RESPONSE_TYPE],
    ['application/json, application/graphql-response+json', undefined, JSON_TYPE],
    ['application/graphql-response+json;q=0.1, */*', undefined, JSON_TYPE],
    ['', undefined, JSON_TYPE],
    [',;,"', undefined, undefined],
    [undefined, undefined, JSON_TYPE],
  ])('%j: the stream %s, the JSON %s', (accept, stream, json) => {
    expect(wantedBy(accept, ['sse', 'multipart'])).toEqual({ stream, json });
  });

  test('is a stream that is offered, also where it likes another better', () => {
    const accept = 'multipart/mixed;subscriptionSpec=1.0, text/event-stream;q=0.1';
    expect(wantedBy(accept, ['sse']).stream).toBe('sse');
    expect(wantedBy('multipart/mixed;subscriptionSpec=1.0', ['sse']).stream).toBeUndefined();
  });
});
