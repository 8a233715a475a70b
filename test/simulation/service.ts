import { backoffMs } from '#shared/retry.ts';
import type { Process } from './scheduler.ts';
import { Store } from './store.ts';
import { Table } from './table.ts';
import { Gate, waitAt, type Task } from './task.ts';
import type { World } from './world.ts';

/** What one run of a worker did; a run that did anything is followed by another at once. */
type RunOnce = () => Task<number>;

/** Mirrors the loop of shared/worker.ts: a failure is waited out, an idle worker polls or is woken. */
function* workerLoop(world: World, woken: Gate, { runOnce, pollMs }: { runOnce: RunOnce; pollMs: number }): Task<void> {
  for (let failures = 0; ;) {
    try {
      const done = yield* runOnce();
      failures = 0;
      if (done > 0) continue;
    } catch (error) {
      world.expected(error);
      failures += 1;
      yield* waitAt(new Gate(), { ms: backoffMs({ firstMs: 100, longestMs: 5_000 }, failures) });
      continue;
    }
    yield* waitAt(woken, { ms: pollMs });
  }
}

/** A service: one database, and replicas that may all do the same work. */
export class Service {
  readonly world: World;
  readonly name: string;
  readonly store: Store;
  readonly replicas: Process[] = [];
  /** As the table `service_state`: no row stands for 0. */
  readonly state = new Table<number>('service_state');
  /** What runs on each replica from its start on, and what it forgets with its end. */
  readonly #boots: ((replica: Process) => void)[] = [];

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
    this.store = new Store(world, name);
  }

  onBoot(boot: (replica: Process) => void): void {
    this.#boots.push(boot);
  }

  /** A worker that every replica runs; answers with what wakes those of one replica. */
  worker(work: {
    readonly pollMs: number;
    readonly runOnce: (replica: Process) => Task<number>;
  }): (replica: Process) => void {
    const gates = new Map<Process, Gate>();
    this.onBoot((replica) => {
      const woken = new Gate();
      gates.set(replica, woken);
      const loop = workerLoop(this.world, woken, { pollMs: work.pollMs, runOnce: () => work.runOnce(replica) });
      this.world.scheduler.spawn(replica, loop);
    });
    return (replica) => gates.get(replica)?.open();
  }

  start(replicas: number): void {
    for (let number = 1; number <= replicas; number += 1) {
      const boot = (process: Process): void => this.#boots.forEach((each) => each(process));
      this.replicas.push(this.world.scheduler.process(`${this.name}-${number}`, boot));
    }
  }
}
