import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { newKeys } from '#test/support/keys.ts';
import {
  ConfigurationRefused,
  oneBus,
  postgresUrl,
  readConfig,
  secret,
  serviceEnvironment,
  subgraphEnvironment,
} from './config.ts';

const keys = newKeys();
const SECRET = 'only good enough for tests, but long';
const environment = z.object({ ...serviceEnvironment, DATABASE_URL: postgresUrl, IDEMPOTENCY_SECRET: secret });

const GOOD: Readonly<Record<string, string>> = {
  PORT: '4001',
  SERVICE_PRIVATE_KEY: JSON.stringify(keys.services.user),
  SERVICE_PUBLIC_KEYS: JSON.stringify(keys.publicServiceKeys),
  JWKS_URL: 'http://127.0.0.1:4001/jwks',
  DATABASE_URL: 'postgres://user:pass@127.0.0.1:5432/user',
  IDEMPOTENCY_SECRET: SECRET,
};

function problemsOf(
  given: Readonly<Record<string, string | undefined>>,
  schema: z.ZodType = environment,
): readonly string[] {
  try {
    readConfig('user', schema, given);
  } catch (error) {
    if (error instanceof ConfigurationRefused) return error.problems;
    throw error;
  }
  return [];
}

describe('an environment', () => {
  test('that has what is needed is read, with defaults for the rest', () => {
    expect(readConfig('user', environment, { ...GOOD, UNRELATED: 'ignored' })).toEqual({
      ...GOOD,
      PORT: 4001,
      NODE_ENV: 'development',
      LOG_LEVEL: 'info',
      SERVICE_PRIVATE_KEY: keys.services.user,
      SERVICE_PUBLIC_KEYS: keys.publicServiceKeys,
    });
  });

  test('that is empty is refused with every problem at once, one sentence each', () => {
    expect(problemsOf({})).toEqual(Object.keys(GOOD).map((variable) => `${variable} is not set`));
  });

  test('that is refused says which service cannot start, and all of why', () => {
    expect(() => readConfig('user', environment, { ...GOOD, PORT: 'x', JWKS_URL: 'y' })).toThrow(
      'user cannot start: PORT: is not a number; JWKS_URL: is not an http:// or https:// URL',
    );
  });

  test.each(Object.keys(GOOD))('with an empty %s is one without it', (variable) => {
    expect(problemsOf({ ...GOOD, [variable]: '' })).toEqual([`${variable} is not set`]);
  });

  test('with an empty variable that has a default takes the default', () => {
    expect(readConfig('user', environment, { ...GOOD, LOG_LEVEL: '' }).LOG_LEVEL).toBe('info');
  });

  test.each([
    ['PORT', 'x', 'PORT: is not a number'],
    ['PORT', '70000', /^PORT: /],
    ['PORT', '-1', /^PORT: /],
    ['PORT', '80.5', /^PORT: /],
    ['LOG_LEVEL', 'loud', /^LOG_LEVEL: /],
    ['JWKS_URL', 'ftp://a/b', 'JWKS_URL: is not an http:// or https:// URL'],
    ['DATABASE_URL', 'mysql://a/b', 'DATABASE_URL: is not a postgres:// URL'],
    ['IDEMPOTENCY_SECRET', 'short', 'IDEMPOTENCY_SECRET: is shorter than 32 characters'],
    ['SERVICE_PRIVATE_KEY', '{', 'SERVICE_PRIVATE_KEY: is not JSON'],
    ['SERVICE_PRIVATE_KEY', '5', /^SERVICE_PRIVATE_KEY: /],
    ['SERVICE_PUBLIC_KEYS', '{}', /^SERVICE_PUBLIC_KEYS\.keys: /],
    ['SERVICE_PUBLIC_KEYS', 'null', /^SERVICE_PUBLIC_KEYS: /],
  ])('with the %s %j is refused for it alone', (variable, value, problem) => {
    const problems = problemsOf({ ...GOOD, [variable]: value });
    expect(problems).toEqual([expect.stringMatching(problem)]);
  });

  test('whose private key is only the public half says so', () => {
    const { d: _, ...publicHalf } = keys.services.user;
    expect(problemsOf({ ...GOOD, SERVICE_PRIVATE_KEY: JSON.stringify(publicHalf) })).toEqual([
      'SERVICE_PRIVATE_KEY.d: has no private part',
    ]);
  });

  test.each(['postgres', 'postgresql'])('may write %s://', (scheme) => {
    expect(problemsOf({ ...GOOD, DATABASE_URL: `${scheme}://127.0.0.1/user` })).toEqual([]);
  });
});

describe("a subgraph's environment", () => {
  const subgraph = z.object(subgraphEnvironment).check(oneBus);
  const [BUS_DATABASE_URL, NATS_URL] = ['postgres://127.0.0.1/bus', 'nats://127.0.0.1:4222'];
  const problems = (given: Readonly<Record<string, string | undefined>>): readonly string[] =>
    problemsOf({ ...GOOD, ...given }, subgraph);

  test.each([{ BUS_DATABASE_URL }, { NATS_URL }, { NATS_URL: 'nats://me:secret@one:4222, tls://two' }])(
    'names its bus: %o',
    (bus) => {
      expect(problems(bus)).toEqual([]);
    },
  );

  test.each([{}, { BUS_DATABASE_URL, NATS_URL }, { BUS_DATABASE_URL: '', NATS_URL: '' }])(
    'with another number of buses than one is refused: %o',
    (buses) => {
      expect(problems(buses)).toEqual(['exactly one of BUS_DATABASE_URL and NATS_URL must be set']);
    },
  );

  test('without a bus says so together with what else is wrong', () => {
    expect(problems({ PORT: 'x' })).toHaveLength(2);
  });

  test.each(['http://127.0.0.1', 'nats://one,two', 'broker', 'nats://me:100%@one'])(
    'with the NATS_URL %s is refused',
    (url) => {
      expect(problems({ NATS_URL: url })).toEqual(['NATS_URL: is not a nats:// or tls:// URL']);
    },
  );

  test.each(['tls://127.0.0.1', 'nats://127.0.0.1,tls://[::1]:4222'])(
    'with the NATS_URL %s is refused, since no certificate is compared with an address',
    (url) => {
      expect(problems({ NATS_URL: url })).toEqual([expect.stringContaining('give its name')]);
    },
  );
});

describe('a refused configuration echoes no value', () => {
  const marked = fc.string({ unit: fc.constantFrom('Ж', '漢', 'ß'), minLength: 3, maxLength: 12 });

  test('of any variable, whatever is wrong with it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(GOOD), 'LOG_LEVEL'), marked, (variable, value) => {
        const problems = problemsOf({ ...GOOD, [variable]: value });
        expect(problems).toHaveLength(1);
        expect(problems[0]).not.toContain(value);
      }),
    );
  });

  test('of a private key, whichever part of it is wrong', () => {
    fc.assert(
      fc.property(fc.constantFrom('kty', 'crv', 'x', 'd', 'kid'), marked, (part, value) => {
        const key: Record<string, unknown> = { ...keys.services.user, d: value, [part]: 7 };
        const message = problemsOf({ ...GOOD, SERVICE_PRIVATE_KEY: JSON.stringify(key) }).join();
        expect(message).toContain(`SERVICE_PRIVATE_KEY.${part}`);
        expect(message).not.toContain(value);
      }),
    );
  });
});
