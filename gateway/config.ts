import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ConfigurationRefused, httpUrl, readConfig, serviceEnvironment } from '#shared/config.ts';

/** Composed by `npm run compose`. */
const SUPERGRAPH = fileURLToPath(new URL('../supergraph.graphql', import.meta.url));
/** Above the few seconds that a subgraph gives what it calls itself, with room for its own work. */
const SUBGRAPH_TIMEOUT_MS = 10_000;

/** Longer than a subgraph takes to be started again elsewhere; subscribers are kept waiting, and told nothing, for so long at most. */
const RESUME_WITHIN_MS = 120_000;
/** What one process can hold: an idle subscription takes some tens of kilobytes. */
const MOST_SUBSCRIPTIONS = 50_000;
/** Far more than one person's windows need, and few enough that nobody alone takes all. */
const MOST_SUBSCRIPTIONS_PER_CLIENT = 2_000;

const count = (otherwise: number): z.ZodDefault<z.ZodCoercedNumber> =>
  z.coerce.number('is not a number').int().positive().default(otherwise);

const environment = z.object({
  ...serviceEnvironment,
  /** Open WebSockets in all, and from one network address; see shared/graphql/websocket-doors.ts for what holds when they are left out. */
  MOST_SOCKETS: z.coerce.number('is not a number').int().positive().optional(),
  MOST_SOCKETS_PER_ADDRESS: z.coerce.number('is not a number').int().positive().optional(),
  MOST_SUBSCRIPTIONS: count(MOST_SUBSCRIPTIONS),
  MOST_SUBSCRIPTIONS_PER_CLIENT: count(MOST_SUBSCRIPTIONS_PER_CLIENT),
  RESUME_WITHIN_MS: z.coerce.number('is not a number').int().nonnegative().default(RESUME_WITHIN_MS),
  /** Subgraphs that take the caller's token from `connection_init` only, by name, separated by commas. */
  SOCKET_PER_IDENTITY: z
    .string()
    .default('')
    .transform((names) => names.split(',').flatMap((name) => name.trim() || [])),
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

/**
 * Throws when the environment gives one of these subgraphs a routing URL that is none, since it would silently be asked elsewhere, or when it
 * speaks of a subgraph that there is not.
 */
export function refuseMistyped(
  { otherUrls = [], SOCKET_PER_IDENTITY }: GatewayConfig,
  subgraphs: readonly { readonly name: string }[],
): void {
  const mistyped = subgraphs.filter(({ name }) => otherUrls.includes(name));
  const unknown = SOCKET_PER_IDENTITY.filter((named) => subgraphs.every(({ name }) => name !== named));
  if (mistyped.length === 0 && unknown.length === 0) return;
  throw new ConfigurationRefused('gateway', [
    ...mistyped.map(({ name }) => `${name.toUpperCase()}_URL is not an http:// or https:// URL`),
    ...unknown.map((name) => `SOCKET_PER_IDENTITY names ${name}, which is no subgraph`),
  ]);
}
