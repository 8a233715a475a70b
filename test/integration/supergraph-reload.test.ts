import { EventEmitter, on } from 'node:events';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { QueryPlanner } from '@apollo/query-planner';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startService } from '#scripts/start/service-process.ts';
import { TestClient } from '../support/client.ts';
import { serveForeign, supergraphOf, type ForeignSubgraph, type ServedSubgraph } from '../support/foreign-subgraphs.ts';
import { freePort } from '../support/free-port.ts';
import { projectRoot } from '../support/planted-tree.ts';
import { actUntil, until } from '../support/poll.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import {
  lonelyGateway,
  openReplacedSupergraph,
  outcomeCount,
  type ReplacedSupergraph,
} from '../support/replaced-supergraph.ts';
import { run } from '../support/run.ts';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])`;
const printed = new EventEmitter();
/** What `slow` waits for. */
let asked = Promise.withResolvers<void>();
let allowed = Promise.withResolvers<void>();

const library: ForeignSubgraph = {
  name: 'library',
  schema: `${LINK}
    type Query { book: Book slow: Book }
    type Subscription { bookPrinted: Book! }
    type Book @key(fields: "id") { id: ID! title: String! pages: Int! }`,
  resolvers: {
    Query: {
      book: () => ({ id: '1', title: 'A book', pages: 7 }),
      slow: async () => {
        asked.resolve();
        await allowed.promise;
        return { id: '1', title: 'A slow book', pages: 7 };
      },
    },
    Subscription: { bookPrinted: { subscribe: () => on(printed, 'book'), resolve: ([event]: unknown[]) => event } },
  },
};
const reviews: ForeignSubgraph = {
  name: 'reviews',
  schema: `${LINK}
    type Query { best: String }
    type Book @key(fields: "id") { id: ID! stars: Int }`,
  resolvers: { Query: { best: () => 'this' }, Book: { stars: () => 5 } },
};

const PAGES = '{ book { title pages } }';
const SLOW = '{ slow { title stars } }';
const opened = new AsyncDisposableStack();
let served: { library: ServedSubgraph; reviews: ServedSubgraph };
let supergraphs: Record<'whole' | 'withoutPages' | 'withoutReviews' | 'moved' | 'withoutLibrary', string>;
/** The reviews at an address that no other number has. */
let movedTo: (at: number) => string;

beforeAll(async () => {
  served = { library: opened.use(await serveForeign(library)), reviews: opened.use(await serveForeign(reviews)) };
  const withPages = { ...library, url: served.library.url };
  const lesser = { ...withPages, schema: library.schema.replace('pages: Int!', '') };
  const stars = { ...reviews, url: served.reviews.url };
  supergraphs = {
    whole: supergraphOf([withPages, stars]),
    withoutPages: supergraphOf([lesser, stars]),
    withoutReviews: supergraphOf([withPages]),
    moved: supergraphOf([withPages, { ...stars, url: stars.url.replace('127.0.0.1', 'localhost') }]),
    withoutLibrary: supergraphOf([stars]),
  };
  movedTo = (at) => supergraphOf([withPages, { ...stars, url: `${stars.url}?at=${at}` }]);
});
afterAll(() => opened.disposeAsync());

let gateway: ReplacedSupergraph;
let client: TestClient;
beforeEach(async () => {
  asked = Promise.withResolvers<void>();
  allowed = Promise.withResolvers<void>();
  gateway = await openReplacedSupergraph(supergraphs.withoutPages);
  ({ client } = gateway);
});
afterEach(async () => {
  allowed.resolve();
  vi.restoreAllMocks();
  await gateway[Symbol.asyncDispose]();
});

const codesOf = async (query: string): Promise<(string | undefined)[] | undefined> =>
  (await client.send(query)).errors?.map(({ extensions }) => extensions?.code);
const refused = ['GRAPHQL_VALIDATION_FAILED'];

describe('without a restart', () => {
  test('a field that is new is served, and one that is gone is not', async () => {
    expect(await codesOf(PAGES)).toEqual(refused);
    await gateway.replace(supergraphs.whole, 1);
    expect(await client.ask(PAGES)).toEqual({ book: { title: 'A book', pages: 7 } });
    await gateway.replace(supergraphs.withoutPages, 2);
    expect(await codesOf(PAGES)).toEqual(refused);
  });

  test('an open socket serves it too, and a stream that was there goes on', async () => {
    await using stream = client.subscribe('subscription { bookPrinted { title } }');
    const print = (): Promise<boolean> => Promise.resolve(printed.emit('book', { id: '1', title: 'New' }));
    const told = { data: { bookPrinted: { title: 'New' } } };
    expect(await actUntil(stream.next(), print)).toEqual(told);
    await using raw = await openRawSocket(client.url);
    raw.send({ type: 'connection_init' });
    await raw.next();
    await gateway.replace(supergraphs.whole, 1);
    raw.send({ type: 'subscribe', id: '1', payload: { query: PAGES } });
    expect(await raw.next()).toEqual({
      type: 'next',
      id: '1',
      payload: { data: { book: { title: 'A book', pages: 7 } } },
    });
    expect(await actUntil(stream.next(), print)).toEqual(told);
  });

  test('a stream whose subgraph is gone ends with a word about it', async () => {
    await using stream = client.subscribe('subscription { bookPrinted { title } }');
    const print = (): Promise<boolean> => Promise.resolve(printed.emit('book', { id: '1', title: 'New' }));
    await actUntil(stream.next(), print);
    await gateway.replace(supergraphs.withoutLibrary, 1);
    const end = async (): Promise<never> => {
      for (;;) await stream.next();
    };
    await expect(end()).rejects.toThrow(/SUPERGRAPH_REPLACED/);
  });

  test('health is that of the subgraphs that are there', async () => {
    await gateway.replace(supergraphs.withoutReviews, 1);
    expect(Object.keys((await gateway.health()).checks)).toEqual(['library', 'supergraph']);
    await gateway.replace(supergraphs.whole, 2);
    expect(Object.keys((await gateway.health()).checks)).toEqual(['library', 'reviews', 'supergraph']);
  });

  test('what was asked before is not planned while its client waits', async () => {
    await gateway.replace(supergraphs.whole, 1);
    await client.ask(PAGES);
    await client.ask('{ best book { stars } }');
    await gateway.replace(supergraphs.moved, 2);
    const planner = vi.spyOn(QueryPlanner.prototype, 'buildQueryPlan');
    await client.ask(PAGES);
    expect(await client.ask('{ best book { stars } }')).toEqual({ best: 'this', book: { stars: 5 } });
    expect(planner).not.toHaveBeenCalled();
    await client.ask('{ best }');
    expect(planner).toHaveBeenCalledOnce();
  });
});

describe('what is under way', () => {
  /** Those that others have opened, who ask for a subgraph's health, may be there still. */
  let connections: number;
  beforeEach(async () => {
    connections = await served.reviews.connections();
  });
  const areLeft = async (more: number): Promise<boolean> => (await served.reviews.connections()) <= connections + more;

  test('ends as it began, also at a subgraph that is gone by then', async () => {
    const asking = client.ask(SLOW);
    await asked.promise;
    await gateway.replace(supergraphs.withoutReviews, 1);
    expect(await codesOf(SLOW)).toEqual(refused);
    allowed.resolve();
    expect(await asking).toEqual({ slow: { title: 'A slow book', stars: 5 } });
    await until(() => areLeft(0));
  });

  test('is not disturbed by one replacement after the other', async () => {
    let isOver = false;
    const asking = async (): Promise<number> => {
      for (let answers = 0; ; answers += 1) {
        if (isOver) return answers;
        expect(await client.ask('{ best book { title stars } }')).toEqual({
          best: 'this',
          book: { title: 'A book', stars: 5 },
        });
      }
    };
    const clients = Promise.all([asking(), asking(), asking()]);
    for (let at = 1; at <= 10; at += 1) {
      await gateway.replace(at % 2 === 1 ? supergraphs.moved : supergraphs.withoutPages, at);
    }
    isOver = true;
    for (const answers of await clients) expect(answers).toBeGreaterThan(0);
  });

  test('leaves no connection behind after a dozen replacements', async () => {
    for (let at = 1; at <= 12; at += 1) {
      await gateway.replace(movedTo(at), at);
      await client.ask('{ best }');
    }
    await until(() => areLeft(1));
    await gateway.replace(supergraphs.withoutReviews, 13);
    await until(() => areLeft(0));
  });
});

describe('a file that is no supergraph', () => {
  test('degrades the gateway, which serves on, until a good one comes', async () => {
    await gateway.write('type Query { nothing: Int }');
    await until(async () => (await gateway.count('refused')) === 1);
    const { status, checks } = await gateway.health();
    expect({ status, check: checks['supergraph'] }).toMatchObject({
      status: 'degraded',
      check: { status: 'down', error: expect.stringContaining('refused') },
    });
    expect((await fetch(`${client.url}/health/ready`)).status).toBe(200);
    expect(await client.ask('{ best }')).toEqual({ best: 'this' });
    await gateway.replace(supergraphs.whole, 1);
    expect((await gateway.health()).checks['supergraph']).toMatchObject({ status: 'ok' });
    expect(await client.ask(PAGES)).toEqual({ book: { title: 'A book', pages: 7 } });
  });
});

describe('without being asked to look, the gateway sees', () => {
  const isNew = async (): Promise<boolean> => (await client.send(PAGES)).errors === undefined;

  test('a file that takes the place of another', async () => {
    await gateway.write(supergraphs.whole);
    await until(isNew);
  });

  test('a file that is written in place', async () => {
    await writeFile(gateway.file, supergraphs.whole);
    await until(isNew);
  });

  test('a mounted config map that changes, again and again', async () => {
    const place = async (name: string, sdl: string): Promise<void> => {
      await mkdir(join(gateway.folder, name));
      await writeFile(join(gateway.folder, name, 'supergraph.graphql'), sdl);
      await symlink(name, join(gateway.folder, '..data_tmp'));
      await rename(join(gateway.folder, '..data_tmp'), join(gateway.folder, '..data'));
    };
    await place('..1', supergraphs.whole);
    await symlink(join('..data', 'supergraph.graphql'), join(gateway.folder, 'link'));
    await rename(join(gateway.folder, 'link'), gateway.file);
    await until(isNew);
    await place('..2', supergraphs.withoutPages);
    await rm(join(gateway.folder, '..1'), { recursive: true });
    await until(async () => !(await isNew()));
    await place('..3', supergraphs.whole);
    await rm(join(gateway.folder, '..2'), { recursive: true });
    await until(isNew);
  });
});

describe('a process of its own', () => {
  const environment = (port: number): Record<string, string> => {
    const { SERVICE_PRIVATE_KEY, SERVICE_PUBLIC_KEYS, JWKS_URL } = lonelyGateway('');
    return {
      PORT: String(port),
      LOG_LEVEL: 'fatal',
      SERVICE_PRIVATE_KEY: JSON.stringify(SERVICE_PRIVATE_KEY),
      SERVICE_PUBLIC_KEYS: JSON.stringify(SERVICE_PUBLIC_KEYS),
      JWKS_URL,
      SUPERGRAPH_FILE: gateway.file,
    };
  };

  test('looks at SIGHUP, and lives on', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const child = startService({
      entry: join(projectRoot, 'gateway/main.ts'),
      environment: environment(port),
      onLine: () => undefined,
    });
    try {
      await child.ready;
      for (const times of [1, 2]) {
        process.kill(child.pid!, 'SIGHUP');
        await until(async () => (await outcomeCount(url, 'unchanged')) === times);
      }
      expect(await new TestClient(url).ask('{ best }')).toEqual({ best: 'this' });
    } finally {
      child.drain();
      await child.ended;
    }
    expect(await child.ended).toMatchObject({ how: 'with exit code 0' });
  });

  test('ends by itself when its gateway is closed: nothing watches the file any more', async () => {
    const program = `
      const { readGatewayConfig } = await import('#gateway/config.ts');
      const { startGateway } = await import('#gateway/main.ts');
      const gateway = await startGateway(readGatewayConfig());
      gateway.reload();
      await gateway[Symbol.asyncDispose]();
      console.log('closed');
      setTimeout(() => process.exit(9), 45_000).unref();`;
    const ran = await run(process.execPath, ['--input-type=module', '--eval', program], {
      folder: projectRoot,
      environment: environment(0),
    });
    expect(ran).toMatchObject({ status: 0, output: expect.stringContaining('closed') });
  });
});
