import type { GraphQLDataSource } from '@apollo/gateway';
import { parse, type ExecutionResult } from 'graphql';
import { describe, expect, test } from 'vitest';
import { until } from '#test/support/poll.ts';
import { recordedLog } from '#test/support/recorded-log.ts';
import { contextOf } from '#test/support/request-context.ts';
import { smallSupergraph } from '#test/support/small-supergraph.ts';
import { buildSupergraph, type Subgraph, type Supergraph } from '../supergraph/supergraph.ts';
import type { Serving } from '../subscriptions/engine.ts';
import type { Upstream } from '../subscriptions/upstream.ts';
import { SupergraphsInUse, type SubgraphConnection } from './supergraphs-in-use.ts';

const build = (changes?: Parameters<typeof smallSupergraph>[0]): Supergraph =>
  buildSupergraph(smallSupergraph(changes), {});
const MOVED = { urls: { letters: 'http://elsewhere.example/graphql' } } as const;

interface Connected extends SubgraphConnection {
  readonly subgraph: Subgraph;
  readonly closed: () => number;
}

type Answer = GraphQLDataSource['process'];
const atOnce: Answer = () => Promise.resolve({ data: { newest: 'Dear Ada' } });

interface Opened extends AsyncDisposable {
  readonly inUse: SupergraphsInUse;
  readonly connected: Connected[];
  readonly openNow: () => string[];
  readonly lines: ReturnType<typeof recordedLog>['lines'];
}

function open(first: Supergraph, given: { answer?: Answer; retireWithinMs?: number; close?: () => void } = {}): Opened {
  const { answer = atOnce, close, ...options } = given;
  const connected: Connected[] = [];
  const { log, lines } = recordedLog();
  const connect = (subgraph: Subgraph): SubgraphConnection => {
    let closed = 0;
    const connection = {
      subgraph,
      source: { process: answer },
      upstream: {} as Upstream,
      closed: () => closed,
      [Symbol.asyncDispose]: async () => {
        closed += 1;
        await Promise.resolve(close?.());
      },
    };
    connected.push(connection);
    return connection;
  };
  const inUse = new SupergraphsInUse(first, { connect, log, ...options });
  const openNow = (): string[] =>
    connected
      .filter(({ closed }) => closed() === 0)
      .map(({ subgraph }) => subgraph.url)
      .toSorted();
  return { inUse, connected, openNow, lines, [Symbol.asyncDispose]: () => inUse[Symbol.asyncDispose]() };
}

const LETTERS = 'http://letters.example/graphql';
const PEOPLE = 'http://people.example/graphql';
const ELSEWHERE = 'http://elsewhere.example/graphql';

function askNewest({ supergraph, executor }: Serving): Promise<ExecutionResult> {
  const planned = supergraph.plan(parse('{ newest }'), undefined);
  return executor.execute({ planned, variables: {}, context: contextOf() });
}

/** A subgraph that answers when it is let. */
function slowly(): { answer: Answer; asked: Promise<void>; let: () => void } {
  const asked = Promise.withResolvers<void>();
  const allowed = Promise.withResolvers<void>();
  const answer: Answer = async (options) => {
    asked.resolve();
    await allowed.promise;
    return atOnce(options);
  };
  return { answer, asked: asked.promise, let: allowed.resolve };
}

describe('a subgraph', () => {
  test('that is in both supergraphs keeps its connection, and one that has moved gets another', async () => {
    await using opened = open(build());
    const [first] = [opened.inUse.current];
    opened.inUse.replace(build(MOVED));
    expect(opened.connected.map(({ subgraph }) => subgraph.url).toSorted()).toEqual([ELSEWHERE, LETTERS, PEOPLE]);
    expect(opened.inUse.current.upstreams['people']).toBe(first.upstreams['people']);
    expect(opened.inUse.current.upstreams['letters']).not.toBe(first.upstreams['letters']);
    await until(() => opened.openNow().length === 2);
    expect(opened.openNow()).toEqual([ELSEWHERE, PEOPLE]);
  });

  test('that is gone is let go of', async () => {
    await using opened = open(build());
    opened.inUse.replace(build({ without: 'people' }));
    await until(() => opened.openNow().length === 1);
    expect(opened.openNow()).toEqual([LETTERS]);
    expect(Object.keys(opened.inUse.current.upstreams)).toEqual(['letters']);
  });

  test('that is back while its connection is still used has the same', async () => {
    const slow = slowly();
    await using opened = open(build(), { answer: slow.answer });
    const asking = askNewest(opened.inUse.current);
    await slow.asked;
    const { letters } = opened.inUse.current.upstreams;
    opened.inUse.replace(build(MOVED));
    opened.inUse.replace(build());
    slow.let();
    await asking;
    await until(() => opened.openNow().length === 2);
    expect(opened.openNow()).toEqual([LETTERS, PEOPLE]);
    expect(opened.inUse.current.upstreams['letters']).toBe(letters);
  });
});

