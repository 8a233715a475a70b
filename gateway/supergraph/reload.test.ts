import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'graphql';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '#test/support/poll.ts';
import { recordedLog } from '#test/support/recorded-log.ts';
import { smallSupergraph } from '#test/support/small-supergraph.ts';
import { startReload, type Reload } from './reload.ts';
import { buildSupergraph, buildSupergraphBeside, type Supergraph } from './supergraph.ts';

const FIRST = smallSupergraph();
const SECOND = smallSupergraph({ more: { letters: 'extend type Query { oldest: String }' } });
const THIRD = smallSupergraph({ more: { letters: 'extend type Query { longest: String }' } });
const POLL_MS = 10;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-test-reload-'));
  file = join(folder, 'supergraph.graphql');
  await writeFile(file, FIRST);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Opened extends Reload {
  readonly inUse: () => Supergraph;
  /** Every SDL that was in use, in its order. */
  readonly used: readonly string[];
  readonly metrics: () => Promise<string>;
  readonly outcomes: () => Promise<Record<string, number>>;
  readonly lines: ReturnType<typeof recordedLog>['lines'];
}

type Build = (sdl: string) => Promise<Supergraph>;
const plainly: Build = (sdl) => buildSupergraphBeside(sdl, {});

function open({ build = plainly, pollMs = POLL_MS }: { build?: Build; pollMs?: number } = {}): Opened {
  const used = [FIRST];
  const inUse = {
    current: { supergraph: buildSupergraph(FIRST, {}) },
    replace: (next: Supergraph): void => {
      used.push(next.sdl);
      inUse.current = { supergraph: next };
    },
  };
  const metrics = new Registry();
  const { log, lines } = recordedLog();
  const reload = startReload({ file, build, inUse, metrics, log, pollMs });
  const outcomes = async (): Promise<Record<string, number>> => {
    const { values } = (await metrics.getSingleMetric('lockstep_supergraph_reloads_total')?.get()) ?? { values: [] };
    return Object.fromEntries(values.map(({ labels, value }) => [String(labels['outcome']), value]));
  };
  return {
    ...reload,
    inUse: () => inUse.current.supergraph,
    used,
    metrics: () => metrics.metrics(),
    outcomes,
    lines,
    [Symbol.asyncDispose]: () => reload[Symbol.asyncDispose](),
  };
}

describe('another supergraph on disk', () => {
  test('takes over, and is told of', async () => {
    await using opened = open();
    await writeFile(file, SECOND);
    await until(async () => (await opened.outcomes())['replaced'] === 1);
    expect(opened.used).toEqual([FIRST, SECOND]);
    expect(await opened.outcomes()).toEqual({ replaced: 1, unchanged: 0, refused: 0 });
    const shown = (await opened.metrics()).split('\n').filter((line) => line.startsWith('lockstep_supergraph_info'));
    expect(shown).toHaveLength(1);
    const [, id, since] = /^lockstep_supergraph_info\{id="(\w+)"\} ([\d.]+)$/.exec(shown[0]!) ?? [];
    expect(id).toBe(opened.inUse().id);
    expect(Math.abs(Number(since) - Date.now() / 1_000)).toBeLessThan(3_600);
    expect(opened.lines).toContainEqual(expect.objectContaining({ id, msg: 'supergraph replaced' }));
    await opened.health.check();
  });

  test('has the plans of what was asked before it takes over', async () => {
    await using opened = open();
    opened.inUse().plan(parse('{ newest }'), undefined);
    opened.inUse().plan(parse('{ people { id } }'), undefined);
    await writeFile(file, SECOND);
    await until(() => opened.used.length === 2);
    expect(opened.inUse().plannedOperations()).toHaveLength(2);
  });

  test('that was there before the gateway began to look takes over', async () => {
    await writeFile(file, SECOND);
    await using opened = open();
    await until(() => opened.inUse().sdl === SECOND);
  });

  test('is seen at once by who is asked to look', async () => {
    await using opened = open({ pollMs: 3_600_000 });
    await writeFile(file, SECOND);
    opened.request();
    await until(() => opened.inUse().sdl === SECOND);
  });

  test('that comes while one is being built is the next one', async () => {
    const building = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    await using opened = open({
      build: async (sdl) => {
        building.resolve();
        await go.promise;
        return plainly(sdl);
      },
    });
    await writeFile(file, SECOND);
    await building.promise;
    await writeFile(file, THIRD);
    opened.request();
    go.resolve();
    await until(() => opened.inUse().sdl === THIRD);
    expect(opened.used).toEqual([FIRST, SECOND, THIRD]);
  });
});

