import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from './support/planted-tree.ts';
import * as tidy from './support/tidy.ts';

const files = await tidy.trackedFiles(projectRoot);
const sources = new Map<string, string>();
for (const file of files) sources.set(file, await readFile(join(projectRoot, file), 'utf8'));

/** Files of shared/ which one service uses today, each with the second user that is on its way. */
const SHARED_BY_ONE_FOR_NOW: Readonly<Record<string, string>> = {};

test('the whole repository is looked at', () => {
  expect(files).toContain('test/tidy.test.ts');
  expect(files).toContain('package-lock.json');
  expect(files.length).toBeGreaterThan(10);
});

test('the repository is found without git as well', async () => {
  const found = await tidy.everyFile(projectRoot);
  expect(files.filter((file) => !found.includes(file))).toEqual([]);
});

test.each(['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'LICENSE'])('%s stands at the door', (file) => {
  expect(files).toContain(file);
});

describe.each([
  {
    claim: 'the top level holds what a newcomer expects',
    strangers: tidy.topLevelStrangers,
    planted: ['lib/a.ts', 'a.ts'],
  },
  {
    claim: 'every room is one that all houses have',
    strangers: tidy.roomStrangers,
    planted: [
      'subgraphs/user/services/a.ts',
      'subgraphs/user/a.ts',
      'subgraphs/a.ts',
      'gateway/lib/a.ts',
      'test/unit/a.ts',
    ],
  },
  {
    claim: 'names are kebab-case',
    strangers: tidy.namesNotKebab,
    planted: ['shared/aB.ts', 'shared/a_b.ts', 'docs/Guide.md'],
  },
  {
    claim: 'names say what is inside',
    strangers: tidy.namesThatSayNothing,
    planted: ['shared/utils.ts', 'shared/helpers/a.ts', 'shared/date-util.ts', 'test/common.ts', 'shared/misc.test.ts'],
  },
  {
    claim: 'no file passes others on',
    strangers: tidy.barrels,
    planted: ['shared/index.ts', 'gateway/guards/index.mjs'],
  },
])('$claim', ({ strangers, planted }) => {
  test('in the tree', () => {
    expect(strangers(files)).toEqual([]);
  });

  test('and a planted stranger is told', () => {
    expect(strangers(planted)).toHaveLength(strangers === tidy.topLevelStrangers ? 2 : planted.length);
  });

  test('and the usual names pass', () => {
    const usual = ['README.md', 'shared/graphql/common.graphql', 'subgraphs/user/store/users.ts', 'gateway/main.ts'];
    expect(strangers([...usual, 'subgraphs/user/store/migrations/0001_users.sql', '.ci/run'])).toEqual([]);
  });
});

describe('a room that exists holds something', () => {
  test('in the tree', async () => {
    const folders: string[] = [];
    for (const house of ['gateway', 'subgraphs']) {
      const entries = await readdir(join(projectRoot, house), { recursive: true, withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        if (entry.isDirectory())
          folders.push(relative(projectRoot, join(entry.parentPath, entry.name)).split(sep).join('/'));
      }
    }
    expect(tidy.emptyRooms(folders, files)).toEqual([]);
  });

  test('and a planted empty room is told', () => {
    const folders = ['subgraphs/user', 'subgraphs/user/store', 'subgraphs/user/events', 'gateway/guards'];
    expect(tidy.emptyRooms(folders, ['subgraphs/user/store/a.ts'])).toEqual([
      'subgraphs/user/events',
      'gateway/guards',
    ]);
  });
});

describe.each(tidy.TEXT_RULES)('nobody commits $name', (rule) => {
  test('in the tree', () => {
    expect([...sources].flatMap(([path, text]) => tidy.breachesOf(rule, path, text))).toEqual([]);
  });

  test('some file is looked at', () => {
    expect(files.filter((file) => rule.files.test(file))).not.toEqual([]);
  });

  test.each(rule.planted)('a planted breach is told: %s', (line) => {
    expect(tidy.breachesOf(rule, 'test/planted.test.ts', `\n${line}\n`)).toEqual(['test/planted.test.ts:2']);
  });
});

test('a suppression with its reason passes', () => {
  const rule = tidy.TEXT_RULES.find(({ allowed }) => allowed);
  expect(rule && tidy.breachesOf(rule, 'a.ts', `${rule.planted[0]} -- the reporter speaks`)).toEqual([]);
});

describe('shared holds what two services need', () => {
  test('in the tree, once there are two', () => {
    const services = new Set(files.flatMap((file) => /^(gateway|subgraphs\/[^/]+)\/main\.ts$/.exec(file)?.[1] ?? []));
    const alone = services.size < 2 ? [] : tidy.sharedByOne(sources);
    expect(alone.filter((file) => !(file in SHARED_BY_ONE_FOR_NOW))).toEqual([]);
  });

  test('and a file with one user is told', () => {
    const planted = new Map([
      ['shared/alone.ts', ''],
      ['shared/both.ts', ''],
      ['shared/inner.ts', ''],
      ['shared/store/rows.ts', "import '../inner.ts';"],
      ['subgraphs/user/main.ts', "import '#shared/alone.ts';\nimport '#shared/both.ts';"],
      ['gateway/main.ts', "import '#shared/both.ts';"],
      ['shared/alone.test.ts', "import './alone.ts';"],
    ]);
    expect(tidy.sharedByOne(planted)).toEqual(['shared/alone.ts']);
  });
});
