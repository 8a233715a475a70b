import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PIPELINES, statusOf, type PipelineProgress, type PipelineStatus } from './pipeline.ts';

const NOW = new Date('2026-01-31T12:00:00Z');
const FIVE_MINUTES_MS = 5 * 60_000;
const HEALTHY: PipelineProgress = {
  applied: 10,
  superseded: 1,
  deadLettered: 0,
  discarded: 3,
  lastError: null,
  failingSince: null,
  lastSyncedAt: NOW,
};

const failingFor = (ms: number): PipelineProgress => ({
  ...HEALTHY,
  lastError: 'no answer',
  failingSince: new Date(NOW.getTime() - ms),
});

const DRIVEN = PIPELINES.find(({ driven }) => driven)!;
const OBSERVED = PIPELINES.find(({ driven }) => !driven)!;
const drivenStatus = (progress: PipelineProgress, sourceAnswers: boolean): PipelineStatus =>
  statusOf(DRIVEN, progress, { sourceAnswers, waitingSince: null, now: NOW });

describe('a pipeline', () => {
  test('runs when source and target answer and no dead letter waits', () => {
    expect(drivenStatus(HEALTHY, true)).toBe('RUNNING');
  });

  test('runs before it has applied anything', () => {
    expect(drivenStatus({ ...HEALTHY, applied: 0, superseded: 0, lastSyncedAt: null }, true)).toBe('RUNNING');
  });

  test.each([
    ['its target has just failed', failingFor(0), true],
    ['its target has failed for five minutes', failingFor(FIVE_MINUTES_MS), true],
    ['a dead letter waits', { ...HEALTHY, deadLettered: 1 }, true],
    ['its source does not answer', HEALTHY, false],
  ])('is degraded when %s', (_, progress, sourceAnswers) => {
    expect(drivenStatus(progress, sourceAnswers)).toBe('DEGRADED');
  });

  test('has failed after more than five minutes without a success, whatever else is so', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: FIVE_MINUTES_MS + 1, max: 2 ** 40 }),
        fc.nat(),
        fc.boolean(),
        (ms, deadLettered, answers) => {
          expect(drivenStatus({ ...failingFor(ms), deadLettered }, answers)).toBe('FAILED');
        },
      ),
    );
  });

  test('is named once, since its name is that of its durable and its ledger', () => {
    expect(PIPELINES).not.toHaveLength(0);
    expect(new Set(PIPELINES.map(({ id }) => id)).size).toBe(PIPELINES.length);
  });
});

describe('an observed pipeline', () => {
  const SECOND_MS = 1_000;
  const before = (ms: number): Date => new Date(NOW.getTime() - ms);
  type Given = [waitingSince: Date | null, lastSyncedAt: Date | null, sourceAnswers?: boolean];
  interface Case {
    readonly when: string;
    readonly facts: Given;
  }
  const observedStatus = (...[waitingSince, lastSyncedAt, sourceAnswers = true]: Given): PipelineStatus =>
    statusOf(OBSERVED, { ...HEALTHY, lastSyncedAt }, { sourceAnswers, waitingSince, now: NOW });

  test('runs while nothing waits, however long ago something was taken', () => {
    expect(observedStatus(null, null)).toBe('RUNNING');
    expect(observedStatus(null, before(FIVE_MINUTES_MS + 1))).toBe('RUNNING');
  });

  test('runs while what waits has not waited for more than ten seconds', () => {
    expect(observedStatus(before(10 * SECOND_MS), null)).toBe('RUNNING');
    expect(observedStatus(before(10 * SECOND_MS), before(FIVE_MINUTES_MS + 1))).toBe('RUNNING');
  });

  test.each<Case>([
    { when: 'something has waited for more than ten seconds', facts: [before(10 * SECOND_MS + 1), null] },
    { when: 'something has waited for five minutes', facts: [before(FIVE_MINUTES_MS), null] },
    { when: 'one waits for an hour while others are taken', facts: [before(12 * FIVE_MINUTES_MS), before(1)] },
    { when: 'its source does not answer', facts: [null, NOW, false] },
  ])('is degraded when $when', ({ facts }) => {
    expect(observedStatus(...facts)).toBe('DEGRADED');
  });

  test('has failed when its target has been silent for more than five minutes while something waited', () => {
    const long = before(FIVE_MINUTES_MS + 1);
    expect(observedStatus(long, null)).toBe('FAILED');
    expect(observedStatus(long, long)).toBe('FAILED');
    expect(observedStatus(long, before(12 * FIVE_MINUTES_MS), false)).toBe('FAILED');
    expect(observedStatus(long, before(FIVE_MINUTES_MS))).toBe('DEGRADED');
  });
});
