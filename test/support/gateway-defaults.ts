import type { GatewayConfig } from '#gateway/config.ts';
import type { newKeys } from './keys.ts';

/** What a gateway under test reads from its environment when nothing is said: as in production, but for a busy machine's time. */
export const gatewayDefaults = {
  SUBGRAPH_TIMEOUT_MS: 10_000,
  MOST_SUBSCRIPTIONS: 50_000,
  MOST_SUBSCRIPTIONS_PER_CLIENT: 2_000,
  RESUME_WITHIN_MS: 120_000,
  SOCKET_PER_IDENTITY: [],
} satisfies Partial<GatewayConfig>;

/** A gateway's whole environment, but for what the test is about: with the keys alone it verifies nobody's token. */
export function gatewayConfig(
  keys: ReturnType<typeof newKeys>,
  given: Partial<GatewayConfig> & Pick<GatewayConfig, 'SUPERGRAPH_FILE'>,
): GatewayConfig {
  return {
    PORT: 0,
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    SERVICE_PRIVATE_KEY: keys.services.gateway,
    SERVICE_PUBLIC_KEYS: keys.publicServiceKeys,
    JWKS_URL: 'http://127.0.0.1:1/none',
    JWKS_FILE: undefined,
    routingUrls: {},
    ...gatewayDefaults,
    ...given,
  };
}
