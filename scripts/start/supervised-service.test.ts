import { expect, test } from 'vitest';
import type { ServiceEnding, ServiceProcess } from './service-process.ts';
import { superviseService } from './supervised-service.ts';

/** One run of a service that does what the test tells it to. */
interface Run {
  sayReady(): void;
  end(ending: ServiceEnding): void;
  drained: boolean;
}

const CRASH: ServiceEnding = { kind: 'crashed', how: 'with exit code 1' };
const REFUSAL: ServiceEnding = { kind: 'refused', sentence: 'PORT is not set' };

/** A supervised service, its runs so far, and what was told of it. */
function supervised() {
  const runs: Run[] = [];
  const told: string[] = [];
  let onStart = Promise.withResolvers<void>();
  const service = superviseService(
    (): ServiceProcess => {
      const ready = Promise.withResolvers<void>();
      const ended = Promise.withResolvers<ServiceEnding>();
      const run: Run = { sayReady: ready.resolve, end: ended.resolve, drained: false };
      runs.push(run);
      onStart.resolve();
      onStart = Promise.withResolvers<void>();
      const drain = (): void => {
        run.drained = true;
        ended.resolve({ kind: 'crashed', how: 'with exit code 0' });
      };
      return { pid: 1, ready: ready.promise, ended: ended.promise, drain, kill: drain };
    },
    { onReady: () => told.push('ready'), onCrash: (how) => told.push(how) },
  );
  return { service, runs, told, nextStart: () => onStart.promise };
}

test('starting → ready when it says so', async () => {
  const { service, runs, told } = supervised();
  runs[0]?.sayReady();
  await service.ready;
  expect(told).toEqual(['ready']);
  await service.stop();
});

test('starting → waiting → starting when it crashes before it is ready', async () => {
  const { service, runs, told, nextStart } = supervised();
  const again = nextStart();
  runs[0]?.end(CRASH);
  await again;
  runs[1]?.sayReady();
  await service.ready;
  expect(told).toEqual(['with exit code 1', 'ready']);
  await service.stop();
});

test('ready → waiting → starting when it crashes later', async () => {
  const { service, runs, told, nextStart } = supervised();
  runs[0]?.sayReady();
  await service.ready;
  const again = nextStart();
  runs[0]?.end(CRASH);
  await again;
  expect(told).toEqual(['ready', 'with exit code 1']);
  expect(runs).toHaveLength(2);
  await service.stop();
});

test('starting → refused, and it is not started again', async () => {
  const { service, runs, told } = supervised();
  runs[0]?.end(REFUSAL);
  expect(await service.refused).toBe('PORT is not set');
  await service.stop();
  expect(runs).toHaveLength(1);
  expect(told).toEqual([]);
});

test('ready → refused', async () => {
  const { service, runs } = supervised();
  runs[0]?.sayReady();
  await service.ready;
  runs[0]?.end(REFUSAL);
  expect(await service.refused).toBe('PORT is not set');
});

test.for(['starting', 'ready'])('%s → stopped drains it, and its end is no crash', async (state) => {
  const { service, runs, told } = supervised();
  if (state === 'ready') {
    runs[0]?.sayReady();
    await service.ready;
  }
  await service.stop();
  await service.stop();
  expect(runs.map(({ drained }) => drained)).toEqual([true]);
  expect(told).toEqual(state === 'ready' ? ['ready'] : []);
});

test('waiting → stopped starts nothing any more', async () => {
  const { service, runs, told } = supervised();
  runs[0]?.end(CRASH);
  await expect.poll(() => told).toEqual(['with exit code 1']);
  await service.stop();
  expect(runs).toHaveLength(1);
});
