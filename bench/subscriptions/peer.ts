import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** What is measured has a processor core of its own, and so has everything else; undefined where that cannot be had. */
export const CORES =
  availableParallelism() > 1 && spawnSync('taskset', ['--version']).error === undefined
    ? { measured: '0', others: '1' }
    : undefined;

interface PeerOptions {
  /** From the project's folder. */
  readonly file: string;
  readonly core: keyof NonNullable<typeof CORES>;
  readonly nodeOptions?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly call: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** What a process says of itself when it is ready: the ports at which it is spoken to. */
export interface Ports {
  /** Of its GraphQL server. */
  readonly port: number;
  /** Of {@link openPublisher}. */
  readonly publisher: number;
}

/** A process of the bench that does what it is called for. */
export class Peer implements AsyncDisposable {
  ports: Ports;
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
  #made = 0;

  private constructor(child: ChildProcess, ports: Ports) {
    this.#child = child;
    this.ports = ports;
    child.on('message', ({ call, result, error }: Answer) => {
      const waiting = this.#calls.get(call);
      this.#calls.delete(call);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(error));
    });
    child.once('close', () => {
      for (const { reject } of this.#calls.values()) reject(new Error(`${child.spawnfile} has ended`));
    });
  }

  /** Resolves when the process has said that it is ready. */
  static async start({ file, core, nodeOptions = [], environment = {} }: PeerOptions): Promise<Peer> {
    const [program, ...argv] = [
      ...(CORES === undefined ? [] : ['taskset', '-c', CORES[core]]),
      process.execPath,
      ...nodeOptions,
      file,
    ];
    const child = spawn(program, argv, {
      cwd: PROJECT,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    const ended = once(child, 'close').then(() => {
      throw new Error(`${file} has ended before it was ready`);
    });
    const [ports] = (await Promise.race([once(child, 'message'), ended])) as [Ports];
    // From now on whoever calls it is told.
    ended.catch(() => undefined);
    return new Peer(child, ports);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  call<Result>(name: string, given?: unknown): Promise<Result> {
    this.#made += 1;
    const call = Promise.withResolvers<unknown>();
    this.#calls.set(this.#made, call);
    this.#child.send({ call: this.#made, name, given });
    return call.promise as Promise<Result>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }
}

type Handlers = Readonly<Record<string, (given: never) => unknown>>;

/** In the process itself: does what it is called for, and ends with whoever has started it. */
export function answer(handlers: Handlers): void {
  process.on('message', ({ call, name, given }: { call: number; name: string; given: unknown }) => {
    const handler = handlers[name] as ((given: unknown) => unknown) | undefined;
    Promise.resolve(given)
      .then((argument) => handler?.(argument))
      .then(
        (result) => process.send?.({ call, result } satisfies Answer),
        (error: unknown) => process.send?.({ call, error: String(error) } satisfies Answer),
      );
  });
  process.once('disconnect', () => process.exit());
}

/** In the process itself: it is ready. */
export function ready(ports: Ports): void {
  process.send?.(ports);
}
