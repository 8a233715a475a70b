import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { plantTree, projectRoot, runTool } from './planted-tree.ts';

const CONFIG = `export default { test: { reporters: ['default', '${join(projectRoot, 'test/support/summary-reporter.ts')}'] } };\n`;
const HEAD = "import { afterAll, beforeAll, describe, expect, test } from 'vitest';\n";
const passing = `${HEAD}test('passes', () => { expect(1).toBe(1); });\n`;

async function lastLineOf(files: Record<string, string>): Promise<{ line: string | undefined; green: boolean }> {
  await using tree = await plantTree({ ...files, 'vitest.config.mjs': CONFIG });
  const { status, output } = await runTool('vitest', ['run'], { cwd: tree.path, together: true });
  return { line: output.trimEnd().split('\n').at(-1), green: status === 0 };
}

describe('the last line of a run', () => {
  test.each([
    { claim: 'counts what passed', source: passing, line: '1 passed, 0 failed', green: true },
    {
      claim: 'counts what was skipped',
      source: `${passing}test.skip('later', () => {});`, // -- what is counted
      line: '1 passed, 0 failed, 1 skipped',
      green: true,
    },
    {
      claim: 'counts what failed',
      source: `${passing}test('fails', () => { expect(1).toBe(2); });`,
      line: '1 passed, 1 failed',
    },
    { claim: 'counts a suite that cannot start', source: `${HEAD}throw new Error('no');`, line: '0 passed, 1 failed' },
    {
      claim: 'counts a hook that fails before',
      source: `${passing}describe('a', () => { beforeAll(() => { throw new Error('no'); }); test('b', () => {}); });`,
      line: '1 passed, 1 failed, 1 skipped',
    },
    {
      claim: 'counts a hook that fails after',
      source: `${passing}describe('a', () => { afterAll(() => { throw new Error('no'); }); test('b', () => {}); });`,
      line: '2 passed, 1 failed',
    },
    {
      claim: 'counts an error that nobody caught',
      source: `${HEAD}test('a', () => { void Promise.reject(new Error('no')); });`,
      line: '1 passed, 1 failed',
    },
    { claim: 'is not green for a suite without tests', source: HEAD, line: '0 passed, 1 failed' },
  ])('$claim', async ({ source, line, green = false }) => {
    expect(await lastLineOf({ 'planted.test.mjs': source })).toEqual({ line, green });
  });

  test('is not green when no suite is found', async () => {
    expect(await lastLineOf({})).toEqual({ line: '0 passed, 1 failed', green: false });
  });

  test('is not green when every test was skipped', async () => {
    const source = `${HEAD}test.skip('later', () => {});`; // -- what is counted
    expect(await lastLineOf({ 'planted.test.mjs': source })).toEqual({
      line: '0 passed, 1 failed, 1 skipped',
      green: false,
    });
  });
});
