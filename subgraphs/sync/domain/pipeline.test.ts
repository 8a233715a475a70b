import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PIPELINES, pipelineStatus, type PipelineProgress } from './pipeline.ts';

const NOW = new Date('2026-01-31T12:00:00Z');
const FIVE_MINUTES_MS = 5 * 60_000;
const HEALTHY: PipelineProgress = {
  applied: 10,
  superseded: 1,
  deadLettered: 0,
  lastError: null,
  failingSince: null,
  lastSyncedAt: NOW,
};

const failingFor = (ms: number): PipelineProgress => ({
  ...HEALTHY,
  lastError: 'no answer',
  failingSince: new Date(NOW.getTime() - ms),
});

describe('a pipeline', () => {
  test('runs when source and target answer and no dead letter waits', () => {
    expect(pipelineStatus(HEALTHY, true, NOW)).toBe('RUNNING');
  });

  test('runs before it has applied anything', () => {
    expect(pipelineStatus({ ...HEALTHY, applied: 0, superseded: 0, lastSyncedAt: null }, true, NOW)).toBe('RUNNING');
  });

  test.each([
    ['its target has just failed', failingFor(0), true],
    ['its target has failed for five minutes', failingFor(FIVE_MINUTES_MS), true],
    ['a dead letter waits', { ...HEALTHY, deadLettered: 1 }, true],
    ['its source does not answer', HEALTHY, false],
  ])('is degraded when %s', (_, progress, sourceAnswers) => {
    expect(pipelineStatus(progress, sourceAnswers, NOW)).toBe('DEGRADED');
  });

  test('has failed after more than five minutes without a success, whatever else is so', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: FIVE_MINUTES_MS + 1, max: 2 ** 40 }),
        fc.nat(),
        fc.boolean(),
        (ms, deadLettered, answers) => {
          expect(pipelineStatus({ ...failingFor(ms), deadLettered }, answers, NOW)).toBe('FAILED');
        },
      ),
    );
  });

  test('is named once, since its name is that of its durable and its ledger', () => {
    expect(PIPELINES).not.toHaveLength(0);
    expect(new Set(PIPELINES.map(({ id }) => id)).size).toBe(PIPELINES.length);
  });
});
