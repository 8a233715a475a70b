import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { httpUrl, readConfig, serviceEnvironment } from '#shared/config.ts';

/** Composed by `npm run compose`. */
const SUPERGRAPH = fileURLToPath(new URL('../supergraph.graphql', import.meta.url));
/** Above the few seconds that a subgraph gives what it calls itself, with room for its own work. */
const SUBGRAPH_TIMEOUT_MS = 10_000;

const environment = z.object({
  ...serviceEnvironment,
  SUPERGRAPH_FILE: z.string().default(SUPERGRAPH),
  SUBGRAPH_TIMEOUT_MS: z.coerce.number('is not a number').int().positive().default(SUBGRAPH_TIMEOUT_MS),
});

export type GatewayConfig = z.output<typeof environment> & {
  /** Where each subgraph answers; one that is not named here answers where the supergraph says. */
  readonly routingUrls: Readonly<Record<string, string>>;
};

/** Variables that end like a routing URL and are none. */
const NOT_ROUTING = new Set(['JWKS_URL']);

/**
 * Everything the gateway reads from its environment. `<NAME>_URL` overrides the routing URL of subgraph `<name>`, whatever subgraphs there
 * are. Throws when something is missing or malformed.
 */
export function readGatewayConfig(): GatewayConfig {
  const routingUrls = Object.entries(process.env).flatMap(([variable, value]): [string, string][] => {
    const name = /^([A-Z][A-Z\d_]*)_URL$/.exec(variable)?.[1];
    const isRouting = name !== undefined && !NOT_ROUTING.has(variable) && httpUrl.safeParse(value).success;
    return isRouting ? [[name.toLowerCase(), value ?? '']] : [];
  });
  return { ...readConfig('gateway', environment, process.env), routingUrls: Object.fromEntries(routingUrls) };
}
