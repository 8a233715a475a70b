import { describe, test } from 'vitest';
import { available, useFixture } from '../e2e/start-fixture.ts';
import { killUnderLoad } from './kill-rounds.ts';

const fixture = useFixture();
/** Some 15 s each. */
const ROUNDS = 12;

describe.skipIf(!available)('a system under load for long', { timeout: 15 * 60_000 }, () => {
  test('loses nothing however often user, sync, gateway and PostgreSQL are killed', () =>
    killUnderLoad(fixture, ROUNDS));
});
