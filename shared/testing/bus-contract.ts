import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PositionedEvent } from '../cloud-event.ts';
import type { Bus } from '../events/bus.ts';
import { pause } from '../retry.ts';
import { describeKeeping, describePruning, describeRewinding } from './bus-cursor-contract.ts';
import { eventAt, eventsAt, eventually, Listener, upTo, type BusStorage, type Place } from './bus-listener.ts';

interface BusTraits {
  /** Does `prune` forget at once what may go, or does the bus forget by age alone? */
  readonly prunes: boolean;
}

/** What every bus must do, as the port `Bus` promises it. */
export function describeBusContract(name: string, newStorage: () => Promise<BusStorage>, { prunes }: BusTraits): void {
  describe(`${name} as a bus`, () => {
    let opened: AsyncDisposableStack;
    let storage: BusStorage;
    let bus: Bus;
    const at: Place = {
      bus: () => bus,
      reopen: async () => opened.use(await storage.open()),
      stands: (durable, positions) =>
        eventually(
          () => `${durable} standing at ${JSON.stringify(positions)}`,
          async () => {
            const stands = await bus.position(durable);
            return Object.entries(positions).every(([source, position]) => stands[source] === position);
          },
        ),
    };
    beforeEach(async () => {
      opened = new AsyncDisposableStack();
      storage = opened.use(await newStorage());
      bus = opened.use(await storage.open());
    });
    afterEach(() => opened.disposeAsync());

    describeDelivery(at);
    describeFailure(at);
    describeSources(at);
    describeRewinding(at);
    if (prunes) describePruning(at);
    else describeKeeping(at);
  });
}

function describeDelivery({ bus, reopen, stands }: Place): void {
  test('gives every event to every durable, in order', async () => {
    const [first, second] = [new Listener(), new Listener()];
    await bus().publish(eventsAt('user', 1, 3));
    await using _first = await first.subscribe(bus(), 'first');
    await using _second = await second.subscribe(bus(), 'second');
    const later = eventsAt('user', 4, 700);
    await bus().publish(later);
    for (const listener of [first, second]) {
      await listener.hears(700);
      expect(listener.positions()).toEqual(upTo(700));
      expect(listener.heard.slice(3)).toEqual(later);
    }
    await stands('first', { user: 700 });
    await stands('second', { user: 700 });
  });

  test('gives a durable what came while it was away, and nothing twice', async () => {
    const listener = new Listener();
    const before = await reopen();
    await using subscription = await listener.subscribe(before, 'listener');
    await before.publish(eventsAt('user', 1, 5));
    await stands('listener', { user: 5 });
    await subscription[Symbol.asyncDispose]();
    await before[Symbol.asyncDispose]();
    await bus().publish(eventsAt('user', 6, 9));
    const after = await reopen();
    await using _again = await listener.subscribe(after, 'listener');
    await stands('listener', { user: 9 });
    expect(listener.positions()).toEqual(upTo(9));
  });

  test('gives a late durable everything that is kept', async () => {
    await bus().publish(eventsAt('user', 1, 20));
    const late = new Listener();
    await using _late = await late.subscribe(bus(), 'late');
    await late.hears(20);
    expect(late.positions()).toEqual(upTo(20));
  });

  test('takes nothing from what is published again', async () => {
    const events = eventsAt('user', 1, 4);
    const listener = new Listener();
    await using _listening = await listener.subscribe(bus(), 'listener');
    await bus().publish(events);
    await bus().publish([]);
    await stands('listener', { user: 4 });
    await Promise.all([bus().publish(events), bus().publish(events.slice(2)), (await reopen()).publish(events)]);
    await bus().publish([...events.slice(3), ...eventsAt('user', 5, 5)]);
    await stands('listener', { user: 5 });
    expect(listener.heard.slice(0, 4)).toEqual(events);
    expect(listener.positions()).toEqual(upTo(5));
  });

  test('gives a durable only the subjects that it asked for, and counts the others as read', async () => {
    const listener = new Listener();
    await using _listening = await listener.subscribe(bus(), 'listener', ['user.*', 'order.placed']);
    const types = ['user.created', 'order.placed', 'order.cancelled', 'user', 'user.name.changed', 'username.created'];
    await bus().publish(types.map((type, at) => eventAt('user', at + 1, type)));
    await stands('listener', { user: types.length });
    expect(listener.heard.map(({ event }) => event.type)).toEqual(['user.created', 'order.placed']);
  });
}

