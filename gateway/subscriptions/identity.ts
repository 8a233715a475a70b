import { decodeJwt } from 'jose';
import { canonicalJson } from '#shared/canonical-json.ts';
import type { RequestContext } from '#shared/graphql/context.ts';

/** What only tells when a token was made and how long it lasts. */
const OF_THE_TOKEN_ITSELF = new Set(['exp', 'iat', 'nbf', 'jti']);

/**
 * On whose behalf a subscription runs, as a text that two subscriptions have in common only when every subgraph must answer them alike:
 * all claims of the verified token but those that only date it. Who has signed in twice is one identity; the same person with another role
 * is another.
 */
export function identityOf({ authorization, viewer }: RequestContext): string {
  if (authorization === undefined || viewer.kind === 'anonymous') return 'anonymous';
  const claims = decodeJwt(authorization.replace(/^Bearer +/i, ''));
  return canonicalJson(Object.fromEntries(Object.entries(claims).filter(([name]) => !OF_THE_TOKEN_ITSELF.has(name))));
}

/** When the right to a stream ends, in milliseconds since 1970; never, for those who have not signed in. */
export function expiryOf({ viewer }: RequestContext): number {
  return viewer.kind === 'anonymous' ? Number.POSITIVE_INFINITY : viewer.expiresAt.getTime();
}
