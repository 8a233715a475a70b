import { GraphQLError } from 'graphql';
import { describe, expect, test } from 'vitest';
import { newKeys } from '#test/support/keys.ts';
import { recordedLog } from '#test/support/recorded-log.ts';
import { fixedKeySet } from '../identity/key-set.ts';
import { mintAccessToken, publicHalf, serviceTokens, tokenVerifier } from '../identity/tokens.ts';
import { SERVICE_TOKEN_HEADER } from './context.ts';
import { firstOf, fromHeaders, fromPayload, requestContext } from './request-context.ts';

describe('what a client puts into a payload', () => {
  test.each([
    ['at the top level, as Apollo Sandbox does', { Authorization: 'Bearer a' }],
    ['under headers', { headers: { authorization: 'Bearer a' } }],
    ['under headers in any case', { headers: { AUTHORIZATION: 'Bearer a' } }],
    ['beside other things', { token: 7, authorization: 'Bearer a', headers: { 'x-request-id': 'req-1' } }],
    ['beside headers that are none', { authorization: 'Bearer a', headers: 'none' }],
  ])('is read %s', (_, payload) => {
    expect(fromPayload(payload)('authorization')).toBe('Bearer a');
  });

  test('counts at the top level before it does under headers', () => {
    expect(fromPayload({ headers: { authorization: 'nested' }, authorization: 'top' })('authorization')).toBe('top');
  });

  test.each([undefined, null, 'text', 7, [], {}, { headers: null }, { authorization: 7 }, { authorization: ['a'] }])(
    'says nothing when it is %j',
    (payload) => {
      expect(fromPayload(payload)('authorization')).toBeUndefined();
    },
  );

  test('has no names but its own', () => {
    expect(fromPayload({})('constructor')).toBeUndefined();
    expect(fromPayload({})('__proto__')).toBeUndefined();
  });
});

test('of a repeated header the first counts', () => {
  const read = fromHeaders({ 'x-request-id': ['first', 'second'], authorization: 'Bearer a' });
  expect([read('x-request-id'), read('authorization'), read('traceparent')]).toEqual(['first', 'Bearer a', undefined]);
});

test('the first reader that knows a name wins, name by name', () => {
  const read = firstOf(fromPayload({ a: '1' }), fromPayload({ a: '2', b: '2' }));
  expect([read('a'), read('b'), read('c')]).toEqual(['1', '2', undefined]);
});

describe('the context of an operation', () => {
  const keys = newKeys();
  const verifier = tokenVerifier(fixedKeySet({ keys: [publicHalf(keys.jwt)] }), keys.publicServiceKeys);
  const { log, lines } = recordedLog();
  const contextFor = (headers: Record<string, string>): ReturnType<typeof requestContext> =>
    requestContext({ header: fromHeaders(headers), verifier, log });

  test('knows who asks, who vouches for the channel, and what ties its logs together', async () => {
    const { token } = await mintAccessToken(keys.jwt, { id: 'ada', role: 'CUSTOMER' }, new Date());
    const context = await contextFor({
      authorization: `Bearer ${token}`,
      [SERVICE_TOKEN_HEADER]: await serviceTokens('gateway', keys.services.gateway)(),
      'x-request-id': 'req-7',
      'x-correlation-id': 'conversation-7',
    });
    expect(context).toMatchObject({
      viewer: { kind: 'user', id: 'ada' },
      voucher: 'gateway',
      authorization: `Bearer ${token}`,
      requestId: 'req-7',
      correlationId: 'conversation-7',
      replays: [],
    });
    context.log.info('hello');
    expect(lines.at(-1)).toMatchObject({ msg: 'hello', requestId: 'req-7', correlationId: 'conversation-7' });
  });

  test('is that of an anonymous caller whom nobody vouches for when nothing came with it', async () => {
    expect(await contextFor({})).toMatchObject({
      viewer: { kind: 'anonymous' },
      voucher: undefined,
      authorization: undefined,
    });
  });

  test.each(['authorization', SERVICE_TOKEN_HEADER])('is refused with 401 when the %s is bad', async (name) => {
    const error = await contextFor({ [name]: 'Bearer forged' }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GraphQLError);
    expect(error).toMatchObject({ extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } });
  });
});
