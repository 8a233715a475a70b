import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { eventsAt, eventually, Listener, upTo, type Place } from './bus-listener.ts';

/** A durable can be set back, and nothing happens to what it was given meanwhile. */
export function describeRewinding({ bus, stands }: Place): void {
  test('gives a durable again what lies behind the position that it is rewound to, and other durables nothing', async () => {
    const [listener, other] = [new Listener(), new Listener()];
    await using _listening = await listener.subscribe(bus(), 'listener');
    await using _other = await other.subscribe(bus(), 'other');
    await bus().publish([...eventsAt('user', 1, 6), ...eventsAt('order', 1, 2)]);
    await stands('listener', { user: 6, order: 2 });
    await bus().rewind('listener', { user: 4 });
    await listener.hears(10);
    await stands('listener', { user: 6, order: 2 });
    expect(listener.positions()).toEqual([...upTo(6), 5, 6]);
    expect(listener.positions('order')).toEqual([1, 2]);
    await stands('other', { user: 6 });
    expect(other.positions()).toEqual(upTo(6));
  });

  test.each([
    { where: 'before the batch', to: 1, again: upTo(6, 2) },
    { where: 'to where the batch began', to: 3, again: upTo(6, 4) },
    { where: 'to the very beginning', to: 0, again: upTo(6) },
  ])('lets a rewind $where win over the batch that is being taken', async ({ to, again }) => {
    const listener = new Listener();
    await using _listening = await listener.subscribe(bus(), 'listener');
    await bus().publish(eventsAt('user', 1, 3));
    await stands('listener', { user: 3 });
    rewindWithin(listener, () => bus().rewind('listener', { user: to }));
    await bus().publish(eventsAt('user', 4, 6));
    // How much was on its way when it was rewound is the bus's affair.
    const last = (): number[] => listener.positions().slice(3).slice(-again.length);
    await eventually(
      () => `${again.join()} at last, not ${last().join()}`,
      () => isDeepStrictEqual(last(), again),
    );
    await stands('listener', { user: 6 });
    expect(listener.positions().slice(0, 3)).toEqual(upTo(3));
  });

  test('lets a rewind win over the very first batch', async () => {
    const listener = new Listener();
    rewindWithin(listener, () => bus().rewind('listener', { user: 0 }));
    await using _listening = await listener.subscribe(bus(), 'listener');
    await bus().publish(eventsAt('user', 1, 3));
    await stands('listener', { user: 3 });
    expect(listener.positions().slice(1).slice(-3)).toEqual(upTo(3));
  });
}

/** Has the next batch, and no later one, rewind its durable before it is taken. */
function rewindWithin(listener: Listener, rewind: () => Promise<void>): void {
  let rewound = false;
  listener.onBatch = async () => {
    if (rewound) return;
    rewound = true;
    await rewind();
  };
}

/** What some durable may still want is kept. */
export function describePruning({ bus, stands }: Place): void {
  const future = (): Date => new Date(Date.now() + 60_000);

  test('forgets only what every durable has read', async () => {
    const [fast, slow] = [new Listener(), new Listener()];
    await using _fast = await fast.subscribe(bus(), 'fast');
    await using slowly = await slow.subscribe(bus(), 'slow');
    await bus().publish([...eventsAt('user', 1, 3), ...eventsAt('order', 1, 1)]);
    await stands('slow', { user: 3 });
    await slowly[Symbol.asyncDispose]();
    await bus().publish(eventsAt('user', 4, 8));
    await stands('fast', { user: 8, order: 1 });
    expect(await bus().prune('user', future())).toBe(3);
    expect(await bus().prune('user', future())).toBe(0);
    await using _again = await slow.subscribe(bus(), 'slow');
    await slow.hears(9);
    expect(slow.positions()).toEqual(upTo(8));
    const late = new Listener();
    await using _late = await late.subscribe(bus(), 'late');
    await late.hears(6);
    expect([late.positions(), late.positions('order')]).toEqual([upTo(8, 4), [1]]);
  });

  test('forgets nothing that a durable was given and has never taken', async () => {
    const [taking, failing] = [new Listener(), new Listener()];
    let away = true;
    const tried = Promise.withResolvers<void>();
    failing.onBatch = () => {
      tried.resolve();
      return away ? Promise.reject(new Error('the ledger is away')) : Promise.resolve();
    };
    await using _taking = await taking.subscribe(bus(), 'taking');
    await using _failing = await failing.subscribe(bus(), 'failing');
    await bus().publish(eventsAt('user', 1, 3));
    await stands('taking', { user: 3 });
    await tried.promise;
    expect(await bus().prune('user', future())).toBe(0);
    away = false;
    await failing.hears(3);
    expect(failing.positions()).toEqual(upTo(3));
  });

  test('forgets nothing that is young, nor what nobody has asked for yet', async () => {
    await bus().publish(eventsAt('user', 1, 3));
    expect(await bus().prune('user', future()), 'without durables').toBe(0);
    const listener = new Listener();
    await using _listening = await listener.subscribe(bus(), 'listener');
    await stands('listener', { user: 3 });
    expect(await bus().prune('user', new Date(Date.now() - 60_000)), 'young').toBe(0);
    expect(await bus().prune('user', future())).toBe(3);
  });
}

/** A bus that forgets by age alone keeps everything that is young, whatever it is asked. */
export function describeKeeping({ bus }: Place): void {
  test('forgets nothing that is young when it is asked to', async () => {
    await bus().publish(eventsAt('user', 1, 3));
    const listener = new Listener();
    await using _listening = await listener.subscribe(bus(), 'listener');
    await listener.hears(3);
    expect(await bus().prune('user', new Date(Date.now() + 60_000))).toBe(0);
    const late = new Listener();
    await using _late = await late.subscribe(bus(), 'late');
    await late.hears(3);
    expect(late.positions()).toEqual(upTo(3));
  });
}
