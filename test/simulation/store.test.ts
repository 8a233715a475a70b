import { expect, test } from 'vitest';
import { IDLE_IN_TRANSACTION_MS, LOCK_TIMEOUT_MS } from '#shared/store/postgres.ts';
import { Chance } from './chance.ts';
import { Scheduler, type Process } from './scheduler.ts';
import { Store } from './store.ts';
import { Table } from './table.ts';
import type { Transaction } from './transaction.ts';
import { pauseFor, type Task } from './task.ts';
import { CALM } from './weather.ts';
import { UNLIMITED } from './simulation.ts';
import { LockNotHad, World } from './world.ts';

function newStore(): { world: World; store: Store; process: Process; rows: Table<number> } {
  const chances = { wishes: new Chance(1), faults: new Chance(2) };
  const scheduler = new Scheduler();
  const world = new World({ scheduler, ...chances, weather: { ...CALM }, bug: undefined, limits: UNLIMITED });
  return { world, store: new Store(world, 'test'), process: scheduler.process('one'), rows: new Table<number>('rows') };
}

test('a commit is atomic, and nobody sees rows before it', () => {
  const { world, store, process, rows } = newStore();
  function* write(tx: Transaction): Task<void> {
    tx.put(rows, 'a', 1);
    yield* pauseFor(1_000);
    expect([tx.get(rows, 'a'), rows.rows.get('a')]).toEqual([1, undefined]);
    tx.put(rows, 'b', 2);
  }
  store.onCommit.push(() =>
    expect([...rows.rows]).toEqual([
      ['a', 1],
      ['b', 2],
    ]),
  );
  world.scheduler.spawn(process, store.transact(process, 'write', write));
  world.scheduler.run(500);
  expect(rows.rows.size).toBe(0);
  world.scheduler.run(5_000);
  expect(rows.rows.size).toBe(2);
});

test('who waits for a row goes on when its holder is killed, whose work is gone', () => {
  const { world, store, process, rows } = newStore();
  const other = world.scheduler.process('other');
  const add = (holdMs: number) =>
    function* (tx: Transaction): Task<void> {
      yield* tx.lock(rows, 'a');
      tx.put(rows, 'a', (tx.get(rows, 'a') ?? 0) + 1);
      yield* pauseFor(holdMs);
    };
  world.scheduler.spawn(process, store.transact(process, 'add', add(60_000)));
  world.scheduler.run(100);
  world.scheduler.spawn(other, store.transact(other, 'add', add(0)));
  world.scheduler.run(1_000);
  expect(rows.rows.get('a')).toBeUndefined();
  world.scheduler.crash(process, 1_000);
  world.scheduler.run(10_000);
  expect(rows.rows.get('a')).toBe(1);
});

test('a transaction whose process is stopped holds its locks until it has idled too long', () => {
  const { world, store, process, rows } = newStore();
  function* hold(tx: Transaction): Task<void> {
    yield* tx.lock(rows, 'a');
    yield* pauseFor(100);
  }
  world.scheduler.spawn(process, store.transact(process, 'hold', hold));
  world.scheduler.run(50);
  world.scheduler.pause(process, Infinity);
  world.scheduler.run(IDLE_IN_TRANSACTION_MS - 100);
  expect(store.locks.size).toBe(1);
  world.scheduler.run(IDLE_IN_TRANSACTION_MS + 100);
  expect(store.locks.size).toBe(0);
});

test('who waits for a lock too long gives up, whether it is stopped or not, and its place goes to the next', () => {
  const { world, store, process, rows } = newStore();
  const [other, third] = [world.scheduler.process('other'), world.scheduler.process('third')];
  const hold = (holdMs: number) =>
    function* (tx: Transaction): Task<void> {
      yield* tx.lock(rows, 'a');
      tx.put(rows, 'a', (tx.get(rows, 'a') ?? 0) + 1);
      yield* pauseFor(holdMs);
    };
  const failed: string[] = [];
  function* attempt(by: Process): Task<void> {
    try {
      yield* store.transact(by, 'hold', hold(0));
    } catch (error) {
      failed.push(`${by.name} ${error instanceof LockNotHad}`);
    }
  }
  world.scheduler.spawn(process, store.transact(process, 'hold', hold(LOCK_TIMEOUT_MS + 500)));
  world.scheduler.run(100);
  world.scheduler.spawn(other, attempt(other));
  world.scheduler.run(1_000);
  world.scheduler.pause(other, 60_000);
  world.scheduler.spawn(third, attempt(third));
  world.scheduler.run(30_000);
  expect([rows.rows.get('a'), failed]).toEqual([2, []]);
  world.scheduler.run(70_000);
  expect([rows.rows.get('a'), failed]).toEqual([2, ['other true']]);
});

test('a process that is stopped while it waits is given the lock, and idles with it', () => {
  const { world, store, process, rows } = newStore();
  const other = world.scheduler.process('other');
  const hold = (holdMs: number) =>
    function* (tx: Transaction): Task<void> {
      yield* tx.lock(rows, 'a');
      yield* pauseFor(holdMs);
    };
  world.scheduler.spawn(process, store.transact(process, 'hold', hold(1_000)));
  world.scheduler.run(100);
  world.scheduler.spawn(other, store.transact(other, 'hold', hold(0)));
  world.scheduler.run(200);
  world.scheduler.pause(other, Infinity);
  world.scheduler.run(1_000 + IDLE_IN_TRANSACTION_MS - 100);
  expect(store.locks.size).toBe(1);
  world.scheduler.run(1_000 + IDLE_IN_TRANSACTION_MS + 100);
  expect(store.locks.size).toBe(0);
});

test('a connection that breaks at the commit leaves either state, and says neither', () => {
  const ends = new Set<number>();
  for (let seed = 0; seed < 20; seed += 1) {
    const { world, store, process, rows } = newStore();
    let lost = 0;
    function* write(tx: Transaction): Task<void> {
      yield* pauseFor(1);
      tx.put(rows, 'a', 1);
      world.weather.connectionLoss = 1;
    }
    function* attempt(): Task<void> {
      try {
        yield* store.transact(process, 'write', write);
      } catch (error) {
        world.expected(error);
        lost += 1;
      }
    }
    for (let drawn = 0; drawn < seed; drawn += 1) world.faults.next();
    world.scheduler.spawn(process, attempt());
    world.scheduler.run(1_000);
    expect(lost).toBe(1);
    ends.add(rows.rows.size);
  }
  expect(ends).toEqual(new Set([0, 1]));
});

test('who waits in a circle is told, and tries again', () => {
  const { world, store, process, rows } = newStore();
  const both = (first: string, second: string) =>
    function* (tx: Transaction): Task<void> {
      yield* tx.lock(rows, first);
      yield* pauseFor(100);
      yield* tx.lock(rows, second);
      tx.put(rows, first, (tx.get(rows, first) ?? 0) + 1);
    };
  world.scheduler.spawn(process, store.transact(process, 'one', both('a', 'b')));
  world.scheduler.spawn(process, store.transact(process, 'other', both('b', 'a')));
  world.scheduler.run(5_000);
  expect([rows.rows.get('a'), rows.rows.get('b'), world.tally.deadlocks]).toEqual([1, 1, 1]);
});
