import { describe, test } from 'vitest';
import { available, TIMEOUT_MS, useFixture } from '../e2e/start-fixture.ts';
import { killUnderLoad } from './kill-rounds.ts';

const fixture = useFixture();

describe.skipIf(!available)('a system under load', { timeout: TIMEOUT_MS }, () => {
  test('loses nothing when user, sync, gateway and PostgreSQL are killed in turn', () => killUnderLoad(fixture, 1));
});
