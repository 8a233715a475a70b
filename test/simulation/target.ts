import type { Replica } from '#sync/domain/replica.ts';
import type { SyncEntity } from '#sync/domain/record-sync.ts';
import type { ApplyResult } from '#sync/store/targets/target.ts';
import type { Process } from './scheduler.ts';
import { pauseFor, type Task } from './task.ts';
import type { World } from './world.ts';

/** The embedded system of record behind a network: one transaction for a batch (store/targets/sqlite-target.ts). */
export class Target {
  readonly process: Process;
  readonly rows = new Map<string, Replica>();
  /** Records that it will not take. */
  readonly poisoned = new Set<string>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    this.process = world.scheduler.process('oracle');
  }

  /** Mirrors INSERT … ON CONFLICT (id) DO UPDATE … WHERE excluded.revision > revision. */
  *apply(entity: SyncEntity, replicas: readonly Replica[]): Task<ApplyResult[]> {
    yield* pauseFor(
      this.#world.faults.between(0, 3),
      `writes ${replicas.map(({ id, revision }) => `${id} ${revision}`).join(', ')}`,
    );
    return replicas.map((replica) => this.#write(`${entity}/${replica.id}`, replica));
  }

  #write(key: string, replica: Replica): ApplyResult {
    const { id, revision } = replica;
    if (this.poisoned.has(id)) return { id, error: 'the target will not take it' };
    const held = this.rows.get(key)?.revision ?? -1;
    if (revision <= held && !this.#world.has('no-revision-guard')) return { id, targetRevision: held };
    this.#world.claim(revision >= held, 'a copy never goes back', () => `${key} from ${held} to ${revision}`);
    this.rows.set(key, replica);
    return { id, targetRevision: revision };
  }
}
