import { EventEmitter, on } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGateway } from '#gateway/main.ts';
import { TestClient } from '../support/client.ts';
import { serveForeign, supergraphOf, type ForeignSubgraph } from '../support/foreign-subgraphs.ts';
import { newKeys } from '../support/keys.ts';
import { projectRoot } from '../support/planted-tree.ts';
import { actUntil, until } from '../support/poll.ts';
import { RawAnswer } from '../support/raw-http.ts';
import { gatewayConfig } from '../support/gateway-defaults.ts';
import { trackedFiles } from '../support/tidy.ts';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@shareable", "@interfaceObject"])`;

interface Book {
  readonly __typename: 'Book';
  readonly id: string;
  readonly title: string;
  readonly grams: number;
}
const book = (id: string, grams: number): Book => ({ __typename: 'Book', id, title: `Book ${id}`, grams });
const BOOKS = [book('1', 200), book('2', 1_500), book('3', 400)];
const FILM = { __typename: 'Film', id: 'f1', title: 'A film', minutes: 90 };
const printed = new EventEmitter();
const gifts: string[] = [];

const library: ForeignSubgraph = {
  name: 'library',
  schema: `${LINK}
    type Query { books: [Book!]! book(id: ID!): Book media: [Medium!]! find(ids: [ID!]!, long: Boolean = true): [Book]! }
    type Mutation { give(id: ID!): Book }
    type Subscription { bookPrinted(atLeast: Int! = 0): Book! printing: Medium! }
    interface Medium { id: ID! title: String! }
    type Book implements Medium @key(fields: "id") { id: ID! title: String! grams: Int! shelf: Shelf! }
    type Film implements Medium @key(fields: "id") { id: ID! title: String! minutes: Int! }
    type Shelf @shareable { name: String! }`,
  resolvers: {
    Query: {
      books: () => BOOKS,
      book: (_: unknown, { id }: { id: string }) => BOOKS.find((each) => each.id === id) ?? null,
      media: () => [BOOKS[0], FILM],
      find: (_: unknown, { ids }: { ids: string[] }) => ids.map((id) => BOOKS.find((each) => each.id === id) ?? null),
    },
    Mutation: {
      give: (_: unknown, { id }: { id: string }) => {
        gifts.push(`library ${id}`);
        return BOOKS.find((each) => each.id === id);
      },
    },
    Subscription: {
      bookPrinted: {
        subscribe: async function* books(_: unknown, { atLeast }: { atLeast: number }) {
          for await (const [printedNow] of on(printed, 'book') as AsyncIterable<[Book]>)
            if (printedNow.grams >= atLeast) yield printedNow;
        },
        resolve: (event: Book) => event,
      },
      printing: { subscribe: () => on(printed, 'book'), resolve: ([event]: [Book]) => event },
    },
    Book: {
      __resolveReference: ({ id }: { id: string }) => BOOKS.find((each) => each.id === id),
      shelf: ({ id }: Book) => ({ name: `S${id}` }),
    },
    Film: { __resolveReference: () => FILM },
  },
};

const reviews: ForeignSubgraph = {
  name: 'reviews',
  schema: `${LINK}
    type Query { best: [Subject!]! }
    type Mutation { review(id: ID!, stars: Int!): Review }
    type Book @key(fields: "id") {
      id: ID! grams: Int! @external postage: Int! @requires(fields: "grams") reviews(least: Int = 0): [Review!]
    }
    type Film @key(fields: "id") { id: ID! reviews: [Review!] }
    union Subject = Book | Film
    type Review { stars: Int! of: Subject! }`,
  resolvers: {
    Query: {
      best: () => [
        { __typename: 'Film', id: 'f1' },
        { __typename: 'Book', id: '2' },
      ],
    },
    Mutation: {
      review: (_: unknown, { id, stars }: { id: string; stars: number }) => {
        gifts.push(`reviews ${id}`);
        return { stars, of: { __typename: 'Book', id } };
      },
    },
    Book: {
      postage: ({ grams }: Book) => grams * 2,
      reviews: ({ id }: Book, { least }: { least: number }) => {
        if (id === '2') throw new Error('the reviews of book 2 are lost');
        return [1, 5].filter((stars) => stars >= least).map((stars) => ({ stars, of: { __typename: 'Book', id } }));
      },
    },
    Film: { reviews: () => [{ stars: 4, of: { __typename: 'Film', id: 'f1' } }] },
  },
};

