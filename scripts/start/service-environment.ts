import { join } from 'node:path';
import { BUS_DATABASE, databaseOf } from './databases.ts';
import type { DataDirectory } from './data-directory.ts';
import { HOST } from './ports.ts';
import type { EmbeddedPostgres } from './postgres.ts';
import { publicServiceKeys, type Secrets } from './secrets.ts';
import { NEEDS, type Need, type ServiceEntry } from './services.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environments of all services are made from. */
export interface System {
  readonly gatewayPort: number;
  readonly directory: DataDirectory;
  readonly secrets: Secrets;
  readonly postgres: Pick<EmbeddedPostgres, 'url'>;
  readonly services: readonly ServiceEntry[];
  /** Our own environment: what the user has set. */
  readonly given: Environment;
}

/** The offset of the user service, which publishes the keys of access tokens. */
const USER_OFFSET = 1;

/** The whole environment of one service. What the user has set wins, save for what places the embedded system itself. */
export function environmentOf(service: ServiceEntry, system: System): Record<string, string> {
  const needed = service.needs.map((need) => [need, valueOf(need, service, system)] as const);
  return { ...passedOn(system.given), ...Object.fromEntries(needed), ...everyServices(service, system) };
}

function everyServices(
  { name, portOffset }: ServiceEntry,
  { gatewayPort, directory, secrets }: System,
): Record<string, string> {
  return {
    PORT: String(gatewayPort + portOffset),
    SERVICE_PRIVATE_KEY: JSON.stringify(secrets.serviceKeys[name]),
    SERVICE_PUBLIC_KEYS: JSON.stringify(publicServiceKeys(secrets)),
    JWKS_URL: `http://${HOST}:${gatewayPort + USER_OFFSET}/.well-known/jwks.json`,
    JWKS_FILE: join(directory.jwksDirectory, `${name}.json`),
    NODE_COMPILE_CACHE: directory.compileCache,
  };
}

/** Ours alone, or for none but those who need them; and what npm sets is about us. */
const NOT_PASSED_ON = new Set<string>([
  ...NEEDS,
  'PORT',
  'LISTEN_HOST',
  'SERVICE_PRIVATE_KEY',
  'SERVICE_PUBLIC_KEYS',
  'JWKS_URL',
  'JWKS_FILE',
  'NODE_COMPILE_CACHE',
  'NODE_CHANNEL_FD',
]);

function passedOn(given: Environment): Record<string, string> {
  const kept = Object.entries(given).filter(([name]) => !NOT_PASSED_ON.has(name) && !name.startsWith('npm_'));
  return Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function valueOf(need: Need, service: ServiceEntry, system: System): string {
  const { secrets, given } = system;
  switch (need) {
    case 'DATABASE_URL':
      return databaseUrl(databaseOf(service.name), system);
    case 'BUS_DATABASE_URL':
      return given['NATS_URL'] ? '' : databaseUrl(BUS_DATABASE, system);
    case 'NATS_URL':
    case 'ORACLE_URL':
      return given[need] ?? '';
    case 'IDEMPOTENCY_SECRET':
      return given[need] || required(secrets.idempotencySecrets[service.name]);
    case 'JWT_PRIVATE_KEY':
      return given[need] || JSON.stringify(secrets.jwtPrivateKey);
    case 'ADMIN_EMAIL':
      return secrets.admin.email;
    case 'ADMIN_PASSWORD':
      return secrets.admin.password;
    case 'ORACLE_SQLITE_FILE':
      return given['ORACLE_URL'] ? '' : system.directory.oracleFile;
    case 'MAIL_FOLDER':
      return system.directory.mailFolder;
    case 'USER_URL':
    case 'ORDER_URL':
    case 'INVENTORY_URL':
    case 'NOTIFICATION_URL':
    case 'SYNC_URL':
      return graphqlUrl(need, system);
  }
}

function databaseUrl(database: string, { postgres, secrets }: System): string {
  return postgres.url(database, database, required(secrets.postgres.roles[database]));
}

function graphqlUrl(need: `${string}_URL`, { services, gatewayPort }: System): string {
  const name = need.slice(0, -'_URL'.length).toLowerCase();
  const service = services.find((entry) => entry.name === name);
  return service === undefined ? '' : `http://${HOST}:${gatewayPort + service.portOffset}/graphql`;
}

function required(secret: string | undefined): string {
  if (secret === undefined) throw new Error('secrets are completed for every service before its environment is made');
  return secret;
}
