import { test } from 'vitest';
import { describeOnPostgres } from '../support/database.ts';
import { TIMEOUT_MS, useFixture } from '../e2e/start-fixture.ts';
import { killUnderLoad } from './kill-rounds.ts';
import { disturbShop } from './shop-rounds.ts';

const fixture = useFixture();

// In one file, so one after the other: each takes the machine for itself.
describeOnPostgres('a system under load', { timeout: TIMEOUT_MS }, () => {
  test('loses nothing when user, sync, gateway and PostgreSQL are killed in turn', () => killUnderLoad(fixture, 1));

  test('sells nothing twice and tells everybody once when inventory, order, notification and PostgreSQL are killed and paused in turn', () =>
    disturbShop(fixture, 1));
});
