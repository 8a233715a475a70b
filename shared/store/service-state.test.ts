import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOnPostgres } from '#test/support/database.ts';
import { openStore, type TestStore } from '#test/support/store.ts';
import { transact } from './postgres.ts';
import { advanceState, lockState, readState } from './service-state.ts';

describeOnPostgres("a service's state", () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await openStore();
  });
  afterAll(() => store[Symbol.asyncDispose]());

  test('is zero until it is set', async () => {
    expect(await readState(store.db, 'epoch')).toBe(0);
    expect(await transact(store.db, (tx) => lockState(tx, 'epoch'))).toBe(0);
  });

  test('moves on only from where it was read', async () => {
    const { db } = store;
    expect(await advanceState(db, 'relayed', { from: 7, to: 9 }), 'nobody can have read 7').toBe(false);
    expect(await advanceState(db, 'relayed', { from: 0, to: 5 })).toBe(true);
    expect(await advanceState(db, 'relayed', { from: 0, to: 3 }), 'someone else was faster').toBe(false);
    expect(await advanceState(db, 'relayed', { from: 5, to: 8 })).toBe(true);
    expect(await readState(db, 'relayed')).toBe(8);
  });

  test('lets one of many move it on', async () => {
    const moves = Array.from({ length: 20 }, (_, to) => advanceState(store.db, 'pruned', { from: 0, to: to + 1 }));
    expect((await Promise.all(moves)).filter(Boolean)).toHaveLength(1);
  });

  test('that is locked is counted by one at a time, from the first time on', async () => {
    const count = (): Promise<boolean> =>
      transact(store.db, async (tx) => {
        const from = await lockState(tx, 'stamped');
        return advanceState(tx, 'stamped', { from, to: from + 1 });
      });
    expect(await Promise.all(Array.from({ length: 20 }, count))).not.toContain(false);
    expect(await readState(store.db, 'stamped')).toBe(20);
  });
});
