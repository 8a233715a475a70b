import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CloudEvent } from '#shared/cloud-event.ts';
import { isObservation, observationOf, roundsOf, stateUnder, type Observation } from './observation.ts';
import { PIPELINES } from './pipeline.ts';

const PIPELINE = PIPELINES.find(({ id }) => id === 'users-to-notification')!;
const DATA = { entity: 'USER', recordId: 'ada', target: 'notification', targetRevision: 7, targetVersion: 7 };
const EVENT: CloudEvent = {
  specversion: '1.0',
  id: '0190a000-0000-7000-8000-000000000000',
  source: 'notification',
  type: 'replica.applied',
  subject: 'ada',
  time: '2026-01-31T12:00:00.000Z',
  datacontenttype: 'application/json',
  data: DATA,
  revision: '7',
  ownerid: 'ada',
};
const saying = (data: unknown): CloudEvent => ({ ...EVENT, data });

describe('an observation', () => {
  test('is what the target itself tells of a copy, not what sync or anybody else tells', () => {
    expect(isObservation(PIPELINE, EVENT)).toBe(true);
    expect(isObservation(PIPELINE, { ...EVENT, source: 'sync' })).toBe(false);
    expect(isObservation(PIPELINE, { ...EVENT, type: 'replica.superseded' })).toBe(false);
  });

  test('says which revision of which record is held, and whose it is', () => {
    const observation = { recordId: 'ada', ownerId: 'ada', targetRevision: 7, event: EVENT };
    expect(observationOf(PIPELINE, EVENT)).toEqual(observation);
    const { ownerid: _, ...nobodys } = EVENT;
    expect(observationOf(PIPELINE, nobodys)).toMatchObject({ ownerId: null });
  });

  test.each([{ entity: 'ORDER' }, { target: 'oracle' }])('of another pipeline (%j) is none of this one', (other) => {
    expect(observationOf(PIPELINE, saying({ ...DATA, ...other }))).toBeUndefined();
  });

  test.each([
    null,
    'ada',
    { ...DATA, entity: 'STRANGER' },
    { ...DATA, recordId: '' },
    { ...DATA, recordId: undefined },
    { ...DATA, target: 1 },
    { ...DATA, targetRevision: '7' },
    { ...DATA, targetRevision: 0 },
    { ...DATA, targetRevision: 2 ** 53 },
  ])('that says %j is not understood', (data) => {
    expect(() => observationOf(PIPELINE, saying(data))).toThrow();
  });
});

test('an event waits for its own revision or a newer one, is applied with its own and superseded by a newer', () => {
  expect(stateUnder(3, 2)).toBe('PENDING');
  expect(stateUnder(3, 3)).toBe('APPLIED');
  expect(stateUnder(3, 4)).toBe('SUPERSEDED');
});

describe('rounds of observations', () => {
  const some = fc.array(fc.record({ recordId: fc.constantFrom('a', 'b', 'c'), targetRevision: fc.nat() }));
  const observed = (given: readonly { recordId: string; targetRevision: number }[]): Observation[] =>
    given.map((one) => ({ ...one, ownerId: null, event: EVENT }));

  test('have every observation once, one of a record at most, and those of a record in their order', () => {
    fc.assert(
      fc.property(some, (given) => {
        const observations = observed(given);
        const rounds = roundsOf(observations);
        for (const round of rounds) {
          expect(round).not.toHaveLength(0);
          expect(new Set(round.map(({ recordId }) => recordId)).size).toBe(round.length);
        }
        for (const id of ['a', 'b', 'c']) {
          const own = ({ recordId }: Observation): boolean => recordId === id;
          expect(rounds.flat().filter(own)).toEqual(observations.filter(own));
        }
        expect(rounds.flat()).toHaveLength(observations.length);
      }),
    );
  });
});
