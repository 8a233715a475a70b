import fc from 'fast-check';
import { importJWK, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { describe, expect, test } from 'vitest';
import { newKeys } from '#test/support/keys.ts';
import type { PrivateKey } from '../config.ts';
import { Refusal } from '../refusal.ts';
import { fixedKeySet } from './key-set.ts';
import { mintAccessToken, publicHalf, serviceTokens, tokenVerifier } from './tokens.ts';

const keys = newKeys();
const foreign = newKeys();
const verifier = tokenVerifier(fixedKeySet({ keys: [publicHalf(keys.jwt)] }), keys.publicServiceKeys);
const ADA = { id: 'ada', role: 'CUSTOMER' } as const;
const NOW = new Date();

const userToken = async (at = NOW, key = keys.jwt): Promise<string> => (await mintAccessToken(key, ADA, at)).token;
const serviceToken = (key = keys.services.sync): Promise<string> => serviceTokens('sync', key)();
const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1_000);

type Claims = Readonly<Record<string, unknown>>;

/** A token that is right but for the claims given; undefined leaves one out. */
async function signed(claims: Claims, key: PrivateKey = keys.jwt): Promise<string> {
  const now = Math.floor(NOW.getTime() / 1_000);
  const all = { iss: 'lockstep', aud: 'lockstep', sub: 'ada', role: 'CUSTOMER', iat: now, exp: now + 60, ...claims };
  return new SignJWT(JSON.parse(JSON.stringify(all)) as JWTPayload)
    .setProtectedHeader({ alg: 'EdDSA', kid: key.kid })
    .sign(await importJWK(key, 'EdDSA'));
}

