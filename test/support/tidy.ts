import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';

/** The house rules about names and words, as pure functions over paths and text: each answers with the strangers. */

const TOP_LEVEL: ReadonlySet<string> = new Set(
  `bench console docs gateway scripts shared subgraphs test
  README.md CONTRIBUTING.md CHANGELOG.md SECURITY.md LICENSE
  package.json package-lock.json tsconfig.json knip.json supergraph.yaml supergraph.graphql
  vitest.config.ts vitest.long.config.ts drizzle.config.ts codegen.config.ts
  docker-compose.yml Dockerfile .dockerignore
  .ci .github .gitignore .gitattributes .npmrc .nvmrc .editorconfig
  .dependency-cruiser.cjs .oxlintrc.json .prettierrc.json .prettierignore`.split(/\s+/),
);

const HOUSES = [
  { house: /^subgraphs\/[^/]+\//, rooms: ['domain', 'store', 'commands', 'resolvers', 'events', 'generated'] },
  {
    house: /^gateway\//,
    rooms: ['supergraph', 'execution', 'subscriptions', 'transports', 'guards', 'explorer', 'generated'],
  },
  { house: /^shared\//, rooms: ['graphql', 'store', 'events', 'identity', 'testing', 'generated'] },
  // `simulation` and `chaos` are no tests but what some run: the one stands in memory for a system, the other disturbs a real one.
  { house: /^test\//, rooms: ['integration', 'faults', 'simulation', 'chaos', 'e2e', 'support', 'fixtures'] },
];
const DOOR_FILES = /^(main|config)(\.test)?\.ts$|^schema\.graphql$|^README\.md$/;

/** What git tracks or would take, so that a stranger is told before its commit; without git (an archive), every file there is. */
export async function trackedFiles(root: string): Promise<string[]> {
  const list = async (...flags: string[]): Promise<string[]> => {
    const { stdout } = await promisify(execFile)('git', ['ls-files', '-z', ...flags], { cwd: root });
    return stdout.split('\0').filter(Boolean);
  };
  try {
    const gone = new Set(await list('--deleted'));
    return (await list('--cached', '--others', '--exclude-standard')).filter((file) => !gone.has(file)).toSorted();
  } catch {
    return everyFile(root);
  }
}

/** Every file but what is installed, made by a run, or git's own. */
export async function everyFile(root: string): Promise<string[]> {
  const top = await readdir(root, { withFileTypes: true });
  const ours = top.filter(({ name }) => !['.git', 'node_modules', '.lockstep', '.servers', 'coverage'].includes(name));
  const lists = ours.map(async (entry) => {
    if (!entry.isDirectory()) return [entry.name];
    const inside = await readdir(join(root, entry.name), { recursive: true, withFileTypes: true });
    const files = inside.filter((each) => each.isFile());
    return files.map(({ parentPath, name }) => relative(root, join(parentPath, name)).split(sep).join('/'));
  });
  return (await Promise.all(lists)).flat().toSorted();
}

export function topLevelStrangers(files: readonly string[]): string[] {
  const entries = new Set(files.map((file) => file.split('/')[0] ?? file));
  return [...entries].filter((entry) => !TOP_LEVEL.has(entry));
}

/** Folders that are no room of their house, and files that stand at a subgraph's or the gateway's door without belonging there. */
export function roomStrangers(files: readonly string[]): string[] {
  return files.filter((file) => {
    const found = HOUSES.find(({ house }) => house.test(file));
    if (!found) return file.startsWith('subgraphs/');
    const [first = '', ...rest] = file.replace(found.house, '').split('/');
    if (rest.length > 0) return !found.rooms.includes(first);
    return /^(subgraphs|gateway)\//.test(file) && !DOOR_FILES.test(first);
  });
}

/** Rooms that exist and hold no source: absent is right, empty is not. */
export function emptyRooms(folders: readonly string[], files: readonly string[]): string[] {
  const rooms = folders.filter((folder) => /^(subgraphs\/[^/]+|gateway)\/[^/]+$/.test(folder));
  return rooms.filter((room) => !files.some((file) => file.startsWith(`${room}/`)));
}

const FREE_NAMES = /^(README|CHANGELOG|CONTRIBUTING|LICENSE|SECURITY|Dockerfile)(\.md)?$/;
const KEBAB_NAME = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;

export function namesNotKebab(files: readonly string[]): string[] {
  // Migrations are named by drizzle-kit, fixtures by what they copy, .github by GitHub (PULL_REQUEST_TEMPLATE).
  const ours = files.filter((file) => !/\/([a-z-]*migrations|fixtures)\/|^\.github\//.test(file));
  return ours.filter((file) => file.split('/').some((name) => !KEBAB_NAME.test(name) && !FREE_NAMES.test(name)));
}

export function namesThatSayNothing(files: readonly string[]): string[] {
  const vague = /(^|[/.-])(utils?|helpers?|common|misc)([/.-]|$)/;
  return files.filter((file) => vague.test(file) && !file.endsWith('/common.graphql'));
}

export function barrels(files: readonly string[]): string[] {
  return files.filter((file) => /(^|\/)index\.[cm]?[jt]sx?$/.test(file));
}

export interface TextRule {
  readonly name: string;
  /** Finds a breach in one line. */
  readonly breach: RegExp;
  readonly files: RegExp;
  /** Another look at a line that looks like a breach. */
  readonly allowed?: RegExp;
  /** Lines that the canary plants. */
  readonly planted: readonly string[];
}

// Written apart, so that these lines do not break the rules that they state.
const word = (...parts: string[]): string => parts.join('');
const TESTS = /^test\/.*\.ts$|\.test\.ts$/;
const CODE = /\.([cm]?[jt]sx?|sh|ya?ml|graphql|sql)$|^\.ci\//;
const ANY = /./;
const MARKS = [word('FIX', 'ME'), word('TO', 'DO'), word('XX', 'X')];
const SUPPRESSIONS = [
  word('oxlint', '-disable'),
  word('eslint', '-disable'),
  word('@ts-', 'expect-error'),
  word('prettier', '-ignore'),
];
const MACHINE_PATHS = ['work', 'root', 'home'].map((folder) => `/${folder}/`);
const RESOLVED = word('"resolved"', ': "http');
const REGISTRY_HOSTS = [
  word('registry.', 'npmjs.org'),
  word('registry.', 'yarnpkg.com'),
  word('npm.', 'pkg.github.com'),
];

const anyOf = (words: readonly string[]): string => words.map((each) => each.replaceAll('.', String.raw`\.`)).join('|');

export const TEXT_RULES: readonly TextRule[] = [
  {
    name: 'unfinished work',
    breach: new RegExp(`\\b(${anyOf(MARKS)})\\b`),
    files: CODE,
    planted: MARKS.map((mark) => `// ${mark}: later`),
  },
  {
    name: 'a test that runs alone',
    breach: /\b(test|it|describe|suite)(\.[a-z]+)*\.only\b/i,
    files: TESTS,
    planted: [word('test.', "only('a', run)"), word('describe.concurrent.', "only('a', run)")],
  },
  {
    name: 'a sleep in a test (wait for what happens: a signal, expect.poll)',
    breach: /setTimeout\(\s*\w+\s*[,)]|setTimeout\(\(\) => resolve\(|\bsleep\(|waitForTimeout\(/,
    files: TESTS,
    planted: [
      word('await new Promise((resolve) => set', 'Timeout(resolve, 10));'),
      word('await set', 'Timeout(100);'),
      word('await sl', 'eep(10);'),
    ],
  },
  {
    name: 'a module mock (use the real thing, or a port)',
    breach: /\bvi\.(do)?mock\(/i,
    files: TESTS,
    planted: [word('vi.', "mock('./log.ts');"), word('vi.', "doMock('./log.ts');")],
  },
  {
    name: 'a suppression without "-- reason"',
    breach: new RegExp(`(//|/\\*|#|<!--)\\s*(${anyOf(SUPPRESSIONS)})`),
    allowed: /\s-- \S+/,
    files: CODE,
    planted: SUPPRESSIONS.map((suppression) => `// ${suppression} no-console`),
  },
  {
    name: 'a test left out without "-- reason" on its line (or the reason as an argument of skip)',
    breach: /\b(test|it|describe|suite)(\.[a-z]+)*\.(skip|todo|skipIf|runIf)\b|\{ (skip|todo): |^\s*skip\([^,]*\);/i,
    allowed: /\s-- \S+/,
    files: TESTS,
    planted: [
      ...["skip('a', run)", 'todo(', "skipIf(!found)('a', run)", "runIf(found)('a', run)"].map(
        (left) => `test.${left}`,
      ),
      word('test("a", { sk', 'ip: true }, run);'),
      word('    sk', 'ip(!found);'),
    ],
  },
  {
    name: 'a path of one machine',
    breach: new RegExp(`(^|[^\\w.*~)-])(${anyOf(MACHINE_PATHS)})\\w`),
    files: ANY,
    planted: MACHINE_PATHS.map((path) => `const place = '${path}lockstep';`),
  },
  {
    name: 'the host of a package registry',
    breach: new RegExp(`${anyOf(REGISTRY_HOSTS)}|${RESOLVED}`),
    files: ANY,
    planted: [...REGISTRY_HOSTS.map((host) => `See https://${host}/zod`), `${RESOLVED}s://mirror.example/zod.tgz"`],
  },
];

/** `path:line` of every line that breaks the rule. */
export function breachesOf(rule: TextRule, path: string, text: string): string[] {
  if (!rule.files.test(path)) return [];
  return text
    .split('\n')
    .flatMap((line, index) => (rule.breach.test(line) && !rule.allowed?.test(line) ? [`${path}:${index + 1}`] : []));
}

/** The service that a file belongs to; tests, scripts and the like are none. */
function serviceOf(path: string): string | undefined {
  return /^subgraphs\/([^/]+)\//.exec(path)?.[1] ?? (/^(gateway|shared)\//.exec(path)?.[1] as string | undefined);
}

/** Files of shared/ that only one service uses: they belong there. What shared itself imports is of use to all. */
export function sharedByOne(sources: ReadonlyMap<string, string>): string[] {
  const source = [...sources].filter(([path]) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
  const candidates = source.map(([path]) => path).filter((path) => /^shared\/[^/]+\.ts$/.test(path));
  return candidates.filter((candidate) => {
    const name = candidate.replace('shared/', '');
    const users = source.filter(([path, text]) => path !== candidate && importsShared(path, text, name));
    const services = new Set(users.map(([path]) => serviceOf(path)).filter(Boolean));
    return !services.has('shared') && services.size < 2;
  });
}

function importsShared(path: string, text: string, name: string): boolean {
  if (text.includes(`'#shared/${name}'`)) return true;
  if (!path.startsWith('shared/')) return false;
  return text.includes(`'./${name}'`) || text.includes(`'../${name}'`);
}
