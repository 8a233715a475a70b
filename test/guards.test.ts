import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { layerBreaches, lintBreaches, plantedSystem } from './support/breaches.ts';
import { plantTree, projectRoot, runTool } from './support/planted-tree.ts';
import { trackedFiles } from './support/tidy.ts';

interface Cruise {
  readonly modules: readonly { source: string; dependencies: readonly unknown[] }[];
  readonly summary: { violations: readonly { from: string; rule: { name: string } }[] };
}

interface LintReport {
  readonly diagnostics: readonly { code?: string; message: string; filename: string }[];
}

const require = createRequire(import.meta.url);
const layers = require(join(projectRoot, '.dependency-cruiser.cjs')) as {
  forbidden: readonly { name: string; comment?: string; severity: string }[];
};

async function cruise(path: string): Promise<Cruise> {
  const { output } = await runTool('depcruise', ['.', '--output-type', 'json'], { cwd: path });
  return JSON.parse(output) as Cruise;
}

describe('the layers', () => {
  test('each rule says why and has a planted breach', () => {
    expect(Object.keys(layerBreaches).toSorted()).toEqual(layers.forbidden.map((rule) => rule.name).toSorted());
    expect(layers.forbidden.filter((rule) => !rule.comment || rule.severity !== 'error')).toEqual([]);
  });

  test('a system in which nothing is wrong passes', async () => {
    await using tree = await plantTree(plantedSystem);
    expect((await cruise(tree.path)).summary.violations).toEqual([]);
  });

  test('every planted breach is caught, in the file where it was planted', async () => {
    await using tree = await plantTree(Object.assign({}, plantedSystem, ...Object.values(layerBreaches)));
    const { violations } = (await cruise(tree.path)).summary;
    const missed = Object.entries(layerBreaches).flatMap(([rule, files]) =>
      Object.keys(files)
        .filter((file) => !violations.some(({ rule: { name }, from }) => name === rule && from === file))
        .map((file) => `${rule} in ${file}`),
    );
    // A cycle is told once, at one of its files.
    expect(missed.filter((sentence) => !sentence.startsWith('no-cycles'))).toEqual([]);
    expect(missed.length).toBeLessThanOrEqual(1);
  });

  test('the real tree is looked at', async () => {
    const { modules } = await cruise(projectRoot);
    const tracked = (await trackedFiles(projectRoot)).filter((file) => file.endsWith('.ts'));
    const seen = modules.filter(({ source }) => tracked.includes(source));
    expect(seen.length).toBeGreaterThanOrEqual(tracked.length / 2);
    expect(seen.some(({ dependencies }) => dependencies.length > 0)).toBe(true);
  });
});

describe('the lint', () => {
  const planted = (rule: string): string => `shared/planted-${rule}.ts`;
  const rulesAt = (report: LintReport, file: string): string[] =>
    report.diagnostics.filter(({ filename }) => filename === file).map(({ code }) => code ?? 'unused directive');

  async function lint(files: Record<string, string>): Promise<{ status: number; report: LintReport }> {
    await using tree = await plantTree(files);
    const { status, output } = await runTool('oxlint', ['--format', 'json', '.'], { cwd: tree.path });
    return { status, report: JSON.parse(output) as LintReport };
  }

  test('every planted breach is caught', async () => {
    const files = Object.fromEntries(Object.entries(lintBreaches).map(([rule, source]) => [planted(rule), source]));
    const { report } = await lint({
      ...files,
      'shared/planted-source.ts': 'export const a = 1;\nexport const b = 2;\n',
    });
    const missed = Object.keys(lintBreaches).filter(
      (rule) => !rulesAt(report, planted(rule)).some((code) => code.endsWith(`(${rule})`)),
    );
    expect(missed).toEqual([]);
  });

  test('another house is imported by its name, another room as it stands', async () => {
    const { report } = await lint({
      'shared/log.ts': 'export const log = 1;\n',
      'subgraphs/sync/domain/lag.ts': 'export const lag = 1;\n',
      'subgraphs/sync/store/targets/a.ts': "export { lag } from '../../domain/lag.ts';\n",
      'subgraphs/sync/domain/b.ts': "export { log } from '../../../shared/log.ts';\n",
    });
    expect(report.diagnostics.map(({ filename }) => filename)).toEqual(['subgraphs/sync/domain/b.ts']);
  });

  test('a suppression that suppresses nothing is caught', async () => {
    const { status, report } = await lint({
      'shared/a.ts': '// oxlint-disable-next-line no-console -- once needed\nexport const a = 1;\n',
    });
    expect(report.diagnostics.map(({ message }) => message).join()).toContain('Unused');
    expect(status).not.toBe(0);
  });

  test('the environment is open where it is read, and nowhere else is closed to clean code', async () => {
    const reads = 'export const read = process.env;\n';
    const { status, report } = await lint({
      'subgraphs/user/config.ts': reads,
      'scripts/start.ts': reads,
      'shared/a.ts': 'export const a = 1;\n',
    });
    expect(report.diagnostics).toEqual([]);
    expect(status).toBe(0);
  });
});

describe('the rest of the check', () => {
  test.each([
    { tool: 'prettier', args: ['--check', 'shared'], file: 'shared/a.ts', source: 'export const a="double";\n' },
    { tool: 'tsc', args: [], file: 'shared/a.ts', source: "export const a: number = 'text';\n" },
    { tool: 'knip', args: ['--no-config-hints'], file: 'shared/a.ts', source: 'export const a = 1;\n' },
    { tool: 'depcruise', args: ['.'], file: 'shared/a.ts', source: 'export const a = 1;\n' },
    { tool: 'oxlint', args: ['.'], file: 'shared/a.ts', source: 'export const a: any = 1;\n' },
  ])('$tool fails on a planted breach', async ({ tool, args, file, source }) => {
    await using tree = await plantTree({ [file]: source });
    const { status, output } = await runTool(tool, args, { cwd: tree.path, together: true });
    expect(output).toContain(file);
    expect(status).toBeGreaterThan(0);
  });

  test('runs every tool, and hides no warning of theirs', async () => {
    const { scripts } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as {
      scripts: Record<'check', string>;
    };
    const tools = scripts.check.split(' && ').map((command) => command.split(' ')[0]);
    expect(tools).toEqual(expect.arrayContaining(['prettier', 'tsc', 'oxlint', 'depcruise', 'knip']));
    expect(scripts.check).not.toMatch(/--quiet|--silent|\|\||--no-exit-code/);
  });
});
