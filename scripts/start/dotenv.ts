import { parseEnv } from 'node:util';
import {
  ADMIN_EMAIL,
  makePrivateKey,
  privateKeySchema,
  publicServiceKeys,
  randomPassword,
  randomSecret,
} from './secrets.ts';
import type { ServiceEntry } from './services.ts';

/** What follows from the others, and is made anew. */
const PUBLIC_KEYS = 'SERVICE_PUBLIC_KEYS';

/**
 * The secrets that docker-compose.yml asks for, as the text of a `.env` file: every line of `kept` stays as it is, and what it lacks is
 * made. JSON stands in single quotes, between which Compose takes everything as it is. Throws when a kept key is none.
 */
export function completeDotenv(kept: string, services: readonly ServiceEntry[]): string {
  const present = parseEnv(kept);
  const makers = Object.entries(makersFor(services));
  const made = makers.filter(([name]) => !present[name]).map(([name, make]) => [name, make()] as const);
  const values = { ...present, ...Object.fromEntries(made) };
  const serviceKeys = Object.fromEntries(
    services.map(({ name }) => [name, privateKeySchema.parse(JSON.parse(values[privateKeyOf(name)] ?? ''))]),
  );
  const lines = kept.split('\n').filter((line) => !line.startsWith(`${PUBLIC_KEYS}=`));
  const added = [...made, [PUBLIC_KEYS, JSON.stringify(publicServiceKeys({ serviceKeys }))] as const];
  return [lines.join('\n').trimEnd(), ...added.map(lineOf)].filter((line) => line !== '').join('\n') + '\n';
}

/** How each secret is made. */
function makersFor(services: readonly ServiceEntry[]): Record<string, () => string> {
  const subgraphs = services.filter(({ kind }) => kind === 'subgraph').map(({ name }) => name.toUpperCase());
  return {
    ADMIN_EMAIL: () => ADMIN_EMAIL,
    ADMIN_PASSWORD: randomPassword,
    POSTGRES_PASSWORD: randomSecret,
    NATS_PASSWORD: randomSecret,
    MONGODB_PASSWORD: randomSecret,
    ...Object.fromEntries(subgraphs.map((name) => [`${name}_DATABASE_PASSWORD`, randomSecret])),
    ...Object.fromEntries(subgraphs.map((name) => [`${name}_IDEMPOTENCY_SECRET`, randomSecret])),
    JWT_PRIVATE_KEY: () => JSON.stringify(makePrivateKey()),
    ...Object.fromEntries(
      services.map(({ name }) => [privateKeyOf(name), () => JSON.stringify(makePrivateKey(`service:${name}`))]),
    ),
  };
}

const privateKeyOf = (service: string): string => `${service.toUpperCase()}_PRIVATE_KEY`;
const lineOf = ([name, value]: readonly [string, string]): string =>
  `${name}=${value.startsWith('{') ? `'${value}'` : value}`;
