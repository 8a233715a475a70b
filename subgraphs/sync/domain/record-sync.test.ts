import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asSeenFrom, RECORD_SYNC_STATES, unheardOf, type RecordSync, type RecordSyncState } from './record-sync.ts';

const RECORD = { entity: 'USER', recordId: 'ada', target: 'oracle' } as const;
const LATER = new Date('2026-01-31T12:00:00Z');

function known(state: RecordSyncState, sourceVersion: number, targetVersion: number | null): RecordSync {
  return { ...unheardOf(RECORD, sourceVersion), ownerId: 'ada', state, targetVersion };
}

const versions = fc.integer({ min: 1, max: 6 });

/** What the store can hold: APPLIED means that the target holds the latest version, SUPERSEDED something newer, the others less. */
const records: fc.Arbitrary<RecordSync> = fc
  .record({
    state: fc.constantFrom(...RECORD_SYNC_STATES),
    sourceVersion: versions,
    distance: fc.integer({ min: 1, max: 6 }),
    attempts: fc.integer({ min: 0, max: 8 }),
    nextAttemptAt: fc.option(fc.constant(LATER)),
    lastError: fc.option(fc.constant('no answer')),
  })
  .map(({ distance, ...record }) => {
    const behind = record.sourceVersion > distance ? record.sourceVersion - distance : null;
    const targets = { APPLIED: record.sourceVersion, SUPERSEDED: record.sourceVersion + distance };
    const targetVersion = targets[record.state as keyof typeof targets] ?? behind;
    return { ...RECORD, ownerId: 'ada', ...record, targetVersion };
  });

describe('a record that sync has not heard of', () => {
  test('is pending in the version seen, and held nowhere', () => {
    expect(unheardOf(RECORD, 4)).toEqual({
      ...RECORD,
      ownerId: null,
      sourceVersion: 4,
      targetVersion: null,
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
        const { state, targetVersion } = asSeenFrom(version, record);
        fc.pre(state === 'APPLIED');
        expect(targetVersion).not.toBeNull();
        expect(targetVersion).toBeGreaterThanOrEqual(version);
      }),
    );
  });

  test('is APPLIED or SUPERSEDED when the target does hold it', () => {
    fc.assert(
      fc.property(versions, records, (version, record) => {
        fc.pre(record.targetVersion !== null && record.targetVersion >= version);
        expect(['APPLIED', 'SUPERSEDED']).toContain(asSeenFrom(version, record).state);
      }),
    );
  });

  test('never speaks of an older source than the asker has seen, nor than sync knows', () => {
    fc.assert(
      fc.property(versions, records, (version, record) => {
        expect(asSeenFrom(version, record).sourceVersion).toBe(Math.max(version, record.sourceVersion));
      }),
    );
  });

  test('never says that the target holds what it does not', () => {
    fc.assert(
      fc.property(versions, records, (version, record) => {
        expect(asSeenFrom(version, record).targetVersion).toBe(record.targetVersion);
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

  test.each(['PENDING', 'IN_FLIGHT', 'RETRYING', 'DEAD_LETTERED'] as const)(
    '%s stays for the version that is on its way',
    (state) => {
      expect(asSeenFrom(3, known(state, 3, 2))).toEqual(known(state, 3, 2));
    },
  );

  test.each(['PENDING', 'IN_FLIGHT', 'RETRYING', 'DEAD_LETTERED'] as const)(
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
