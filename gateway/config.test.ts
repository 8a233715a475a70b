import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ConfigurationRefused } from '#shared/config.ts';
import { newKeys } from '#test/support/keys.ts';
import { readGatewayConfig, refuseMistyped } from './config.ts';

const keys = newKeys();
const NEEDED = {
  PORT: '4000',
  SERVICE_PRIVATE_KEY: JSON.stringify(keys.services.gateway),
  SERVICE_PUBLIC_KEYS: JSON.stringify(keys.publicServiceKeys),
  JWKS_URL: 'http://127.0.0.1:4001/jwks',
};

beforeEach(() => {
  for (const variable of Object.keys(process.env)) if (variable.endsWith('_URL')) vi.stubEnv(variable, undefined);
  for (const variable of ['SUPERGRAPH_FILE', 'SUBGRAPH_TIMEOUT_MS']) vi.stubEnv(variable, undefined);
  for (const [variable, value] of Object.entries(NEEDED)) vi.stubEnv(variable, value);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

test('routing URLs come from the environment, for whatever subgraphs there are', () => {
  vi.stubEnv('USER_URL', 'http://127.0.0.1:4001/graphql');
  vi.stubEnv('GIFT_CARDS_2_URL', 'https://gifts.example/graphql');
  expect(readGatewayConfig().routingUrls).toEqual({
    user: 'http://127.0.0.1:4001/graphql',
    gift_cards_2: 'https://gifts.example/graphql',
  });
});

test('where the public keys come from is no routing URL', () => {
  const { routingUrls, JWKS_URL } = readGatewayConfig();
  expect(routingUrls).toEqual({});
  expect(JWKS_URL).toBe(NEEDED.JWKS_URL);
});

test.each([
  ['DATABASE_URL', 'postgres://127.0.0.1/user'],
  ['USER_URL', ''],
  ['user_URL', 'http://127.0.0.1:4001'],
  ['USER_URLS', 'http://127.0.0.1:4001'],
  ['_URL', 'http://127.0.0.1:4001'],
])('%s=%s is no routing URL', (variable, value) => {
  vi.stubEnv(variable, value);
  expect(readGatewayConfig().routingUrls).toEqual({});
});

test('the composed supergraph and ten seconds for a subgraph are the defaults', () => {
  const { SUPERGRAPH_FILE, SUBGRAPH_TIMEOUT_MS } = readGatewayConfig();
  expect(SUPERGRAPH_FILE).toMatch(/supergraph\.graphql$/);
  expect(SUBGRAPH_TIMEOUT_MS).toBe(10_000);
});

test.each(['0', '-1', '1.5', 'soon'])('a timeout of %s is refused', (timeout) => {
  vi.stubEnv('SUBGRAPH_TIMEOUT_MS', timeout);
  expect(readGatewayConfig).toThrow(ConfigurationRefused);
  expect(readGatewayConfig).toThrow(/^gateway cannot start: SUBGRAPH_TIMEOUT_MS: /);
});

test('a routing URL that is none is refused for a subgraph that there is', () => {
  vi.stubEnv('GIFTS_URL', 'gifts.example:4001');
  const config = readGatewayConfig();
  expect(() => refuseMistyped(config, [{ name: 'cards' }])).not.toThrow();
  expect(() => refuseMistyped(config, [{ name: 'gifts' }])).toThrow(ConfigurationRefused);
  expect(() => refuseMistyped(config, [{ name: 'gifts' }])).toThrow('GIFTS_URL is not an http:// or https:// URL');
});
