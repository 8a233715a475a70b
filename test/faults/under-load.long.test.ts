import { test } from 'vitest';
import { describeOnPostgres } from '../support/database.ts';
import { useFixture } from '../e2e/start-fixture.ts';
import { killUnderLoad } from './kill-rounds.ts';
import { disturbShop } from './shop-rounds.ts';

const fixture = useFixture();
/** Some half a minute each, since the supervisor waits longer before it starts what has crashed again and again. */
const ROUNDS = 8;

describeOnPostgres('a system under load for long', { timeout: 15 * 60_000 }, () => {
  test('loses nothing however often user, sync, gateway and PostgreSQL are killed', () =>
    killUnderLoad(fixture, ROUNDS));

  test('loses nothing, and sells nothing twice, however often inventory, order and PostgreSQL are killed and paused', () =>
    disturbShop(fixture, ROUNDS));
});
