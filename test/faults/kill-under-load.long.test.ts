import { test } from 'vitest';
import { describeStarted, useFixture } from '../e2e/start-fixture.ts';
import { killUnderLoad } from './kill-rounds.ts';

const fixture = useFixture();
/** Some 25 s each, since the supervisor waits longer before it starts what has crashed again and again. */
const ROUNDS = 8;

describeStarted('a system under load for long', { timeout: 15 * 60_000 }, () => {
  test('loses nothing however often user, sync, gateway and PostgreSQL are killed', () =>
    killUnderLoad(fixture, ROUNDS));
});
