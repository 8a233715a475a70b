import { GraphQLError, parse, type DocumentNode } from 'graphql';
import { describe, expect, test } from 'vitest';
import { smallSupergraph } from '#test/support/small-supergraph.ts';
import { buildSupergraph, buildSupergraphBeside } from './supergraph.ts';

const SDL = smallSupergraph();
const supergraph = buildSupergraph(SDL, {});

function read(text: string): DocumentNode {
  const document = supergraph.documents.read(text);
  if (!('kind' in document)) throw new AggregateError(document, 'the document is not valid');
  return document;
}

describe('a supergraph', () => {
  test('names its subgraphs and where they answer', () => {
    expect(supergraph.subgraphs.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: 'letters', url: 'http://letters.example/graphql' },
      { name: 'people', url: 'http://people.example/graphql' },
    ]);
  });

  test('takes another address for a subgraph, and none for one that it does not have', () => {
    const { subgraphs } = buildSupergraph(SDL, { people: 'http://127.0.0.1:4001/graphql', nobody: 'http://x.example' });
    expect(subgraphs.find(({ name }) => name === 'people')?.url).toBe('http://127.0.0.1:4001/graphql');
    expect(subgraphs.find(({ name }) => name === 'letters')?.url).toBe('http://letters.example/graphql');
    expect(subgraphs).toHaveLength(2);
  });

  test.each([
    ['an ordinary schema', 'type Query { me: Int }'],
    ['nothing', ''],
    ['half of one', SDL.slice(0, SDL.length / 2)],
    ['something else', '<html>'],
  ])('is not built of %s', async (_, sdl) => {
    expect(() => buildSupergraph(sdl, {})).toThrow();
    await expect(buildSupergraphBeside(sdl, {})).rejects.toThrow();
  });

  test.each(['people.example/graphql', 'ftp://people.example', 'http//people', ''])(
    'is not built with a subgraph at "%s"',
    (url) => {
      expect(() => buildSupergraph(SDL, { people: url })).toThrow(/where to ask people$/);
    },
  );

  test('is built step by step with other work in between', async () => {
    let built = false;
    const turns: boolean[] = [];
    const turn = (): void => {
      turns.push(built);
      if (!built) setImmediate(turn);
    };
    setImmediate(turn);
    const { documents } = await buildSupergraphBeside(SDL, {});
    built = true;
    expect(turns.length).toBeGreaterThan(2);
    expect(documents.read('{ newest }')).toHaveProperty('kind');
  });

  test('has an id that says which it is', () => {
    expect(supergraph.id).toMatch(/^[\da-f]{12}$/);
    expect(buildSupergraph(SDL, {}).id).toBe(supergraph.id);
    expect(buildSupergraph(`${SDL}\n`, {}).id).not.toBe(supergraph.id);
  });

  test('shows clients nothing of how it is put together', () => {
    expect(supergraph.documents.read('{ _service { sdl } }')).toMatchObject([
      { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ]);
    expect(supergraph.documents.schema.getType('join__Graph')).toBeUndefined();
  });
});

describe('a plan', () => {
  test('is made once for each document and operation name', () => {
    const document = read('query A { person(id: "1") { name } } query B { person(id: "1") { letters } }');
    const [a, b] = [supergraph.plan(document, 'A'), supergraph.plan(document, 'B')];
    expect(supergraph.plan(document, 'A')).toBe(a);
    expect(supergraph.plan(document, 'B')).toBe(b);
    expect(a.operation.name?.value).toBe('A');
    expect(b.operation.name?.value).toBe('B');
    expect(a.plan.node?.kind).toBe('Fetch');
    expect(b.plan.node?.kind).toBe('Sequence');
  });

  test('of the only operation is found without its name', () => {
    const document = read('query Only { newest }');
    expect(supergraph.plan(document, undefined).operation.name?.value).toBe('Only');
    expect(supergraph.plan(document, 'Only').operation.name?.value).toBe('Only');
  });

  test('is shared by all who send the same text', () => {
    expect(supergraph.plan(read('{ newest }'), undefined)).toBe(supergraph.plan(read('{ newest }'), undefined));
    expect(supergraph.plan(parse('{ newest }'), undefined)).toBe(supergraph.plan(read('{ newest }'), undefined));
  });

  test('is remembered with its text, the last used first', () => {
    const asked = buildSupergraph(SDL, {});
    const planText = (text: string, name?: string): unknown =>
      asked.plan(asked.documents.read(text) as DocumentNode, name);
    const two = 'query A { newest } query B { newest }';
    planText('{ newest }');
    planText(two, 'A');
    planText('{ strict { id } }');
    planText(two, 'B');
    expect(() => planText('query C { newest }', 'D')).toThrow(GraphQLError);
    expect(asked.plannedOperations()).toEqual([
      { text: two, operationName: 'A' },
      { text: two, operationName: 'B' },
      { text: '{ strict { id } }', operationName: undefined },
      { text: '{ newest }', operationName: undefined },
    ]);
  });

  test('of texts as large as a request are not all kept', () => {
    const asked = buildSupergraph(SDL, {});
    const planText = (text: string): unknown => asked.plan(asked.documents.read(text) as DocumentNode, undefined);
    for (let at = 0; at < 12; at += 1) planText(`{ newest } # ${at} ${'x'.repeat(1024 * 1024)}`);
    expect(asked.plannedOperations()).toHaveLength(9);
    planText('{ newest }');
    expect(asked.plannedOperations()).toHaveLength(10);
  });

  test.each([
    ['a name that no operation has', 'query A { newest }', 'B'],
    ['no name among several', 'query A { newest } query B { newest }', undefined],
  ])('is not made for %s, however often it is asked for', (_, text, name) => {
    for (const _try of [1, 2]) expect(() => supergraph.plan(read(text), name)).toThrow(GraphQLError);
  });
});
