import { afterEach, describe, expect, test, vi } from 'vitest';
import { newKeys } from '#test/support/keys.ts';
import { readSyncConfig } from './config.ts';

const keys = newKeys();
const GOOD = {
  PORT: '4005',
  SERVICE_PRIVATE_KEY: JSON.stringify(keys.services.sync),
  SERVICE_PUBLIC_KEYS: JSON.stringify(keys.publicServiceKeys),
  JWKS_URL: 'http://127.0.0.1:4001/jwks',
  DATABASE_URL: 'postgres://127.0.0.1/sync',
  BUS_DATABASE_URL: 'postgres://127.0.0.1/bus',
  NATS_URL: '',
  IDEMPOTENCY_SECRET: 'only good enough for tests, but long',
  USER_URL: 'http://127.0.0.1:4001/graphql',
  ORDER_URL: 'http://127.0.0.1:4002/graphql',
  INVENTORY_URL: 'http://127.0.0.1:4003/graphql',
  ORACLE_URL: '',
  ORACLE_SQLITE_FILE: '',
};

afterEach(() => {
  vi.unstubAllEnvs();
});

function read(given: Readonly<Record<string, string>>): ReturnType<typeof readSyncConfig> {
  for (const [name, value] of Object.entries({ ...GOOD, ...given })) vi.stubEnv(name, value);
  return readSyncConfig();
}

describe('the system of record', () => {
  const [ORACLE_URL, ORACLE_SQLITE_FILE] = ['oracle://lockstep:s%40cret@records:1521/shop', 'oracle.sqlite'];

  test.each([{ ORACLE_URL }, { ORACLE_SQLITE_FILE }, { ORACLE_URL: 'oracle://me:secret@records/shop.example' }])(
    'is the one that is named: %o',
    (given) => {
      expect(read(given)).toMatchObject(given);
    },
  );

  test.each([{}, { ORACLE_URL, ORACLE_SQLITE_FILE }])('is neither left out nor named twice: %o', (given) => {
    expect(() => read(given)).toThrow('exactly one of ORACLE_URL and ORACLE_SQLITE_FILE must be set');
  });

  test.each([
    'http://me:secret@records:1521/shop',
    'oracle://records:1521/shop',
    'oracle://me@records:1521/shop',
    'oracle://me:secret@records:1521',
    'oracle://me:secret@records:1521/shop?wallet=w',
    'records:1521/shop',
  ])('is not named by %s', (url) => {
    expect(() => read({ ORACLE_URL: url })).toThrow(
      'ORACLE_URL: is not an oracle://user:password@host:1521/service URL',
    );
  });
});
