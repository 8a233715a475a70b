import type { GraphQLDataSource } from '@apollo/gateway';
import type { GraphQLSchema } from 'graphql';
import type { Log } from '#shared/log.ts';
import { pause } from '#shared/retry.ts';
import type { Serving } from '../subscriptions/engine.ts';
import type { Upstream } from '../subscriptions/upstream.ts';
import type { Subgraph, Supergraph } from '../supergraph/supergraph.ts';
import { Executor } from './executor.ts';

/** The ways to one subgraph. */
export interface SubgraphConnection extends AsyncDisposable {
  readonly source: GraphQLDataSource;
  readonly upstream: Upstream;
}

/** Called when another one serves. Its promise settles when the listener does not need the one before any more. */
type ReplacedListener = (next: Serving) => void | Promise<void>;

interface SupergraphsInUseOptions {
  readonly connect: (subgraph: Subgraph) => SubgraphConnection;
  readonly log: Log;
  readonly retireWithinMs?: number;
}

interface Generation {
  readonly serving: Serving;
  readonly connections: ReadonlyMap<string, SubgraphConnection>;
  /** Aborts when nobody may use it any more. */
  readonly over: AbortController;
}

/** Longer than an operation takes, even one that waits for several subgraphs in a row. */
const RETIRE_WITHIN_MS = 60_000;
/** Each is some megabytes. So many are alive only when operations hang while the supergraph changes again and again. */
const MOST_ALIVE = 8;

/**
 * The supergraph that serves, and those before it for as long as somebody uses them. What two of them have in common, a subgraph with the
 * same name and address, has one connection.
 */
export class SupergraphsInUse implements AsyncDisposable {
  readonly #options: SupergraphsInUseOptions;
  /** The oldest first. */
  readonly #alive = new Set<Generation>();
  readonly #bySchema = new WeakMap<GraphQLSchema, Generation>();
  readonly #listeners = new Set<ReplacedListener>();
  readonly #retiring = new Set<Promise<void>>();
  #current: Generation;
  #isClosing = false;

  constructor(first: Supergraph, options: SupergraphsInUseOptions) {
    this.#options = options;
    this.#current = this.#open(first);
  }

  get current(): Serving {
    return this.#current.serving;
  }

  /** The one whose schema this is, if it may still be used. */
  of(schema: GraphQLSchema): Serving | undefined {
    const found = this.#bySchema.get(schema);
    return found !== undefined && this.#alive.has(found) ? found.serving : undefined;
  }

  /** Serves this one from now on. Operations under way end on the one they began with. */
  replace(supergraph: Supergraph): void {
    const before = this.#current;
    this.#current = this.#open(supergraph);
    const released = [...this.#listeners].map((listener) => this.#tell(listener));
    const retiring = this.#retire(before, released).finally(() => this.#retiring.delete(retiring));
    this.#retiring.add(retiring);
    const [oldest] = this.#alive;
    if (this.#alive.size > MOST_ALIVE) oldest?.over.abort();
  }

  /** Gives what ends the listening. */
  onReplaced(listener: ReplacedListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Closes everything at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    this.#listeners.clear();
    for (const { over } of this.#alive) over.abort();
    await Promise.all([...this.#retiring, this.#retire(this.#current, [])]);
  }

  #open(supergraph: Supergraph): Generation {
    const perSubgraph = supergraph.subgraphs.map((subgraph) => {
      const key = JSON.stringify([subgraph.name, subgraph.url]);
      return { name: subgraph.name, key, connection: this.#known(key) ?? this.#options.connect(subgraph) };
    });
    const sources = Object.fromEntries(perSubgraph.map(({ name, connection }) => [name, connection.source]));
    const upstreams = Object.fromEntries(perSubgraph.map(({ name, connection }) => [name, connection.upstream]));
    const generation = {
      serving: { supergraph, executor: new Executor(supergraph, sources), upstreams },
      connections: new Map(perSubgraph.map(({ key, connection }) => [key, connection])),
      over: new AbortController(),
    };
    this.#alive.add(generation);
    this.#bySchema.set(supergraph.documents.schema, generation);
    return generation;
  }

  #known(key: string): SubgraphConnection | undefined {
    for (const { connections } of this.#alive) {
      const connection = connections.get(key);
      if (connection !== undefined) return connection;
    }
    return undefined;
  }

  async #tell(listener: ReplacedListener): Promise<void> {
    try {
      await listener(this.current);
    } catch (error) {
      this.#options.log.error({ err: error }, 'fault of who was told of another supergraph');
    }
  }

  async #retire(generation: Generation, released: readonly Promise<void>[]): Promise<void> {
    const { over, serving } = generation;
    const { executor, supergraph } = serving;
    const late = pause(this.#options.retireWithinMs ?? RETIRE_WITHIN_MS, over.signal).then(() => over.abort());
    await Promise.race([Promise.all(released), late]);
    while (executor.isBusy && !over.signal.aborted) await Promise.race([executor.rest(), late]);
    const isUsed = over.signal.aborted && !this.#isClosing;
    if (isUsed)
      this.#options.log.warn({ id: supergraph.id }, 'a supergraph that was replaced is closed while it is used');
    over.abort();
    await this.#close(generation);
  }

  async #close(generation: Generation): Promise<void> {
    this.#alive.delete(generation);
    const alone = [...generation.connections].filter(([key]) => this.#known(key) === undefined);
    const closed = await Promise.allSettled(alone.map(([, connection]) => connection[Symbol.asyncDispose]()));
    for (const each of closed) {
      if (each.status === 'rejected')
        this.#options.log.error({ err: each.reason as unknown }, 'a subgraph’s connection was not closed');
    }
  }
}
