import { test } from 'vitest';
import { describeOnPostgres } from '../support/database.ts';
import { useFixture } from '../e2e/start-fixture.ts';
import { disturbUnderLoad } from './disturbed-rounds.ts';
import { kill, pause, VICTIMS } from './disturbances.ts';

const fixture = useFixture();
/** A minute each, since the supervisor waits longer before it starts what has crashed again and again. */
const ROUNDS = 5;

describeOnPostgres('a system under load for long', { timeout: 30 * 60_000 }, () => {
  test('loses nothing, doubles nothing and tells everybody once however often its parts are killed and paused', () =>
    disturbUnderLoad(fixture, { ways: Array.from({ length: ROUNDS }, () => [kill, pause]).flat(), victims: VICTIMS }));
});
