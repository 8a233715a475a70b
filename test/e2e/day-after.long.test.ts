import { expect, test } from 'vitest';
import { TestClient } from '../support/client.ts';
import { describeOnPostgres } from '../support/database.ts';
import { until } from '../support/poll.ts';
import { allGone, descendantsOf, REAL_SYSTEM } from './start-driver.ts';
import { stop, TIMEOUT_MS, useFixture } from './start-fixture.ts';
import { pastedOperation, replicaOf } from './started-system.ts';

describeOnPostgres('the day after', { timeout: TIMEOUT_MS }, () => {
  const fixture = useFixture();

  test('data and keys survive a restart, and nothing survives --reset', async () => {
    const client = new TestClient(`http://127.0.0.1:${fixture.port}`);
    const first = await fixture.runReady({ program: REAL_SYSTEM });
    const operation = pastedOperation(first);
    const { registerUser } = await client.ask(operation);
    await stop(first);

    const second = await fixture.runReady({ program: REAL_SYSTEM });
    const again = await client.ask(operation);
    expect(again.registerUser).toMatchObject({ user: { name: 'Ada Lovelace' }, replayed: true });
    // A token of the day before is still good.
    const owner = client.as(registerUser.token);
    expect(await owner.ask('{ me { email } }')).toEqual({ me: { email: 'ada@example.com' } });
    await until(() => replicaOf(fixture.data, 'ada@example.com') !== undefined);
    const left = descendantsOf(second.pid);
    await stop(second);
    await allGone(left);

    const third = await fixture.runReady({ program: REAL_SYSTEM, argv: ['--reset'] });
    expect(replicaOf(fixture.data, 'ada@example.com')).toBeUndefined();
    expect(await client.ask(operation)).toMatchObject({ registerUser: { replayed: false } });
    await stop(third);
  });
});
