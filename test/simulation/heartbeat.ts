import type { Process } from './scheduler.ts';
import { Gate, pauseFor, waitAt, type Task } from './task.ts';
import type { World } from './world.ts';

interface Heartbeat {
  readonly everyMs: number;
  readonly forMs?: number;
  readonly beat: () => Task<unknown>;
}

/** Mirrors `withHeartbeat` of shared/heartbeat.ts: beats go on at the same process while the work does, and a beat that fails is followed by others. */
export function* withHeartbeat<T>(
  { world, process }: { readonly world: World; readonly process: Process },
  work: Task<T>,
  { everyMs, forMs = Infinity, beat }: Heartbeat,
): Task<T> {
  const stuckAt = world.now + forMs;
  const rest = new Gate();
  let [isOver, isBeating] = [false, false];
  function* beats(): Task<void> {
    for (;;) {
      yield* pauseFor(everyMs);
      if (isOver || world.now > stuckAt) return;
      isBeating = true;
      try {
        yield* beat();
      } catch (error) {
        world.expected(error);
      }
      isBeating = false;
      rest.open();
    }
  }
  world.scheduler.spawn(process, beats());
  try {
    return yield* work;
  } finally {
    isOver = true;
    while (isBeating) yield* waitAt(rest);
  }
}
