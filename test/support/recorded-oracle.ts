import type { OracleDriver } from '#sync/store/targets/oracle-target.ts';

interface BatchError {
  readonly offset: number;
  readonly message: string;
}

/**
 * A stand-in for the driver of Oracle, the only one of its kind here, since no Oracle can be had to test with: it notes what is called, and
 * answers as version 26.0 of the driver does in thin mode. It keeps no rows: whatever has been merged without an error is read back.
 */
export class RecordedOracle {
  readonly calls: string[] = [];
  poolAttributes: unknown;
  /** What every call of a kind fails with: `connect`, or the first words of a statement. */
  readonly failures = new Map<string, Error>();
  /** The errors of the next batches, one list for each. Of these the driver tells offset and message, but not `errorNum`. */
  readonly batchErrors: (readonly BatchError[])[] = [];
  readonly #held = new Map<string, number>();

  readonly driver = {
    createPool: (attributes: unknown) => {
      this.poolAttributes = attributes;
      return Promise.resolve({ getConnection: () => this.#connect(), close: () => this.#note('close the pool') });
    },
  } as unknown as OracleDriver;

  async #connect(): Promise<unknown> {
    await this.#fail('connect');
    return {
      callTimeout: 0,
      execute: (text: string, ids: readonly string[] = []) => this.#execute(text, ids),
      executeMany: (_: string, rows: readonly (readonly [string, number])[]) => this.#executeMany(rows),
      commit: () => this.#note('commit'),
      rollback: () => this.#note('rollback'),
      close: (options?: { drop: boolean }) => this.#note(options?.drop === true ? 'close and drop' : 'close'),
    };
  }

  async #execute(text: string, ids: readonly string[]): Promise<unknown> {
    const kind = text.startsWith('CREATE') ? 'CREATE TABLE' : 'SELECT';
    await this.#note(kind);
    await this.#fail(kind);
    return { rows: ids.flatMap((id) => (this.#held.has(id) ? [[id, this.#held.get(id)]] : [])) };
  }

  async #executeMany(rows: readonly (readonly [string, number])[]): Promise<unknown> {
    await this.#note(`MERGE ${rows.map(([id]) => id).join(' ')}`);
    await this.#fail('MERGE');
    const errors = this.batchErrors.shift() ?? [];
    for (const [at, [id, revision]] of rows.entries())
      if (errors.every(({ offset }) => offset !== at)) this.#held.set(id, revision);
    return { batchErrors: errors.map(({ offset, message }) => Object.assign(new Error(message), { offset })) };
  }

  #note(call: string): Promise<void> {
    this.calls.push(call);
    return Promise.resolve();
  }

  #fail(kind: string): Promise<void> {
    const failure = this.failures.get(kind);
    return failure === undefined ? Promise.resolve() : Promise.reject(failure);
  }
}
