import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { revisionOf } from '#shared/cloud-event.ts';
import { recordSyncChange, recordSyncFromSnapshot } from './record-events.ts';
import { RECORD_SYNC_STATES, unheardOf, type RecordSync } from './record-sync.ts';

const AT = new Date('2026-01-31T12:00:00Z');
const OUTCOMES = ['APPLIED', 'SUPERSEDED', 'RETRYING', 'DEAD_LETTERED', 'DISCARDED'] as const;
const RECORD: RecordSync = {
  ...unheardOf({ entity: 'USER', recordId: 'ada', target: 'oracle' }, 5),
  ownerId: 'ada',
  attempts: 1,
};

describe('an event of a record at a target', () => {
  test.each([
    ['APPLIED', 'replica.applied'],
    ['SUPERSEDED', 'replica.superseded'],
    ['RETRYING', 'replica.retrying'],
    ['DEAD_LETTERED', 'replica.dead-lettered'],
    ['DISCARDED', 'replica.discarded'],
  ] as const)('tells %s as %s, of the record, its owner and its version', (outcome, type) => {
    expect(recordSyncChange(RECORD, outcome, AT)).toMatchObject({
      type,
      subject: 'ada',
      ownerId: 'ada',
      version: 5,
      occurredAt: AT,
    });
  });

  test('tells what was applied of the version that was, also when a newer one has come meanwhile', () => {
    const change = recordSyncChange({ ...RECORD, targetRevision: 4, state: 'PENDING' }, 'APPLIED', AT);
    expect(change).toMatchObject({ version: 4, data: { state: 'APPLIED', sourceVersion: 4, targetVersion: 4 } });
  });

  test('tells of a restored record the version it has in its epoch, and both revisions', () => {
    const restored = { ...RECORD, sourceRevision: revisionOf(1, 2), targetRevision: revisionOf(0, 7) };
    expect(recordSyncChange(restored, 'SUPERSEDED', AT)).toMatchObject({
      version: 2,
      data: { sourceVersion: 2, targetVersion: 7, sourceRevision: 2 ** 32 + 2, targetRevision: 7 },
    });
  });

  test('names no owner when the record has none', () => {
    expect(recordSyncChange({ ...RECORD, ownerId: null }, 'APPLIED', AT)).not.toHaveProperty('ownerId');
  });

  test('tells of retrying once, and of everything else however often it was tried', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 100 }), fc.constantFrom(...OUTCOMES), (attempts, outcome) => {
        const told = recordSyncChange({ ...RECORD, attempts }, outcome, AT) !== undefined;
        expect(told).toBe(outcome !== 'RETRYING');
      }),
    );
  });

  test('read back, over the wire, is the record it told', () => {
    const records = fc.record({
      entity: fc.constant('USER' as const),
      recordId: fc.uuid(),
      target: fc.string(),
      ownerId: fc.option(fc.uuid()),
      sourceRevision: fc.maxSafeNat(),
      targetRevision: fc.option(fc.maxSafeNat()),
      state: fc.constantFrom(...RECORD_SYNC_STATES),
      attempts: fc.nat(),
      nextAttemptAt: fc.option(fc.date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true })),
      lastError: fc.option(fc.string()),
    });
    fc.assert(
      fc.property(records, (record) => {
        const wire: unknown = JSON.parse(JSON.stringify(recordSyncChange(record, 'DEAD_LETTERED', AT)?.data));
        expect(recordSyncFromSnapshot(wire)).toEqual(record);
      }),
    );
  });
});
