import { glob, mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generate } from '@graphql-codegen/cli';
import config from '../codegen.config.ts';
import { ERROR_PAGE, errorPage } from './codegen/error-page.ts';

const HELP = `npm run codegen -- [--check] [--into .]

Writes every generated/ folder: what codegen.config.ts makes of supergraph.graphql, of the subgraphs' schemas and of the clients'
operations. What is left over in such a folder is removed. After a change of a schema, run npm run compose first.
Writes docs/errors.md as well: every code that a client can meet.

  --check   change nothing; fail when something is out of date or missing, or left over in a generated/ folder
  --into    the folder that all this is in (default: the project)
`;

const HEADER = '// Made by `npm run codegen`, see codegen.config.ts: a change made here is lost.\n';
/** The client preset asks a linter to look away; ours does not look at generated code. */
const SUPPRESSION = /^\/\* \S+-disable \*\/\n/;
const PROJECT = fileURLToPath(new URL('..', import.meta.url));
/** Folders with much in them, and nothing of ours that is generated. */
const ELSEWHERE = new Set(['node_modules', '.git', '.lockstep', 'coverage']);

interface Made {
  /** From the project's folder, with slashes. */
  readonly file: string;
  readonly text: string;
}

interface Difference {
  readonly stale: readonly Made[];
  readonly leftOver: readonly string[];
}

/** Everything that is generated, in memory: no hook or watcher has a say in it. */
async function makeAll(): Promise<Made[]> {
  const files: { filename: string; content: string }[] = await generate({ ...config, cwd: PROJECT }, false);
  const types = files.map(({ filename, content }) => ({
    file: relative(PROJECT, resolve(PROJECT, filename)).split(sep).join('/'),
    text: `${HEADER}${content.replace(SUPPRESSION, '').trimEnd()}\n`,
  }));
  return [...types, { file: ERROR_PAGE, text: await errorPage(PROJECT) }];
}

/** How what is there differs from what is made. A file in a generated/ folder that nobody makes is left over, git or no git. */
async function differenceIn(folder: string, made: readonly Made[]): Promise<Difference> {
  const stale: Made[] = [];
  for (const one of made) {
    const present = await readFile(join(folder, one.file), 'utf8').catch(() => undefined);
    if (present !== one.text) stale.push(one);
  }
  const known = new Set(made.map(({ file }) => file));
  const leftOver: string[] = [];
  const inside = glob('**/generated/**', {
    cwd: folder,
    withFileTypes: true,
    exclude: (entry) => ELSEWHERE.has(entry.name),
  });
  for await (const entry of inside) {
    const file = relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/');
    if (entry.isFile() && !known.has(file)) leftOver.push(file);
  }
  return { stale, leftOver };
}

async function bringUpToDate(folder: string, { stale, leftOver }: Difference): Promise<void> {
  for (const { file, text } of stale) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  for (const file of leftOver) {
    await rm(join(folder, file));
    // An empty folder is no room; one with something in it stays.
    await rmdir(dirname(join(folder, file))).catch(() => undefined);
  }
}

function complaint({ stale, leftOver }: Difference): string | undefined {
  const parts = [
    stale.length === 0 ? [] : `out of date: ${stale.map(({ file }) => file).join(', ')}`,
    leftOver.length === 0 ? [] : `nothing makes: ${leftOver.join(', ')}`,
  ].flat();
  return parts.length === 0 ? undefined : `what is generated is not current, run npm run codegen (${parts.join('; ')})`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      into: { type: 'string', default: PROJECT },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const made = await makeAll();
  const difference = await differenceIn(resolve(values.into), made);
  const sentence = complaint(difference);
  if (values.check && sentence !== undefined) throw new Error(sentence);
  await bringUpToDate(resolve(values.into), difference);
  process.stdout.write(`generated ${made.length} files${sentence === undefined ? ', nothing has changed' : ''}\n`);
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
