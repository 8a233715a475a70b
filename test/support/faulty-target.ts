import type { Replica } from '#sync/domain/replica.ts';
import type { SyncEntity } from '#sync/domain/record-sync.ts';
import type { ApplyResult, SyncTarget } from '#sync/store/targets/target.ts';

/** A real target that fails when it is told to, and remembers what it was asked. */
export class FaultyTarget implements SyncTarget {
  readonly name: string;
  /** It cannot be reached. */
  down = false;
  /** It does what it is asked, and its answer is lost. */
  mute = false;
  /** Ids of records that it will not take. */
  readonly refused = new Set<string>();
  /** Called after the real target has answered, before the caller hears of it. */
  beforeAnswer: () => Promise<void> = () => Promise.resolve();
  /** How often it was asked, also in vain. */
  calls = 0;
  /** Every revision that a record was seen to be held in, one after the other. */
  readonly held = new Map<string, number[]>();
  readonly #real: SyncTarget;

  constructor(real: SyncTarget) {
    this.name = real.name;
    this.#real = real;
  }

  async apply(entity: SyncEntity, replicas: readonly Replica[]): Promise<ApplyResult[]> {
    this.calls += 1;
    if (this.down) throw new Error('connection refused');
    const taken = replicas.filter(({ id }) => !this.refused.has(id));
    const results = await this.#real.apply(entity, taken);
    for (const result of results) {
      if ('targetRevision' in result) this.held.set(result.id, [...this.#heldOf(result.id), result.targetRevision]);
    }
    await this.beforeAnswer();
    if (this.mute) throw new Error('connection reset');
    const refusals = replicas
      .filter(({ id }) => this.refused.has(id))
      .map(({ id }) => ({ id, error: 'will not take it' }));
    return [...results, ...refusals];
  }

  #heldOf(id: string): readonly number[] {
    return this.held.get(id) ?? [];
  }

  async check(): Promise<void> {
    if (this.down) throw new Error('connection refused');
    await this.#real.check();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#real[Symbol.asyncDispose]();
  }
}
