import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { buildSupergraph } from '#gateway/supergraph/supergraph.ts';
import type { RequestContext } from '#shared/graphql/context.ts';
import { openEngine, signedIn, type TestEngine, type TestSubscription } from '../support/engine.ts';
import { cursorOf } from '../support/log-subgraph.ts';
import { until } from '../support/poll.ts';
import { contextOf } from '../support/request-context.ts';
import { newRandom, seededRandom } from '../support/seeded-random.ts';

const STEPS = 200;
/** SEED=… runs the same ones again. */
const SEEDS = 3;
const OPERATIONS = ['number', 'number remark', 'number reader owner'].flatMap((fields) =>
  [false, true].map((own) => `subscription ($after: String) { told(after: $after, own: ${own}) { ${fields} } }`),
);

type Event = { readonly number: number; readonly reader?: string; readonly owner?: string | null };

/** A client that comes again behind its cursor whenever its stream has ended, and keeps what it was told. */
class SteadyClient {
  readonly told: Event[] = [];
  readonly query: string;
  readonly context: RequestContext;
  readonly name: string | undefined;
  /** Everything behind this number is to be told. */
  from: number | undefined;
  #current: TestSubscription;
  readonly #system: TestEngine;
  #read = 0;

  constructor(system: TestEngine, given: { query: string; name: string | undefined; from: number | undefined }) {
    this.#system = system;
    this.query = given.query;
    this.name = given.name;
    this.from = given.from;
    this.context = given.name === undefined ? contextOf() : signedIn(given.name);
    this.#current = this.#subscribe(given.from === undefined ? undefined : cursorOf(given.from));
  }

  get own(): boolean {
    return this.query.includes('own: true');
  }

  #subscribe(after: string | undefined): TestSubscription {
    this.#read = 0;
    const { query, context } = this;
    return this.#system.subscribe(query, { context, checkpoints: true, variables: { after } });
  }

  slow(takes: boolean): void {
    this.#current.sink.takes = takes;
    if (takes) this.#current.subscription.drained();
  }

  leave(): void {
    this.#current.subscription.leave();
  }

  /** Takes in what has come since, and comes again if the stream has ended. */
  look(): void {
    const { sink } = this.#current;
    let cursor: unknown;
    for (const { data, extensions } of sink.results.slice(this.#read)) {
      cursor = extensions?.['cursor'];
      this.from ??= Number(String(cursor).slice('entry-'.length)) - (data == null ? 0 : 1);
      if (data != null) this.told.push((data as { told: Event }).told);
    }
    this.#read = sink.results.length;
    const [end] = sink.ends;
    if (end === undefined) return;
    const last = end.errors[0]?.extensions['cursor'];
    const stands = sink.deliveries.at(-1)?.cursor ?? (this.from === undefined ? undefined : last);
    if (!['lost', 'replaced', 'slow'].includes(end.reason) || last !== stands) {
      throw new Error(`a client that stands at ${String(stands)} was told ${JSON.stringify(end)}`);
    }
    this.#current = this.#subscribe(last as string | undefined);
  }
}

async function storm(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const upTo = (count: number): number => Math.floor(random() * count);
  await using system = await openEngine({ replacedWithinMs: 20 });
  const owners: (string | undefined)[] = [];
  const names = ['ada', 'bob', undefined];
  const clients: SteadyClient[] = [];
  const moved = system.sdl.replaceAll(system.log.url, `${system.log.url}?moved`);
  const supergraphs = [system.sdl, system.sdl, moved].map((sdl) => buildSupergraph(sdl, {}));
  let generation = 0;
  const tell = (count: number): void => {
    for (let at = 0; at < count; at += 1) {
      const owner = names[upTo(3)];
      owners.push(owner);
      system.log.tell(1, owner === undefined ? {} : { owner });
    }
  };
  const someone = (): SteadyClient | undefined => clients[upTo(clients.length)];
  for (let step = 0; step < STEPS; step += 1) {
    const what = random();
    if (what < 0.4) tell(1 + upTo(10));
    else if (what < 0.6) {
      const query = OPERATIONS[upTo(OPERATIONS.length)]!;
      const from = random() < 0.5 ? undefined : upTo(owners.length + 1);
      clients.push(new SteadyClient(system, { query, name: names[upTo(3)], from }));
    } else if (what < 0.65 && clients.length > 5) {
      clients.splice(upTo(clients.length), 1)[0]?.leave();
    } else if (what < 0.8) someone()?.slow(random() < 0.5);
    else if (what < 0.83) {
      await system.log.kill();
      tell(upTo(5));
      await system.log.start();
    } else if (what < 0.86) {
      generation += 1;
      void system.engine.replace({ ...system.serving, supergraph: supergraphs[generation % 3]! });
    } else for (let turns = upTo(20); turns > 0; turns -= 1) await setImmediate();
    for (const client of clients) client.look();
  }
  await settle(clients, { tell, owners });
}

/** Everybody reads again; then each has been told everything behind where it began, once and in its turn. */
async function settle(
  clients: readonly SteadyClient[],
  { tell, owners }: { tell: (count: number) => void; owners: readonly (string | undefined)[] },
): Promise<void> {
  const expected = ({ own, name, from }: SteadyClient): number[] =>
    owners.flatMap((owner, at) => (at + 1 > from! && (!own || owner === name) ? [at + 1] : []));
  await until(() => {
    for (const client of clients) {
      client.slow(true);
      client.look();
    }
    return clients.every(({ from }) => from !== undefined);
  });
  tell(20);
  await until(() => {
    for (const client of clients) {
      client.slow(true);
      client.look();
    }
    return clients.every((client) => client.told.length >= expected(client).length);
  });
  for (const client of clients) {
    expect(client.told.map(({ number }) => number)).toEqual(expected(client));
    for (const { reader } of client.told) if (reader !== undefined) expect(reader).toBe(client.name ?? 'nobody');
    if (client.own)
      for (const { owner } of client.told)
        expect(owner ?? undefined).toBe(owner === undefined ? undefined : client.name);
  }
}

describe('whatever clients, subgraphs and supergraphs do', () => {
  const random = newRandom('subscription storm');
  const seeds = Array.from({ length: SEEDS }, () => Math.floor(random() * 2 ** 31));

  test.each(seeds)('everybody is told everything behind where they began, once and in its turn (seed %d)', (seed) =>
    storm(seed),
  );
});
