import { createLocalJWKSet, errors, importJWK, jwtVerify, SignJWT, type JSONWebKeySet, type JWTPayload } from 'jose';
import { z } from 'zod';
import type { PrivateKey, PublicKeys } from '../config.ts';
import { Refusal } from '../refusal.ts';
import type { KeySet } from './key-set.ts';
import { ANONYMOUS, ROLES, type Role, type Viewer } from './viewer.ts';

const ISSUER = 'lockstep';
/** User tokens and service tokens have different audiences, so that neither passes for the other. */
const USER_AUDIENCE = 'lockstep';
const SERVICE_AUDIENCE = 'lockstep-services';
const ALGORITHM = 'EdDSA';
/** Long enough for two machines' clocks to differ, short enough not to matter. */
export const CLOCK_TOLERANCE_S = 5;

export interface AccessToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/** 15 minutes (CONTRACT.md): a suspended user's last token is of no use for longer. */
const ACCESS_TOKEN_LIFE_MS = 15 * 60_000;

/** Mints an access token for a user. */
export async function mintAccessToken(
  key: PrivateKey,
  user: { id: string; role: Role },
  now: Date,
): Promise<AccessToken> {
  const expiresAt = new Date(Math.floor((now.getTime() + ACCESS_TOKEN_LIFE_MS) / 1_000) * 1_000);
  const token = await new SignJWT({ role: user.role })
    .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(USER_AUDIENCE)
    .setSubject(user.id)
    .setIssuedAt(now)
    .setExpirationTime(expiresAt)
    .sign(await importJWK(key, ALGORITHM));
  return { token, expiresAt };
}

/** The public half of a private key, as published in a JWKS. */
export function publicHalf(key: PrivateKey): {
  kty: string;
  crv: string;
  x: string;
  kid: string;
  alg: string;
  use: string;
} {
  return { kty: key.kty, crv: key.crv, x: key.x, kid: key.kid, alg: ALGORITHM, use: 'sig' };
}

const SERVICE_TOKEN_LIFE_MS = 60_000;

/** A function that gives this service's own token, minted anew when half of its minute has passed. */
export function serviceTokens(service: string, key: PrivateKey): () => Promise<string> {
  let current: Promise<string> | undefined;
  let freshUntil = 0;
  return () => {
    const now = Date.now();
    if (current === undefined || now >= freshUntil) {
      freshUntil = now + SERVICE_TOKEN_LIFE_MS / 2;
      current = mintServiceToken(service, key, now);
    }
    return current;
  };
}

async function mintServiceToken(service: string, key: PrivateKey, now: number): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(SERVICE_AUDIENCE)
    .setSubject(service)
    .setIssuedAt(new Date(now))
    .setExpirationTime(new Date(now + SERVICE_TOKEN_LIFE_MS))
    .sign(await importJWK(key, ALGORITHM));
}

/** Verifies what callers present. */
export interface TokenVerifier {
  /** The viewer an `Authorization` header speaks for. Throws `UNAUTHENTICATED` when it is malformed, expired or forged. */
  viewer(authorization: string | undefined): Promise<Viewer>;
  /** The service that vouches for the request's channel, or undefined. Throws `UNAUTHENTICATED` on a bad token. */
  voucher(serviceToken: string | undefined): Promise<string | undefined>;
}

const userClaims = z.object({ sub: z.string(), role: z.enum(ROLES), exp: z.number() });
const serviceClaims = z.object({ sub: z.string(), exp: z.number() });

/** The `kid` of a service's key. */
function serviceKeyId(service: string): string {
  return `service:${service}`;
}

export function tokenVerifier(userKeys: KeySet, serviceKeys: PublicKeys): TokenVerifier {
  const findServiceKey = createLocalJWKSet(serviceKeys as JSONWebKeySet);

  /** Each service speaks for itself only: a token names the service whose key has signed it. */
  async function verifyService(token: string): Promise<z.output<typeof serviceClaims>> {
    const { payload, protectedHeader } = await jwtVerify(token, findServiceKey, verification(SERVICE_AUDIENCE));
    const claims = serviceClaims.parse(payload);
    if (protectedHeader.kid === serviceKeyId(claims.sub)) return claims;
    throw new errors.JWTClaimValidationFailed('signed with the key of another service', payload, 'sub');
  }

  async function viewerOf(token: string): Promise<Viewer> {
    if (audienceOf(token) === SERVICE_AUDIENCE) {
      const { sub, exp } = await verifyService(token);
      return { kind: 'service', name: sub, expiresAt: new Date(exp * 1_000) };
    }
    const { payload } = await jwtVerify(token, userKeys.find, verification(USER_AUDIENCE));
    const { sub, role, exp } = userClaims.parse(payload);
    return { kind: 'user', id: sub, role, expiresAt: new Date(exp * 1_000) };
  }

  return {
    viewer: async (authorization) => {
      if (authorization === undefined || authorization === '') return ANONYMOUS;
      const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
      if (token === undefined)
        throw new Refusal('UNAUTHENTICATED', 'The Authorization header must read "Bearer <token>".');
      return orUnauthenticated(() => viewerOf(token));
    },
    voucher: async (serviceToken) => {
      if (serviceToken === undefined) return undefined;
      return orUnauthenticated(async () => (await verifyService(serviceToken)).sub);
    },
  };
}

function verification(audience: string): {
  issuer: string;
  audience: string;
  algorithms: string[];
  clockTolerance: number;
} {
  return { issuer: ISSUER, audience, algorithms: [ALGORITHM], clockTolerance: CLOCK_TOLERANCE_S };
}

/** The claimed, not yet verified, audience: it only chooses by which keys to verify. */
function audienceOf(token: string): unknown {
  try {
    return (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as JWTPayload).aud;
  } catch {
    return undefined;
  }
}

async function orUnauthenticated<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof errors.JWTExpired)
      throw new Refusal('UNAUTHENTICATED', 'The token has expired; log in again.', { cause: error });
    if (error instanceof errors.JOSEError || error instanceof z.ZodError) {
      throw new Refusal('UNAUTHENTICATED', 'The token is not valid.', { cause: error });
    }
    throw error;
  }
}
