import type { GatewayConfig } from '#gateway/config.ts';

/** What a gateway under test reads from its environment when nothing is said: as in production, but for a busy machine's time. */
export const gatewayDefaults = {
  SUBGRAPH_TIMEOUT_MS: 10_000,
  MOST_SUBSCRIPTIONS: 50_000,
  MOST_SUBSCRIPTIONS_PER_CLIENT: 2_000,
  RESUME_WITHIN_MS: 120_000,
  SOCKET_PER_IDENTITY: [],
} satisfies Partial<GatewayConfig>;
