import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ConfigurationRefused, httpUrl, readConfig, serviceEnvironment } from '#shared/config.ts';

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
  /** Names that a `<NAME>_URL` gives something else than an HTTP URL: harmless unless a subgraph has that name. */
  readonly otherUrls?: readonly string[];
};

/** Variables that end like a routing URL and are none. */
const NOT_ROUTING = new Set(['JWKS_URL']);

/**
 * Everything the gateway reads from its environment. `<NAME>_URL` overrides the routing URL of subgraph `<name>`, whatever subgraphs there
 * are. Throws when something is missing or malformed.
 */
export function readGatewayConfig(): GatewayConfig {
  const given = Object.entries(process.env).flatMap(([variable, url = '']): { name: string; url: string }[] => {
    const name = /^([A-Z][A-Z\d_]*)_URL$/.exec(variable)?.[1];
    return name === undefined || url === '' || NOT_ROUTING.has(variable) ? [] : [{ name: name.toLowerCase(), url }];
  });
  const { routing = [], other = [] } = Object.groupBy(given, ({ url }) =>
    httpUrl.safeParse(url).success ? 'routing' : 'other',
  );
  return {
    ...readConfig('gateway', environment, process.env),
    routingUrls: Object.fromEntries(routing.map(({ name, url }) => [name, url])),
    otherUrls: other.map(({ name }) => name),
  };
}

/** Throws when the environment gives one of these subgraphs a routing URL that is none: it would silently be asked elsewhere. */
export function refuseMistypedUrls(
  { otherUrls = [] }: GatewayConfig,
  subgraphs: readonly { readonly name: string }[],
): void {
  const mistyped = subgraphs.filter(({ name }) => otherUrls.includes(name));
  if (mistyped.length === 0) return;
  throw new ConfigurationRefused(
    'gateway',
    mistyped.map(({ name }) => `${name.toUpperCase()}_URL is not an http:// or https:// URL`),
  );
}