describe('any supergraph runs on the gateway', () => {
  const opened = new AsyncDisposableStack();
  let client: TestClient;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-test-foreign-'));
    opened.defer(() => rm(folder, { recursive: true, force: true }));
    const served = [];
    for (const subgraph of [library, reviews]) {
      const { url } = opened.use(await serveForeign(subgraph));
      served.push({ ...subgraph, url });
    }
    const SUPERGRAPH_FILE = join(folder, 'supergraph.graphql');
    await writeFile(SUPERGRAPH_FILE, supergraphOf(served));
    const gateway = opened.use(await startGateway(gatewayConfig(newKeys(), { SUPERGRAPH_FILE })));
    client = new TestClient(gateway.url);
  });
  afterAll(() => opened.disposeAsync());

  test('a query joins two subgraphs, with arguments, variables and defaults', async () => {
    const answer = await client.ask(
      'query ($id: ID!, $least: Int!) { book(id: $id) { title shelf { name } good: reviews(least: $least) { stars } reviews { stars } } }',
      { id: '1', least: 3 },
    );
    expect(answer).toEqual({
      book: { title: 'Book 1', shelf: { name: 'S1' }, good: [{ stars: 5 }], reviews: [{ stars: 1 }, { stars: 5 }] },
    });
  });

  test('what a field requires of another subgraph is fetched, and not shown', async () => {
    expect(await client.ask('{ books { postage } }')).toEqual({
      books: [{ postage: 400 }, { postage: 3_000 }, { postage: 800 }],
    });
  });

  test('interfaces and unions are told apart, there and back', async () => {
    const answer = await client.ask(`{
      media { __typename title ... on Film { minutes reviews { stars } } ... on Book { postage reviews { of { ... on Book { shelf { name } } } } } }
      best { __typename ... on Film { title } ... on Book { title postage } }
    }`);
    expect(answer).toEqual({
      media: [
        {
          __typename: 'Book',
          title: 'Book 1',
          postage: 400,
          reviews: [{ of: { shelf: { name: 'S1' } } }, { of: { shelf: { name: 'S1' } } }],
        },
        { __typename: 'Film', title: 'A film', minutes: 90, reviews: [{ stars: 4 }] },
      ],
      best: [
        { __typename: 'Film', title: 'A film' },
        { __typename: 'Book', title: 'Book 2', postage: 3_000 },
      ],
    });
  });

  test('an error of one entity leaves the others, and is told at its place', async () => {
    const { data, errors } = await client.send('{ find(ids: ["1", "none", "2", "3"]) { id reviews { stars } } }');
    const good = [{ stars: 1 }, { stars: 5 }];
    expect(data.find).toEqual([
      { id: '1', reviews: good },
      null,
      { id: '2', reviews: null },
      { id: '3', reviews: good },
    ]);
    expect(errors).toHaveLength(1);
    expect(errors).toMatchObject([{ path: ['find', 2, 'reviews'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
  });

  test('mutation fields of two subgraphs run in their order', async () => {
    const { one, two, three } = await client.ask(
      'mutation { one: give(id: "1") { postage } two: review(id: "3", stars: 2) { of { ... on Book { title } } } three: give(id: "2") { id } }',
    );
    expect([one, two, three]).toEqual([{ postage: 400 }, { of: { title: 'Book 3' } }, { id: '2' }]);
    expect(gifts).toEqual(['library 1', 'reviews 3', 'library 2']);
  });

  const print = (printedNow: Book): Promise<boolean> => Promise.resolve(printed.emit('book', printedNow));

  test('a subscription brings the fields of the other subgraph with each event', async () => {
    await using stream = client.subscribe(
      'subscription ($least: Int!) { told: bookPrinted(atLeast: $least) { ...Printed reviews { stars } } } fragment Printed on Book { title postage }',
      { least: 300 },
    );
    const heavy = { told: { title: 'Book 3', postage: 800, reviews: [{ stars: 1 }, { stars: 5 }] } };
    const first = await actUntil(stream.next(), () => print(BOOKS[2]!));
    expect(first).toEqual({ data: heavy });
    await print(BOOKS[0]!);
    await print(BOOKS[1]!);
    for (let answer = await stream.next(); ; answer = await stream.next()) {
      expect(answer?.data.told.title).not.toBe('Book 1');
      if (answer?.data.told.title !== 'Book 2') continue;
      expect(answer).toMatchObject({
        data: { told: { title: 'Book 2', postage: 3_000, reviews: null } },
        errors: [{ path: ['told', 'reviews'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
      });
      break;
    }
  });

  test('a subscription to an abstract type is answered by the type of each event', async () => {
    await using stream = client.subscribe('subscription { printing { __typename title ... on Book { postage } } }');
    expect(await actUntil(stream.next(), () => print(BOOKS[0]!))).toEqual({
      data: { printing: { __typename: 'Book', title: 'Book 1', postage: 400 } },
    });
  });

  test('a subscription over HTTP tells the error of one field at its place', async () => {
    const query = 'subscription { told: bookPrinted(atLeast: 1000) { title reviews { stars } } }';
    await using answer = new RawAnswer(client.url, { headers: { accept: 'text/event-stream' }, body: { query } });
    const result = await actUntil(
      until(() => /^data: (\{.*)$/m.exec(answer.received)?.[1]),
      () => print(BOOKS[1]!),
    );
    expect(JSON.parse(result)).toMatchObject({
      data: { told: { title: 'Book 2', reviews: null } },
      errors: [{ path: ['told', 'reviews'], extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
  });

  test('introspection shows this supergraph and nothing of federation', async () => {
    const { __schema: schema } = await client.ask('{ __schema { types { name } directives { name } } }');
    const names = schema.types
      .map(({ name }: { name: string }) => name)
      .filter((name: string) => !/^__[A-Z]/.test(name));
    expect(names.toSorted()).toEqual(
      ['Book', 'Boolean', 'Film', 'ID', 'Int', 'Medium', 'Mutation', 'Query', 'Review', 'Shelf', 'String']
        .concat('Subject', 'Subscription')
        .toSorted(),
    );
    expect(schema.directives.map(({ name }: { name: string }) => name)).not.toContain('key');
  });

  test('its health is that of these subgraphs, and of its supergraph', async () => {
    const { checks } = (await (await fetch(`${client.url}/health`)).json()) as { checks: Record<string, unknown> };
    expect(Object.keys(checks)).toEqual(['library', 'reviews', 'supergraph']);
  });
});

describe('the gateway knows no business word', () => {
  const WORDS = /\b(\w*(?:orders?|inventor(?:y|ies)|notifications?|products?|stocks?|pipelines?|sync|users?)\w*)\b/gi;
  /** Where a word of the business may stand, and why. */
  const ALLOWED: Readonly<Record<string, string>> = {
    'gateway/explorer/altair.ts': 'shows newcomers a first operation to try',
    'gateway/explorer/sandbox.ts': 'shows newcomers a first operation to try',
  };
  /** What only sounds like one: the order of things, and the users of any system. */
  const HARMLESS =
    /\basync\w*|\w*(asyncDispose|disposeAsync|AsyncIterator|AsyncIterable|AsyncGenerator|AsyncDisposable\w*)|in the order of|all users|many users/gi;

  test('in the tree', async () => {
    const files = (await trackedFiles(projectRoot)).filter((file) => /^gateway\/.*(?<!\.test)\.ts$/.test(file));
    expect(files.length).toBeGreaterThan(10);
    const told: string[] = [];
    for (const file of files) {
      const text = await readFile(join(projectRoot, file), 'utf8');
      told.push(...wordsIn(text).map((word) => `${file}: ${word}`));
    }
    const places = new Set(told.map((one) => one.split(':')[0]!));
    expect(told.filter((one) => ALLOWED[one.split(':')[0]!] === undefined)).toEqual([]);
    expect([...places].toSorted()).toEqual(Object.keys(ALLOWED));
  });

  test.each(["supergraph.subgraphs['user']", 'placeOrder', '// the inventory', 'const syncState = 1', 'userId'])(
    'a planted word is told: %s',
    (line) => {
      expect(wordsIn(line)).not.toEqual([]);
    },
  );

  function wordsIn(text: string): string[] {
    return [...text.replaceAll(HARMLESS, '').matchAll(WORDS)].map(([word]) => word);
  }
});
