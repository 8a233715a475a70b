import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Tree } from './breaches.ts';

export const projectRoot = join(import.meta.dirname, '../..');

const CONFIGURATION = ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs', '.oxlintrc.json'];
const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024; // dependency-cruiser tells the whole graph
const TOOL_TIMEOUT_MS = 60_000; // a tool takes about a second; one that wanders off is killed

/** A folder of its own with the project's real configuration and the files given; removed with its scope. */
export async function plantTree(tree: Tree): Promise<{ path: string } & AsyncDisposable> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'lockstep-tidy-')));
  for (const file of CONFIGURATION) await cp(join(projectRoot, file), join(path, file));
  await symlink(await realpath(join(projectRoot, 'node_modules')), join(path, 'node_modules'), 'dir');
  for (const [file, source] of Object.entries(tree)) {
    await mkdir(dirname(join(path, file)), { recursive: true });
    await writeFile(join(path, file), source);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export interface ToolRun {
  readonly status: number;
  readonly output: string;
}

/** Runs a tool of node_modules/.bin (all are JavaScript) on this Node in `cwd`; a failing status is an answer, not an error. */
export function runTool(tool: string, args: readonly string[], cwd: string): Promise<ToolRun> {
  const command = [join(projectRoot, 'node_modules/.bin', tool), ...args];
  const options = { cwd, maxBuffer: OUTPUT_LIMIT_BYTES, timeout: TOOL_TIMEOUT_MS, env: environment() };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, command, options, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ status: Number(error?.code ?? 0), output: stdout + stderr });
    });
  });
}

/** Without the marks that a surrounding test run leaves, so that a child behaves as if started by hand. */
function environment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|TEST$|NODE_ENV$|NODE_OPTIONS$|REQUIRE$)/.test(name),
  );
  return { ...Object.fromEntries(entries), NO_COLOR: '1', CI: '1' };
}
