import { describe, test } from 'vitest';
import { available, TIMEOUT_MS, useFixture } from '../e2e/start-fixture.ts';
import { disturbShop } from './shop-rounds.ts';

const fixture = useFixture();

describe.skipIf(!available)('a shop under load', { timeout: TIMEOUT_MS }, () => {
  test('loses nothing, and sells nothing twice, when inventory, order and PostgreSQL are killed and paused in turn', () =>
    disturbShop(fixture, 1));
});
