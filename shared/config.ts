import { isIP } from 'node:net';
import { z } from 'zod';

/** The environment is not what the service needs. `problems` name each variable, one sentence each. */
export class ConfigurationRefused extends Error {
  override readonly name = 'ConfigurationRefused';
  readonly problems: readonly string[];

  constructor(service: string, problems: readonly string[]) {
    super(`${service} cannot start: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the environment once by a service's schema. An empty variable counts as unset. Throws {@link ConfigurationRefused} with all problems together. */
export function readConfig<Schema extends z.ZodType>(
  service: string,
  schema: Schema,
  environment: Environment,
): z.output<Schema> {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = schema.safeParse(present);
  if (result.success) return result.data;
  throw new ConfigurationRefused(
    service,
    result.error.issues.map((issue) => {
      const variable = issue.path.join('.');
      const unset = issue.path.length === 1 && present[variable] === undefined;
      if (issue.code === 'invalid_type' && unset) return `${variable} is not set`;
      return variable === '' ? issue.message : `${variable}: ${issue.message}`;
    }),
  );
}

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});

/** An Ed25519 private key as a JSON Web Key. */
export const privateKey = json.pipe(
  z.looseObject({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.string(),
    d: z.string('has no private part'),
    kid: z.string('names no "kid"'),
  }),
);
export type PrivateKey = z.output<typeof privateKey>;

/** A JSON Web Key Set of public keys. */
export const publicKeys = json.pipe(z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) }));
export type PublicKeys = z.output<typeof publicKeys>;

export const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'is not a postgres:// URL' });
export const httpUrl = z.url({ protocol: /^https?$/, error: 'is not an http:// or https:// URL' });

const natsUrl = z
  .string()
  .refine((list) => list.split(',').every((url) => isNatsUrl(url.trim())), {
    error: 'is not a nats:// or tls:// URL',
    abort: true,
  })
  // The client would accept a certificate of "localhost" from it.
  .refine((list) => !list.split(',').some((url) => isTlsAddress(new URL(url.trim()))), {
    error: 'has a tls:// server by its address, which certificates are not compared with: give its name',
  });
const NATS_URL = z.url({ protocol: /^(nats|tls)$/ });

function isNatsUrl(url: string): boolean {
  if (!NATS_URL.safeParse(url).success) return false;
  const { username, password } = new URL(url);
  try {
    decodeURIComponent(`${username} ${password}`);
    return true;
  } catch {
    return false;
  }
}

const isTlsAddress = ({ protocol, hostname }: URL): boolean =>
  protocol === 'tls:' && isIP(hostname.replaceAll(/[[\]]/gu, '')) !== 0;

/** At least 32 characters: what an HMAC key needs to resist guessing. */
export const secret = z.string().min(32, 'is shorter than 32 characters');

/** What every service reads. */
export const serviceEnvironment = {
  PORT: z.coerce.number('is not a number').int().min(0).max(65_535),
  /** Which address of the machine to listen on; 127.0.0.1 when unset, since what others may reach is for whoever deploys to open. */
  LISTEN_HOST: z.string().optional(),
  NODE_ENV: z.string().default('development'),
  LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  SERVICE_PRIVATE_KEY: privateKey,
  SERVICE_PUBLIC_KEYS: publicKeys,
  JWKS_URL: httpUrl,
  JWKS_FILE: z.string().optional(),
};

/** What every subgraph reads. */
export const subgraphEnvironment = {
  ...serviceEnvironment,
  DATABASE_URL: postgresUrl,
  /** The event bus: a PostgreSQL database that all services share, or NATS JetStream (servers separated by commas). */
  BUS_DATABASE_URL: postgresUrl.optional(),
  NATS_URL: natsUrl.optional(),
  IDEMPOTENCY_SECRET: secret,
};
export type SubgraphConfig = z.output<z.ZodObject<typeof subgraphEnvironment>>;

/** What the schema of every subgraph's environment checks: the service has one event bus. */
export const oneBus = z.refine<Pick<SubgraphConfig, 'BUS_DATABASE_URL' | 'NATS_URL'>>(
  ({ BUS_DATABASE_URL, NATS_URL }) => (BUS_DATABASE_URL === undefined) !== (NATS_URL === undefined),
  {
    error: 'exactly one of BUS_DATABASE_URL and NATS_URL must be set',
    // Told together with everything else that is wrong.
    when: () => true,
  },
);
