import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochOf, revisionOf } from '#shared/cloud-event.ts';
import {
  asSeenFrom,
  isHeld,
  RECORD_SYNC_STATES,
  shownVersions,
  unheardOf,
  type RecordSync,
  type RecordSyncState,
} from './record-sync.ts';

const RECORD = { entity: 'USER', recordId: 'ada', target: 'oracle' } as const;
const LATER = new Date('2026-01-31T12:00:00Z');

function known(state: RecordSyncState, sourceRevision: number, targetRevision: number | null): RecordSync {
  return { ...unheardOf(RECORD, 1), ownerId: 'ada', state, sourceRevision, targetRevision };
}

const versions = fc.integer({ min: 1, max: 6 });

/** What the store can hold: APPLIED means that the target holds the latest version, SUPERSEDED something newer, the others less. */
const records: fc.Arbitrary<RecordSync> = fc
  .record({
    state: fc.constantFrom(...RECORD_SYNC_STATES),
    sourceVersion: versions,
    /** Of the source, and of a target that is behind. */
    epochs: fc.constantFrom([0, 0], [1, 1], [1, 0], [2, 1]),
    distance: fc.integer({ min: 1, max: 6 }),
    attempts: fc.integer({ min: 0, max: 8 }),
    nextAttemptAt: fc.option(fc.constant(LATER)),
    lastError: fc.option(fc.constant('no answer')),
  })
  .map(({ distance, epochs: [epoch = 0, targetEpoch = 0], sourceVersion, ...record }) => {
    const sourceRevision = revisionOf(epoch, sourceVersion);
    // In the same epoch it lacks versions; in an older one it may have any.
    const lacking = sourceVersion > distance ? revisionOf(epoch, sourceVersion - distance) : null;
    const behind = targetEpoch < epoch ? revisionOf(targetEpoch, distance) : lacking;
    const targets = { APPLIED: sourceRevision, SUPERSEDED: sourceRevision + distance };
    const targetRevision = targets[record.state as keyof typeof targets] ?? behind;
    return { ...RECORD, ownerId: 'ada', ...record, sourceRevision, targetRevision };
  });

/** What who has seen a version has seen, there being no newer epoch than the record's. */
const seen = (version: number, { sourceRevision }: RecordSync): number => revisionOf(epochOf(sourceRevision), version);

describe('a record that sync has not heard of', () => {
  test('is pending in the version seen, and held nowhere', () => {
    expect(unheardOf(RECORD, 4)).toEqual({
      ...RECORD,
      ownerId: null,
      sourceRevision: 4,
      targetRevision: null,
      state: 'PENDING',
      attempts: 0,
      nextAttemptAt: null,
      lastError: null,
    });
  });

  test('looks the same to whoever has just seen that version', () => {
    fc.assert(
      fc.property(versions, (version) => {
        expect(asSeenFrom(version, unheardOf(RECORD, version))).toEqual(unheardOf(RECORD, version));
      }),
    );
  });
});

describe('what is said of a version that the asker has seen', () => {
  test('is never APPLIED unless the target holds it', () => {
    fc.assert(
      fc.property(versions, records, (version, record) => {
        const { state, targetRevision } = asSeenFrom(version, record);
        fc.pre(state === 'APPLIED');
        expect(targetRevision).not.toBeNull();
        expect(targetRevision).toBeGreaterThanOrEqual(seen(version, record));
      }),
    );
  });

  test('is APPLIED or SUPERSEDED when the target does hold it', () => {
    fc.assert(
      fc.property(versions, records, (version, record) => {
        fc.pre(record.targetRevision !== null && record.targetRevision >= seen(version, record));
        expect(['APPLIED', 'SUPERSEDED']).toContain(asSeenFrom(version, record).state);
      }),
    );
  });

  test('never speaks of an older source than the asker has seen, nor than sync knows', () => {
    fc.assert(
      fc.property(versions, records, (version, record) => {
        expect(asSeenFrom(version, record).sourceRevision).toBe(Math.max(seen(version, record), record.sourceRevision));
      }),
    );
  });

  test('never says that the target holds what it does not', () => {
    fc.assert(
      fc.property(versions, records, (version, record) => {
        expect(asSeenFrom(version, record).targetRevision).toBe(record.targetRevision);
      }),
    );
  });

  test('does not change when it is asked again', () => {
    fc.assert(
      fc.property(versions, records, (version, record) => {
        const said = asSeenFrom(version, record);
        expect(asSeenFrom(version, said)).toEqual(said);
      }),
    );
  });
});

