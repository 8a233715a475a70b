import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { revisionOf } from '#shared/cloud-event.ts';
import { replicaOf, type Column, type Replica } from '#sync/domain/replica.ts';
import type { SyncTarget } from '#sync/store/targets/target.ts';
import { userEvent, type UserEvent } from './events.ts';

/** A real target that a test may fill. */
export interface TargetStorage extends AsyncDisposable {
  /** Opens the target; again after closing it, as a restart does. */
  open(): Promise<SyncTarget>;
  /** A user's row as another reader of the target sees it. */
  read(id: string): Promise<Readonly<Record<string, Column>> | undefined>;
}

const user = (event: Omit<UserEvent, 'position'>): Replica =>
  replicaOf('USER', userEvent({ position: 1, ...event }).event);

/** What every target must do, as the port `SyncTarget` promises it. */
export function describeTargetContract(name: string, newStorage: () => Promise<TargetStorage>): void {
  describe(`${name} as a target`, () => {
    let opened: AsyncDisposableStack;
    let storage: TargetStorage;
    let target: SyncTarget;
    beforeEach(async () => {
      opened = new AsyncDisposableStack();
      storage = opened.use(await newStorage());
      target = await storage.open();
      opened.defer(() => target[Symbol.asyncDispose]());
    });
    afterEach(() => opened.disposeAsync());

    const apply = (...replicas: Replica[]): ReturnType<SyncTarget['apply']> => target.apply('USER', replicas);
    const lastName = async (id: string): Promise<Column | undefined> => (await storage.read(id))?.['last_name'];

    test('writes a record in all its columns', async () => {
      const replica = user({
        id: randomUUID(),
        version: 1,
        data: { mobile: '+4915112345678', firstName: "O'Neil 🐙" },
      });
      expect(await apply(replica)).toEqual([{ id: replica.id, targetRevision: 1 }]);
      const { id, revision, columns } = replica;
      expect(await storage.read(id)).toEqual({ id, revision, ...columns });
    });

    test('takes a higher revision, also of a higher epoch with a lower version', async () => {
      const id = randomUUID();
      await apply(user({ id, version: 1 }));
      expect(await apply(user({ id, version: 7 }))).toEqual([{ id, targetRevision: 7 }]);
      const restored = revisionOf(1, 2);
      expect(await apply(user({ id, version: 2, epoch: 1 }))).toEqual([{ id, targetRevision: restored }]);
      expect(await lastName(id)).toBe('Lovelace 2');
      expect(await apply(user({ id, version: 8 }))).toEqual([{ id, targetRevision: restored }]);
      expect(await lastName(id)).toBe('Lovelace 2');
    });

    test.each([
      { which: 'a lower', version: 4 },
      { which: 'an equal', version: 5 },
    ])('changes nothing for $which revision, and says what it holds', async ({ version }) => {
      const id = randomUUID();
      await apply(user({ id, version: 5 }));
      const late = user({ id, version, data: { lastName: 'late' } });
      expect(await apply(late)).toEqual([{ id, targetRevision: 5 }]);
      expect(await lastName(id)).toBe('Lovelace 5');
    });

    test('answers for each record of a batch, and for an empty one', async () => {
      const [fresh, stale, newer] = [randomUUID(), randomUUID(), randomUUID()];
      await apply(user({ id: stale, version: 9 }), user({ id: newer, version: 1 }));
      const results = await apply(
        user({ id: fresh, version: 3 }),
        user({ id: stale, version: 8 }),
        user({ id: newer, version: 2 }),
      );
      const held = new Map(results.map((result) => [result.id, result]));
      expect(results).toHaveLength(3);
      expect([fresh, stale, newer].map((id) => held.get(id))).toEqual([
        { id: fresh, targetRevision: 3 },
        { id: stale, targetRevision: 9 },
        { id: newer, targetRevision: 2 },
      ]);
      expect(await apply()).toEqual([]);
    });

    test('takes records whose e-mails change places, in any order', async () => {
      const [a, b] = [randomUUID(), randomUUID()];
      await apply(
        user({ id: a, version: 1, data: { email: 'a@x' } }),
        user({ id: b, version: 1, data: { email: 'b@x' } }),
      );
      await apply(user({ id: a, version: 2, data: { email: 'b@x' } }));
      await apply(user({ id: b, version: 2, data: { email: 'a@x' } }));
      expect([(await storage.read(a))?.['email'], (await storage.read(b))?.['email']]).toEqual(['b@x', 'a@x']);
    });

    test.each([
      { what: 'a text where a number belongs', data: { version: 'seven' } },
      { what: 'an object', data: { lastName: { first: 'Ada' } } },
      { what: 'a list', data: { lastName: ['Ada'] } },
    ])('refuses $what, and takes the rest of the batch', async ({ data }) => {
      const [before, bad, after] = [randomUUID(), randomUUID(), randomUUID()];
      const results = await apply(
        user({ id: before, version: 1 }),
        user({ id: bad, version: 1, data }),
        user({ id: after, version: 1 }),
      );
      const held = new Map(results.map((result) => [result.id, result]));
      expect(held.get(bad)).toEqual({ id: bad, error: expect.stringMatching(/./) });
      expect([held.get(before), held.get(after)]).toEqual([before, after].map((id) => ({ id, targetRevision: 1 })));
      expect([await lastName(before), await lastName(after)]).toEqual(['Lovelace 1', 'Lovelace 1']);
      expect(await storage.read(bad)).toBeUndefined();
      expect(await apply(user({ id: bad, version: 2 })), 'once it is mended').toEqual([{ id: bad, targetRevision: 2 }]);
    });

    test('goes forward only, however many write at once and in whatever order', async () => {
      const id = randomUUID();
      const another = await storage.open();
      try {
        const versions = Array.from({ length: 40 }, (_, at) => ((at * 17) % 40) + 1);
        await Promise.all(
          versions.map((version, at) => (at % 2 === 0 ? target : another).apply('USER', [user({ id, version })])),
        );
      } finally {
        await another[Symbol.asyncDispose]();
      }
      expect(await storage.read(id)).toMatchObject({ revision: 40, last_name: 'Lovelace 40' });
    });

    test('keeps what it has said that it holds', async () => {
      const id = randomUUID();
      await apply(user({ id, version: 3 }));
      await target[Symbol.asyncDispose]();
      target = await storage.open();
      expect(await apply(user({ id, version: 2 }))).toEqual([{ id, targetRevision: 3 }]);
      expect(await lastName(id)).toBe('Lovelace 3');
    });

    test('says that it can be reached while it is open', async () => {
      await expect(target.check()).resolves.toBeUndefined();
    });
  });
}