function describeFailure({ bus, reopen, stands }: Place): void {
  test('answers while it can be reached', async () => {
    await expect(bus().check()).resolves.toBeUndefined();
  });

  test('gives a batch again when it was not taken, and does not go on before', async () => {
    const listener = new Listener();
    let refusals = 0;
    listener.onBatch = (events) => {
      if (!events.some(({ position }) => position === 3) || refusals === 2) return Promise.resolve();
      refusals += 1;
      return Promise.reject(new Error('the ledger is away'));
    };
    await using _listening = await listener.subscribe(bus(), 'listener');
    await bus().publish(eventsAt('user', 1, 2));
    await listener.hears(2);
    await bus().publish(eventsAt('user', 3, 6));
    await stands('listener', { user: 6 });
    expect(refusals).toBe(2);
    expect(listener.positions()).toEqual(upTo(6));
  });

  test('moves a durable on only when its batch was taken', async () => {
    const listener = new Listener();
    const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    listener.onBatch = async () => {
      reached.resolve();
      await released.promise;
    };
    await using _listening = await listener.subscribe(bus(), 'listener');
    await bus().publish(eventsAt('user', 1, 2));
    await reached.promise;
    expect((await bus().position('listener'))['user'] ?? 0).toBe(0);
    released.resolve();
    await stands('listener', { user: 2 });
  });

  test('gives every event to one of two subscribers of a durable at least, so that a ledger has each once', async () => {
    const ledger = new Map<string, PositionedEvent>();
    const [here, there] = [new Listener(), new Listener()];
    const keep = async (events: readonly PositionedEvent[]): Promise<void> => {
      for (const event of events) ledger.set(event.event.id, event);
      await pause(1);
    };
    here.onBatch = keep;
    there.onBatch = keep;
    await using _here = await here.subscribe(bus(), 'shared');
    await using _there = await there.subscribe(await reopen(), 'shared');
    const events: PositionedEvent[] = [];
    for (let first = 1; first <= 600; first += 20) {
      const batch = eventsAt('user', first, first + 19);
      events.push(...batch);
      await bus().publish(batch);
    }
    await stands('shared', { user: 600 });
    await eventually(
      () => 'all in the ledger',
      () => ledger.size === 600,
    );
    expect([...ledger.values()].toSorted((a, b) => a.position - b.position)).toEqual(events);
  });
}

function describeSources({ bus, reopen, stands }: Place): void {
  test('keeps the order of each source, whatever another does', async () => {
    const listener = new Listener();
    await using _listening = await listener.subscribe(bus(), 'listener');
    const publishAll = async (source: string): Promise<void> => {
      for (let first = 1; first <= 90; first += 3) await bus().publish(eventsAt(source, first, first + 2));
    };
    await Promise.all(['user', 'order', 'inventory'].map(publishAll));
    await stands('listener', { user: 90, order: 90, inventory: 90 });
    for (const source of ['user', 'order', 'inventory']) expect(listener.positions(source)).toEqual(upTo(90));
  });

  test('keeps the order of each record with two workers on one durable, also when one of them goes', async () => {
    const heard = new Map<string, number[]>();
    const [here, there] = [new Listener(), new Listener()];
    const keep = async (events: readonly PositionedEvent[]): Promise<void> => {
      await pause(1);
      for (const { position, event } of events) {
        const before = heard.get(event.subject) ?? [];
        // What a ledger does with what it has already.
        if (!before.includes(position)) heard.set(event.subject, [...before, position]);
      }
    };
    here.onBatch = keep;
    there.onBatch = keep;
    const hereReading = await here.subscribe(bus(), 'shared');
    await using _there = await there.subscribe(await reopen(), 'shared');
    const records = 7;
    const ofRecord = (position: number): string => `record-${position % records}`;
    const publishUpTo = async (first: number, last: number): Promise<void> => {
      for (let from = first; from <= last; from += 10) {
        const batch = eventsAt('user', from, from + 9);
        await bus().publish(
          batch.map(({ position, event }) => ({ position, event: { ...event, subject: ofRecord(position) } })),
        );
      }
    };
    await publishUpTo(1, 200);
    await hereReading[Symbol.asyncDispose]();
    await publishUpTo(201, 400);
    await stands('shared', { user: 400 });
    expect(heard.size).toBe(records);
    for (const [record, positions] of heard) {
      expect(positions).toEqual(upTo(400).filter((position) => ofRecord(position) === record));
    }
  });

  test('tells how far a source has published', async () => {
    expect(await bus().published('user')).toBe(0);
    await bus().publish([...eventsAt('user', 1, 12), ...eventsAt('order', 1, 2)]);
    await bus().publish(eventsAt('user', 3, 5));
    expect(await bus().published('user')).toBe(12);
    expect(await bus().published('order')).toBe(2);
  });

  test('takes one batch of several sources', async () => {
    const listener = new Listener();
    await using _listening = await listener.subscribe(bus(), 'listener');
    await bus().publish([eventAt('user', 1), eventAt('order', 1), eventAt('user', 2), eventAt('order', 2)]);
    await stands('listener', { user: 2, order: 2 });
    expect([listener.positions('user'), listener.positions('order')]).toEqual([upTo(2), upTo(2)]);
  });
}