async function refusalOf(answer: Promise<unknown>): Promise<Refusal> {
  const error = await answer.then(
    (value) => new Error(`taken: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof Refusal) return error;
  throw error;
}

describe('an access token', () => {
  test('speaks for its user and role until it expires, 15 minutes later', async () => {
    const { token, expiresAt } = await mintAccessToken(keys.jwt, ADA, NOW);
    expect(await verifier.viewer(`Bearer ${token}`)).toEqual({ kind: 'user', ...ADA, expiresAt });
    expect(NOW.getTime() + 15 * 60_000 - expiresAt.getTime()).toBeLessThan(1_000);
    expect(expiresAt.getTime()).toBeLessThanOrEqual(NOW.getTime() + 15 * 60_000);
  });

  test('that has expired says so', async () => {
    const refusal = await refusalOf(verifier.viewer(`Bearer ${await userToken(ago(15 * 60 + 10))}`));
    expect(refusal).toMatchObject({ code: 'UNAUTHENTICATED', message: 'The token has expired; log in again.' });
  });

  test('that has just expired is taken: two machines are not of one mind about the time', async () => {
    expect(await verifier.viewer(`Bearer ${await userToken(ago(15 * 60 + 2))}`)).toMatchObject({ id: 'ada' });
  });

  test('signed with a foreign key is refused, though it names ours', async () => {
    expect(foreign.jwt.kid).toBe(keys.jwt.kid);
    expect(await refusalOf(verifier.viewer(`Bearer ${await userToken(NOW, foreign.jwt)}`))).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'The token is not valid.',
    });
  });

  test('signed with a key that nobody knows is refused', async () => {
    const stranger = { ...foreign.jwt, kid: 'stranger' };
    expect((await refusalOf(verifier.viewer(`Bearer ${await userToken(NOW, stranger)}`))).code).toBe('UNAUTHENTICATED');
  });

  test('that a service signed for a user is refused: services speak for no user', async () => {
    expect((await refusalOf(verifier.viewer(`Bearer ${await signed({}, keys.services.sync)}`))).code).toBe(
      'UNAUTHENTICATED',
    );
  });

  test('without a signature is refused', async () => {
    const none = new UnsecuredJWT({ role: 'ADMIN' })
      .setIssuer('lockstep')
      .setAudience('lockstep')
      .setSubject('ada')
      .setExpirationTime('1h')
      .encode();
    expect((await refusalOf(verifier.viewer(`Bearer ${none}`))).code).toBe('UNAUTHENTICATED');
  });

  test('signed with the public key as if it were a shared secret is refused', async () => {
    const forged = await new SignJWT({ role: 'ADMIN' })
      .setProtectedHeader({ alg: 'HS256', kid: keys.jwt.kid })
      .setIssuer('lockstep')
      .setAudience('lockstep')
      .setSubject('ada')
      .setExpirationTime('1h')
      .sign(Buffer.from(JSON.stringify(publicHalf(keys.jwt))));
    expect((await refusalOf(verifier.viewer(`Bearer ${forged}`))).code).toBe('UNAUTHENTICATED');
  });

  test('is taken with all of these claims', async () => {
    expect(await verifier.viewer(`Bearer ${await signed({})}`)).toMatchObject(ADA);
  });

  test.each<[string, Claims]>([
    ['another issuer', { iss: 'elsewhere' }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'elsewhere' }],
    ['no audience', { aud: undefined }],
    ['no subject', { sub: undefined }],
    ['no role', { role: undefined }],
    ['a role that there is not', { role: 'OWNER' }],
    ['no end', { exp: undefined }],
    ['a beginning that has not come', { nbf: Math.floor(NOW.getTime() / 1_000) + 60 }],
  ])('with %s is refused', async (_, claims) => {
    expect(await refusalOf(verifier.viewer(`Bearer ${await signed(claims)}`))).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'The token is not valid.',
    });
  });

  test('with one character changed anywhere is refused', async () => {
    const token = await userToken();
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 2), async (at) => {
        const changed = token[at] === 'A' ? 'B' : 'A';
        const damaged = token.slice(0, at) + changed + token.slice(at + 1);
        expect((await refusalOf(verifier.viewer(`Bearer ${damaged}`))).code).toBe('UNAUTHENTICATED');
      }),
    );
  });
});

describe('an Authorization header', () => {
  test.each([undefined, ''])('that is %j makes the caller anonymous', async (header) => {
    expect(await verifier.viewer(header)).toEqual({ kind: 'anonymous' });
  });

  test.each(['bearer', 'BEARER', 'Bearer  '])('may begin with %j', async (scheme) => {
    expect(await verifier.viewer(`${scheme} ${await userToken()}`)).toMatchObject(ADA);
  });

  test.each(['Bearer', 'Bearer ', 'Basic YTpi', 'Bearer a b', 'Token a.b.c', ' Bearer a', 'a.b.c'])(
    'that is %j is told how to read',
    async (header) => {
      expect(await refusalOf(verifier.viewer(header))).toMatchObject({
        code: 'UNAUTHENTICATED',
        message: 'The Authorization header must read "Bearer <token>".',
      });
    },
  );

  test('with whatever garbage for a token is refused, never a fault', async () => {
    const part = fc.oneof(
      fc.base64String(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc.constantFrom('', 'bnVsbA', Buffer.from('{"alg":"EdDSA"}').toString('base64url')),
    );
    const garbage = fc.oneof(
      fc.stringMatching(/^\S{1,60}$/),
      fc.tuple(part, part, part).map((parts) => parts.join('.')),
    );
    await fc.assert(
      fc.asyncProperty(garbage, async (token) => {
        expect((await refusalOf(verifier.viewer(`Bearer ${token}`))).code).toBe('UNAUTHENTICATED');
      }),
    );
  });
});

describe('a service token', () => {
  test('vouches for the channel in the name of its service', async () => {
    expect(await verifier.voucher(await serviceToken())).toBe('sync');
    expect(await verifier.voucher(undefined)).toBeUndefined();
  });

  test('speaks for the service where it acts for itself, for a minute', async () => {
    const viewer = await verifier.viewer(`Bearer ${await serviceToken()}`);
    expect(viewer).toMatchObject({ kind: 'service', name: 'sync' });
    const leftMs = viewer.kind === 'service' ? viewer.expiresAt.getTime() - Date.now() : 0;
    expect(leftMs).toBeGreaterThan(25_000);
    expect(leftMs).toBeLessThanOrEqual(60_000);
  });

  test('does not pass for a user, nor a user token for a service', async () => {
    expect((await refusalOf(verifier.voucher(await userToken()))).code).toBe('UNAUTHENTICATED');
    const disguised = await signed({ aud: 'lockstep-services', sub: 'gateway' });
    expect((await refusalOf(verifier.voucher(disguised))).code).toBe('UNAUTHENTICATED');
    expect((await refusalOf(verifier.viewer(`Bearer ${disguised}`))).code).toBe('UNAUTHENTICATED');
  });

  test.each(['', 'garbage', 'a.b.c'])('that is %j is refused', async (token) => {
    expect((await refusalOf(verifier.voucher(token))).code).toBe('UNAUTHENTICATED');
  });

  test('of a service that nobody knows is refused', async () => {
    expect((await refusalOf(verifier.voucher(await serviceToken(foreign.services.sync)))).code).toBe('UNAUTHENTICATED');
  });

  test('that has expired is refused', async () => {
    const at = Math.floor(ago(60).getTime() / 1_000);
    const expired = await signed({ aud: 'lockstep-services', sub: 'sync', exp: at }, keys.services.sync);
    expect((await refusalOf(verifier.voucher(expired))).message).toBe('The token has expired; log in again.');
  });

  test('is minted once for many calls', async () => {
    const token = serviceTokens('sync', keys.services.sync);
    expect(new Set(await Promise.all([token(), token(), token()])).size).toBe(1);
  });
});

test('the public half of a key has nothing of the private one', () => {
  const half = publicHalf(keys.jwt);
  expect(half).toMatchObject({ kid: keys.jwt.kid, x: keys.jwt.x, alg: 'EdDSA', use: 'sig' });
  expect(half).not.toHaveProperty('d');
  expect(JSON.stringify(half)).not.toContain(keys.jwt.d);
});

test('what goes wrong with the keys, not the token, is a fault', async () => {
  const broken = tokenVerifier(
    { find: () => Promise.reject(new TypeError('no keys')), refresh: () => Promise.resolve(false) },
    keys.publicServiceKeys,
  );
  await expect(broken.viewer(`Bearer ${await userToken()}`)).rejects.toThrow(TypeError);
});
