import { expect, test } from 'vitest';
import { createDatabase, describeOnPostgres } from '#test/support/database.ts';
import { quietLog } from '#test/support/store.ts';
import { describeBusContract } from '../testing/bus-contract.ts';
import { eventsAt, type BusStorage } from '../testing/bus-listener.ts';
import type { Bus } from './bus.ts';
import { openPostgresBus } from './postgres-bus.ts';

async function newStorage(): Promise<BusStorage> {
  const database = await createDatabase();
  return {
    open: (): Promise<Bus> => openPostgresBus({ url: database.url, name: 'test', log: quietLog }),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

describeOnPostgres('PostgreSQL', () => {
  describeBusContract('PostgreSQL', newStorage, { prunes: true });

  test('is brought up to date by many that open it at once', async () => {
    await using opened = new AsyncDisposableStack();
    const storage = opened.use(await newStorage());
    const buses = await Promise.all(Array.from({ length: 5 }, () => storage.open()));
    for (const bus of buses) opened.use(bus);
    const events = eventsAt('user', 1, 50);
    await Promise.all(buses.map((bus) => bus.publish(events)));
    const heard: unknown[] = [];
    const done = Promise.withResolvers<void>();
    opened.use(
      await buses[0]!.subscribe({
        durable: 'listener',
        subjects: ['user.*'],
        onBatch: (batch) => {
          heard.push(...batch);
          done.resolve();
          return Promise.resolve();
        },
      }),
    );
    await done.promise;
    expect(heard).toEqual(events);
  });
});