test('the same supergraph again changes nothing', async () => {
  await using opened = open();
  const before = opened.inUse();
  await writeFile(file, FIRST);
  opened.request();
  await until(async () => (await opened.outcomes())['unchanged'] === 1);
  expect(opened.inUse()).toBe(before);
  expect(await opened.outcomes()).toEqual({ replaced: 0, unchanged: 1, refused: 0 });
});

describe('what is none', () => {
  test.each([
    ['an ordinary schema', 'type Query { me: Int }'],
    ['nothing', ''],
    ['half of one', SECOND.slice(0, SECOND.length / 2)],
    ['one with a subgraph that is nowhere', smallSupergraph({ urls: { people: 'htp:/people.example' } })],
  ])('is refused loudly, and the one before stays: %s', async (_, bad) => {
    await using opened = open();
    const before = opened.inUse();
    await writeFile(file, bad);
    await until(async () => (await opened.outcomes())['refused'] === 1);
    expect(opened.inUse()).toBe(before);
    await expect(opened.health.check()).rejects.toThrow(/^the file is refused, .*: \S/);
    expect(opened.health.critical).toBe(false);
    const told = opened.lines.filter(({ level }) => level >= 50);
    expect(told).toMatchObject([{ err: { message: expect.any(String) }, file, inUse: before.id }]);

    await writeFile(file, SECOND);
    await until(() => opened.inUse().sdl === SECOND);
    await opened.health.check();
    expect(await opened.outcomes()).toEqual({ replaced: 1, unchanged: 0, refused: 1 });
  });

  test('is told once, however often it is looked at', async () => {
    await using opened = open();
    await writeFile(file, 'bad');
    await until(async () => (await opened.outcomes())['refused'] === 1);
    await writeFile(file, SECOND);
    await until(() => opened.inUse().sdl === SECOND);
    expect((await opened.outcomes())['refused']).toBe(1);
  });

  test('is judged again by who is asked to', async () => {
    await using opened = open();
    await writeFile(file, 'bad');
    await until(async () => (await opened.outcomes())['refused'] === 1);
    opened.request();
    await until(async () => (await opened.outcomes())['refused'] === 2);
  });

  test('is forgotten when the one in use is back', async () => {
    await using opened = open();
    const before = opened.inUse();
    await rm(file);
    await until(async () => (await opened.outcomes())['refused'] === 1);
    await expect(opened.health.check()).rejects.toThrow(/it cannot be read \(ENOENT\)$/);
    await writeFile(file, FIRST);
    await until(async () => (await opened.outcomes())['unchanged'] === 1);
    await opened.health.check();
    expect(opened.inUse()).toBe(before);
  });
});

test('of a storm of changes the last one serves, and no two are built at once', async () => {
  let building = 0;
  let most = 0;
  await using opened = open({
    build: async (sdl) => {
      building += 1;
      most = Math.max(most, building);
      try {
        return await plainly(sdl);
      } finally {
        building -= 1;
      }
    },
  });
  for (let at = 0; at < 200; at += 1) {
    await writeFile(`${file}.new`, [SECOND, 'bad', FIRST, SECOND.slice(at)][at % 4]!);
    await rename(`${file}.new`, file);
    opened.request();
  }
  await writeFile(file, THIRD);
  await until(() => opened.inUse().sdl === THIRD);
  await opened.health.check();
  expect(most).toBe(1);
});

describe('when it is disposed of', () => {
  test('the reload under way gives up', async () => {
    const building = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const opened = open({
      build: async (sdl) => {
        building.resolve();
        await go.promise;
        return plainly(sdl);
      },
    });
    await writeFile(file, SECOND);
    await building.promise;
    let disposed = false;
    const disposing = opened[Symbol.asyncDispose]().then(() => (disposed = true));
    await new Promise(setImmediate);
    expect(disposed).toBe(false);
    go.resolve();
    await disposing;
    expect(opened.used).toEqual([FIRST]);
  });
});
