import { describe, expect, test } from 'vitest';
import { preferredMediaType } from './accept.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const GRAPHQL_TYPE = 'application/graphql-response+json; charset=utf-8';
const OFFERED = [JSON_TYPE, GRAPHQL_TYPE];

describe('of two media types, a client is given', () => {
  test.each([
    ['the first when it says nothing', undefined, JSON_TYPE],
    ['the first when its header is empty', ' ', JSON_TYPE],
    ['the first when it takes anything', '*/*', JSON_TYPE],
    ['the first when it takes any of the kind', 'application/*', JSON_TYPE],
    ['the one it names', 'application/graphql-response+json', GRAPHQL_TYPE],
    ['the one it names, in any case', 'Application/GraphQL-Response+JSON', GRAPHQL_TYPE],
    ['the one it names with its parameter', 'application/graphql-response+json;charset=UTF-8', GRAPHQL_TYPE],
    ['the one it wants more', 'application/json;q=0.9, application/graphql-response+json', GRAPHQL_TYPE],
    ['the one it names first', 'application/graphql-response+json, application/json', GRAPHQL_TYPE],
    ['the one it names before it takes anything', '*/*, application/graphql-response+json', GRAPHQL_TYPE],
    ['the one that is left when it refuses the other', 'application/json;q=0, */*', GRAPHQL_TYPE],
    [
      'the one it names among others',
      'text/event-stream, multipart/mixed;subscriptionSpec="1,0", application/json',
      JSON_TYPE,
    ],
    ['the one it names beside nonsense', '/, ;, application/json;q=0.5', JSON_TYPE],
    ['none of another kind', 'text/html, image/*', undefined],
    ['none in another charset', 'application/json;charset=utf-16', undefined],
    ['none that it refuses', 'application/json;q=0, application/graphql-response+json;q=0', undefined],
    ['none for a quality that is no number', 'application/json;q=much', undefined],
    ['none that stands within quotes', 'text/html;a=", application/json"', undefined],
  ])('%s', (_claim, accept, expected) => {
    expect(preferredMediaType(accept, OFFERED)).toBe(expected);
  });
});