describe('a supergraph that was replaced', () => {
  test('finishes what it has begun, on connections that are kept until then', async () => {
    const slow = slowly();
    await using opened = open(build(), { answer: slow.answer });
    const { current } = opened.inUse;
    const { schema } = current.supergraph.documents;
    const asking = [askNewest(current), askNewest(current)];
    await slow.asked;
    opened.inUse.replace(build(MOVED));
    await new Promise(setImmediate);
    expect(opened.openNow()).toEqual([ELSEWHERE, LETTERS, PEOPLE]);
    expect(opened.inUse.of(schema)).toBe(current);
    slow.let();
    for (const answer of await Promise.all(asking)) expect(answer.data).toEqual({ newest: 'Dear Ada' });
    await until(() => opened.openNow().length === 2);
    expect(opened.inUse.of(schema)).toBeUndefined();
    expect(opened.inUse.of(opened.inUse.current.supergraph.documents.schema)).toBe(opened.inUse.current);
  });

  test('is kept until those who were told do not need it any more', async () => {
    await using opened = open(build());
    const released = Promise.withResolvers<void>();
    const told: Serving[] = [];
    opened.inUse.onReplaced((next) => {
      told.push(next);
      return released.promise;
    });
    opened.inUse.replace(build(MOVED));
    expect(told).toEqual([opened.inUse.current]);
    await new Promise(setImmediate);
    expect(opened.openNow()).toContain(LETTERS);
    released.resolve();
    await until(() => !opened.openNow().includes(LETTERS));
  });

  test('is not waited for for ever', async () => {
    const { answer, asked } = slowly();
    await using opened = open(build(), { answer, retireWithinMs: 1 });
    void askNewest(opened.inUse.current);
    await asked;
    opened.inUse.replace(build(MOVED));
    await until(() => !opened.openNow().includes(LETTERS));
    expect(opened.lines).toMatchObject([{ level: 40, msg: expect.stringContaining('while it is used') }]);
  });

  test('is closed before its time when too many wait', async () => {
    const { answer, asked } = slowly();
    await using opened = open(build(), { answer });
    void askNewest(opened.inUse.current);
    await asked;
    for (let at = 0; at < 8; at += 1) {
      expect(opened.openNow()).toContain(LETTERS);
      opened.inUse.replace(build({ urls: { letters: `http://letters-${at}.example/graphql` } }));
      void askNewest(opened.inUse.current);
    }
    await until(() => !opened.openNow().includes(LETTERS));
    expect(opened.openNow()).toHaveLength(9);
  });
});

describe('who wants to be told', () => {
  test('is told in spite of others who fail, until it has left', async () => {
    await using opened = open(build());
    const told: string[] = [];
    opened.inUse.onReplaced(() => {
      throw new Error('broken');
    });
    const leave = opened.inUse.onReplaced(({ supergraph }) => void told.push(supergraph.id));
    const [second, third] = [build(MOVED), build({ without: 'people' })];
    opened.inUse.replace(second);
    leave();
    opened.inUse.replace(third);
    expect(told).toEqual([second.id]);
    await until(() => opened.lines.length === 2);
    expect(opened.lines).toMatchObject([{ level: 50, err: { message: 'broken' } }, { level: 50 }]);
  });
});

test('after many replacements only the connections of the last are open', async () => {
  await using opened = open(build());
  const supergraphs = [build(MOVED), build({ without: 'letters' }), build()];
  for (let at = 0; at < 50; at += 1) opened.inUse.replace(supergraphs[at % 3]!);
  await until(() => opened.openNow().length === 1);
  expect(opened.openNow()).toEqual([PEOPLE]);
  expect(opened.connected.filter(({ subgraph }) => subgraph.name === 'people')).toHaveLength(1);
});

test('closing it closes every connection once, also those of what is still waited for', async () => {
  const { answer, asked } = slowly();
  const opened = open(build(), { answer });
  void askNewest(opened.inUse.current);
  await asked;
  opened.inUse.replace(build(MOVED));
  await opened[Symbol.asyncDispose]();
  expect(opened.connected.map(({ closed }) => closed())).toEqual([1, 1, 1]);
  expect(opened.lines).toEqual([]);
});

test('a connection that does not close leaves the others alone, and is told', async () => {
  const opened = open(build(), {
    close: () => {
      throw new Error('stuck');
    },
  });
  await opened[Symbol.asyncDispose]();
  expect(opened.openNow()).toEqual([]);
  expect(opened.lines).toMatchObject([{ err: { message: 'stuck' } }, { err: { message: 'stuck' } }]);
});
