import { expect, test } from 'vitest';
import { recordedLog } from '#test/support/recorded-log.ts';
import { until } from '#test/support/poll.ts';
import { startWorker, type Counts } from './worker.ts';

const HOUR_MS = 3_600_000;
const { log } = recordedLog();

test('a worker runs again at once while there is work, and rests when there is none', async () => {
  const work = [3, 2, 1, 0];
  let runs = 0;
  await using _worker = startWorker({
    name: 'busy',
    pollMs: HOUR_MS,
    log,
    runOnce: () => {
      runs += 1;
      return Promise.resolve({ done: work.shift() ?? 0 });
    },
  });
  await until(() => work.length === 0);
  await settled();
  expect(runs).toBe(4);
});

test('a worker that did any of several things runs again', async () => {
  const counts: Counts[] = [
    { keys: 0, events: 2 },
    { keys: 1, events: 0 },
  ];
  await using _worker = startWorker({
    name: 'sweeper',
    pollMs: HOUR_MS,
    log,
    runOnce: () => Promise.resolve(counts.shift() ?? {}),
  });
  await until(() => counts.length === 0);
});

test('a worker without work runs again after its poll', async () => {
  let runs = 0;
  await using _worker = startWorker({
    name: 'poller',
    pollMs: 5,
    log,
    runOnce: () => {
      runs += 1;
      return Promise.resolve({ done: 0 });
    },
  });
  await until(() => runs >= 3);
});

test('a wake shortens the poll', async () => {
  let runs = 0;
  await using worker = startWorker({
    name: 'sleeper',
    pollMs: HOUR_MS,
    log,
    runOnce: () => {
      runs += 1;
      return Promise.resolve({ done: 0 });
    },
  });
  await until(() => runs === 1);
  await settled();
  worker.wake();
  await until(() => runs === 2);
});

test('a wake that comes during a run is not lost', async () => {
  let runs = 0;
  const running = Promise.withResolvers<void>();
  await using worker = startWorker({
    name: 'running',
    pollMs: HOUR_MS,
    log,
    runOnce: async () => {
      runs += 1;
      if (runs === 1) await running.promise;
      return { done: 0 };
    },
  });
  worker.wake();
  running.resolve();
  await until(() => runs === 2);
});

test('a worker that fails is logged with its name and its failures in a row, and tries again', async () => {
  const { log: failures, lines } = recordedLog();
  let runs = 0;
  await using _worker = startWorker({
    name: 'unlucky',
    pollMs: HOUR_MS,
    log: failures,
    runOnce: () => {
      runs += 1;
      return runs < 3 ? Promise.reject(new Error(`failure ${runs}`)) : Promise.resolve({ done: 0 });
    },
  });
  await until(() => runs === 3);
  expect(lines).toMatchObject([
    { level: 40, worker: 'unlucky', failures: 1, err: { message: 'failure 1' } },
    { level: 40, worker: 'unlucky', failures: 2, err: { message: 'failure 2' } },
  ]);
});

test('a worker that fails waits longer each time, and from the start again after a success', async () => {
  const { log: failures, lines } = recordedLog();
  const at: number[] = [];
  await using _worker = startWorker({
    name: 'unlucky',
    pollMs: 1,
    log: failures,
    runOnce: () => {
      at.push(performance.now());
      return at.length === 3 ? Promise.resolve({ done: 1 }) : Promise.reject(new Error('no'));
    },
  });
  await until(() => at.length >= 5);
  expect(lines.slice(0, 3).map(({ failures: count }) => count)).toEqual([1, 2, 1]);
  // Equal jitter: the first wait has 50–100 ms, the second 100–200 ms.
  expect(at[1]! - at[0]!).toBeGreaterThan(45);
  expect(at[2]! - at[1]!).toBeGreaterThan(95);
});

test('stop waits for the run under way, tells it to hurry, and may be called twice', async () => {
  const started = Promise.withResolvers<AbortSignal>();
  const running = Promise.withResolvers<void>();
  let finished = false;
  const worker = startWorker({
    name: 'slow',
    pollMs: HOUR_MS,
    log,
    runOnce: async (signal) => {
      started.resolve(signal);
      await running.promise;
      finished = true;
      return { done: 1 };
    },
  });
  const signal = await started.promise;
  const finishedAtStop = [worker.stop(), worker.stop()].map((stopped) => stopped.then(() => finished));
  expect(signal.aborted).toBe(true);
  await settled();
  running.resolve();
  expect(await Promise.all(finishedAtStop)).toEqual([true, true]);
  await worker.stop();
});

test('a stopped worker does not run again, though there was more work or somebody wakes it', async () => {
  let runs = 0;
  const worker = startWorker({
    name: 'stopped',
    pollMs: 1,
    log,
    runOnce: async () => {
      runs += 1;
      await settled();
      return { done: 1 };
    },
  });
  await until(() => runs > 0);
  await worker.stop();
  const before = runs;
  worker.wake();
  await settled();
  expect(runs).toBe(before);
});

test('a worker stops at once while it rests after a failure, and what fails by stopping is not logged', async () => {
  const { log: failures, lines } = recordedLog();
  const worker = startWorker({
    name: 'interrupted',
    pollMs: HOUR_MS,
    log: failures,
    runOnce: (signal) => {
      const { promise, reject } = Promise.withResolvers<Counts>();
      signal.addEventListener('abort', () => reject(new Error('interrupted')));
      return promise;
    },
  });
  await worker.stop();
  expect(lines).toEqual([]);
});

/** Lets everything that is already on its way happen. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    const { promise, resolve } = Promise.withResolvers<void>();
    setImmediate(resolve);
    await promise;
  }
}
