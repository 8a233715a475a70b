import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, open, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Tree } from './breaches.ts';

export const projectRoot = join(import.meta.dirname, '../..');

const CONFIGURATION = [
  'package.json',
  'tsconfig.json',
  '.dependency-cruiser.cjs',
  '.oxlintrc.json',
  '.prettierrc.json',
  'knip.json',
];
const TOOL_TIMEOUT_MS = 60_000; // a tool takes about a second; one that wanders off is killed

/** A folder of its own with the project's real configuration and the files given; removed with its scope. */
export async function plantTree(tree: Tree): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  const { path } = folder;
  for (const file of CONFIGURATION) await cp(join(projectRoot, file), join(path, file));
  await symlink(await realpath(join(projectRoot, 'node_modules')), join(path, 'node_modules'), 'dir');
  for (const [file, source] of Object.entries(tree)) {
    await mkdir(dirname(join(path, file)), { recursive: true });
    await writeFile(join(path, file), source);
  }
  return folder;
}

async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'lockstep-tidy-')));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export interface ToolRun {
  readonly status: number;
  readonly output: string;
}

/**
 * Runs a tool of node_modules/.bin (all are JavaScript) on this Node in `cwd`; a failing status is an answer, not an error.
 * `together` puts what it says on stderr into the output, in the order in which a log shows it.
 */
export async function runTool(
  tool: string,
  args: readonly string[],
  { cwd, together = false }: { cwd: string; together?: boolean },
): Promise<ToolRun> {
  await using tree = await temporaryFolder();
  const path = join(tree.path, 'output');
  await using file = await open(path, 'w');
  const child = spawn(process.execPath, [join(projectRoot, 'node_modules/.bin', tool), ...args], {
    cwd,
    env: environment(),
    timeout: TOOL_TIMEOUT_MS,
    stdio: ['ignore', file.fd, together ? file.fd : 'ignore'],
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  return { status: status ?? -1, output: await readFile(path, 'utf8') };
}

/** Without the marks that a surrounding test run leaves, so that a child behaves as if started by hand. */
function environment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|TEST$|NODE_ENV$|NODE_OPTIONS$|REQUIRE$)/.test(name),
  );
  return { ...Object.fromEntries(entries), NO_COLOR: '1', CI: '1' };
}