describe('the arrows that asking decides', () => {
  test('APPLIED → PENDING: a newer version was seen than was received', () => {
    expect(asSeenFrom(3, known('APPLIED', 2, 2))).toEqual(known('PENDING', 3, 2));
  });

  test('SUPERSEDED → PENDING: a newer version was seen than the target holds', () => {
    expect(asSeenFrom(6, known('SUPERSEDED', 2, 5))).toEqual(known('PENDING', 6, 5));
  });

  test('SUPERSEDED stays while the target holds something newer than was seen', () => {
    expect(asSeenFrom(2, known('SUPERSEDED', 2, 5))).toEqual(known('SUPERSEDED', 2, 5));
    expect(asSeenFrom(4, known('SUPERSEDED', 2, 5))).toEqual(known('SUPERSEDED', 4, 5));
  });

  test('SUPERSEDED → APPLIED: the source has caught up with what the target holds', () => {
    expect(asSeenFrom(5, known('SUPERSEDED', 2, 5))).toEqual(known('APPLIED', 5, 5));
  });

  test.each(['PENDING', 'IN_FLIGHT', 'RETRYING', 'DEAD_LETTERED', 'DISCARDED'] as const)(
    '%s stays for the version that is on its way',
    (state) => {
      expect(asSeenFrom(3, known(state, 3, 2))).toEqual(known(state, 3, 2));
    },
  );

  test.each(['PENDING', 'IN_FLIGHT', 'RETRYING', 'DEAD_LETTERED', 'DISCARDED'] as const)(
    '%s is APPLIED to who has seen only a version that the target holds',
    (state) => {
      expect(asSeenFrom(2, known(state, 3, 2))).toEqual(known('APPLIED', 3, 2));
    },
  );

  test('the attempts of an older version do not count for a newer one', () => {
    const retrying = { ...known('RETRYING', 3, 2), attempts: 4, nextAttemptAt: LATER, lastError: 'no answer' };
    expect(asSeenFrom(4, retrying)).toMatchObject({ state: 'PENDING', attempts: 0, nextAttemptAt: null });
  });
});

describe('a record of a source that was restored', () => {
  const restored = known('PENDING', revisionOf(1, 2), revisionOf(0, 7));

  test('is not held by a target that has a higher version of an epoch before', () => {
    expect(asSeenFrom(2, restored)).toEqual(restored);
    expect(asSeenFrom(3, restored)).toMatchObject({ state: 'PENDING', sourceRevision: revisionOf(1, 3) });
    expect([1, 2, 7].map((version) => isHeld(version, restored))).toEqual([false, false, false]);
  });

  test('is held when the target has it in its new epoch', () => {
    const held = known('APPLIED', revisionOf(1, 2), revisionOf(1, 2));
    expect(asSeenFrom(2, held)).toEqual(held);
    expect(asSeenFrom(3, held)).toMatchObject({ state: 'PENDING' });
    expect([1, 2, 3].map((version) => isHeld(version, held))).toEqual([true, true, false]);
  });

  test('is of the new epoch also when only the target has told of it', () => {
    const ahead = known('SUPERSEDED', revisionOf(0, 7), revisionOf(1, 2));
    expect(asSeenFrom(2, ahead)).toMatchObject({ state: 'APPLIED', sourceRevision: revisionOf(1, 2) });
    expect(asSeenFrom(3, ahead)).toMatchObject({ state: 'PENDING', sourceRevision: revisionOf(1, 3) });
    expect(asSeenFrom(1, ahead)).toMatchObject({ state: 'SUPERSEDED' });
  });

  test('is shown by its versions', () => {
    expect(shownVersions(restored)).toEqual({ sourceVersion: 2, targetVersion: 7 });
    expect(shownVersions(unheardOf(RECORD, 4))).toEqual({ sourceVersion: 4, targetVersion: null });
  });
});
