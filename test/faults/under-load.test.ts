import { test } from 'vitest';
import { describeOnPostgres } from '../support/database.ts';
import { TIMEOUT_MS, useFixture } from '../e2e/start-fixture.ts';
import { disturbUnderLoad } from './disturbed-rounds.ts';
import { kill } from './disturbances.ts';

const fixture = useFixture();

describeOnPostgres('a system under load', { timeout: TIMEOUT_MS }, () => {
  test('loses nothing, doubles nothing and tells everybody once when each of its parts is killed in turn', () =>
    disturbUnderLoad(fixture, [kill]));
});
