import { test } from 'vitest';
import { describeOnPostgres } from '../support/database.ts';
import { TIMEOUT_MS, useFixture } from '../e2e/start-fixture.ts';
import { disturbUnderLoad } from './disturbed-rounds.ts';
import { kill, type Victim } from './disturbances.ts';

const fixture = useFixture();
/** Those on whom most depends; `npm run test:long` takes all, and chaos.test.ts any of them. */
const VICTIMS: readonly Victim[] = ['user', 'order', 'gateway', 'postgres'];

describeOnPostgres('a system under load', { timeout: TIMEOUT_MS }, () => {
  test('loses nothing, doubles nothing and tells everybody once when its parts are killed in turn', () =>
    disturbUnderLoad(fixture, { ways: [kill], victims: VICTIMS }));
});
