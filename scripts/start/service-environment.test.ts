import { expect, test } from 'vitest';
import { completeSecrets } from './secrets.ts';
import { type Environment, environmentOf } from './service-environment.ts';
import { type ServiceEntry, SERVICES } from './services.ts';

const secrets = completeSecrets(undefined, {
  services: ['user', 'sync', 'gateway'],
  roles: ['lockstep_user', 'lockstep_sync', 'lockstep_bus'],
});

function environment(name: string, given: Environment = {}): Record<string, string> {
  const service = SERVICES.find((entry) => entry.name === name) as ServiceEntry;
  return environmentOf(service, {
    gatewayPort: 4_000,
    directory: {
      path: '/data',
      secretsFile: '/data/secrets.json',
      adminFile: '/data/admin.json',
      oracleFile: '/data/oracle.sqlite',
      mailFolder: '/data/mail',
      jwksDirectory: '/data/jwks',
      compileCache: '/data/compile-cache',
      cluster: '/data/postgres',
      clusterIdFile: '/data/cluster-id',
      lastHolderWasKilled: false,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
    secrets,
    postgres: { url: (database, user, password) => `postgres://${user}:${password}@127.0.0.1:15432/${database}` },
    services: SERVICES,
    given,
  });
}

test('every service gets its port, its key, and the public keys', () => {
  expect(environment('sync')).toMatchObject({
    PORT: '4005',
    JWKS_URL: 'http://127.0.0.1:4001/.well-known/jwks.json',
    JWKS_FILE: '/data/jwks/sync.json',
    NODE_COMPILE_CACHE: '/data/compile-cache',
    SERVICE_PRIVATE_KEY: JSON.stringify(secrets.serviceKeys['sync']),
  });
});

test('a database is named for its service, and the bus is shared', () => {
  const { DATABASE_URL, BUS_DATABASE_URL } = environment('user');
  expect(DATABASE_URL).toBe(
    `postgres://lockstep_user:${secrets.postgres.roles['lockstep_user']}@127.0.0.1:15432/lockstep_user`,
  );
  expect(BUS_DATABASE_URL).toBe(
    `postgres://lockstep_bus:${secrets.postgres.roles['lockstep_bus']}@127.0.0.1:15432/lockstep_bus`,
  );
});

test('a NATS_URL of the user is the bus of every subgraph, and nobody else is told', () => {
  const given = { NATS_URL: 'nats://user:secret@broker:4222' };
  expect(environment('sync', given)).toMatchObject({ BUS_DATABASE_URL: '', NATS_URL: given.NATS_URL });
  expect(environment('sync')).toMatchObject({ NATS_URL: '' });
  expect(Object.keys(environment('gateway', given))).not.toContain('NATS_URL');
});

test('an ORACLE_URL of the user is the system of record instead of the file, and only sync is told', () => {
  const given = { ORACLE_URL: 'oracle://lockstep:secret@records:1521/shop' };
  expect(environment('sync', given)).toMatchObject({ ORACLE_SQLITE_FILE: '', ORACLE_URL: given.ORACLE_URL });
  expect(environment('sync')).toMatchObject({ ORACLE_SQLITE_FILE: '/data/oracle.sqlite', ORACLE_URL: '' });
  expect(Object.keys(environment('user', given))).not.toContain('ORACLE_URL');
});

test('services find each other at their ports', () => {
  expect(environment('gateway')).toMatchObject({
    USER_URL: 'http://127.0.0.1:4001/graphql',
    SYNC_URL: 'http://127.0.0.1:4005/graphql',
  });
});

test('what the user has set wins over what is made up; an empty value counts as unset', () => {
  const given = { IDEMPOTENCY_SECRET: 'chosen', JWT_PRIVATE_KEY: '', LOG_LEVEL: 'debug' };
  expect(environment('user', given)).toMatchObject({
    IDEMPOTENCY_SECRET: 'chosen',
    JWT_PRIVATE_KEY: JSON.stringify(secrets.jwtPrivateKey),
    LOG_LEVEL: 'debug',
  });
});

test('where the embedded system is, the user does not decide', () => {
  const given = {
    PORT: '1',
    DATABASE_URL: 'elsewhere',
    BUS_DATABASE_URL: 'elsewhere',
    USER_URL: 'elsewhere',
    JWKS_URL: 'elsewhere',
  };
  expect(Object.values(environment('sync', given))).not.toContain('elsewhere');
  expect(environment('sync', given)['PORT']).toBe('4005');
});

test('a secret reaches only those who need it', () => {
  const given = { ADMIN_PASSWORD: 'p', JWT_PRIVATE_KEY: 'k', IDEMPOTENCY_SECRET: 's', npm_config_registry: 'r' };
  const names = Object.keys(environment('gateway', given));
  for (const name of Object.keys(given)) expect(names).not.toContain(name);
});

test('every service of the table has a name, a port and an entry of its own', () => {
  for (const field of ['name', 'portOffset', 'entry'] as const) {
    expect(new Set(SERVICES.map((service) => service[field])).size).toBe(SERVICES.length);
  }
});
