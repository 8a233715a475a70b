import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

interface Excerpt {
  readonly file: string;
  readonly code: string;
}

/** The fenced blocks of a page that begin with the path of a file, as a comment. */
function excerpts(page: string): Excerpt[] {
  const blocks = page.matchAll(/```(?:ts|graphql)\n(?:\/\/|#) (\S+\/\S+)\n([\s\S]*?)```/g);
  return [...blocks].map(([, file = '', code = '']) => ({ file, code }));
}

const folded = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

test.each([
  { page: 'docs/anatomy.md', fewest: 10 },
  { page: 'docs/your-own-app.md', fewest: 8 },
])('$page shows the code as it is', async ({ page, fewest }) => {
  const shown = excerpts(await readFile(page, 'utf8'));
  expect(shown.length).toBeGreaterThanOrEqual(fewest);
  for (const { file, code } of shown) expect(folded(await readFile(file, 'utf8')), file).toContain(folded(code));
});

test('an excerpt that is out of date would be seen', () => {
  const [planted] = excerpts('```ts\n// shared/worker.ts\nconst gone = 1;\n```\n');
  expect(planted).toEqual({ file: 'shared/worker.ts', code: 'const gone = 1;\n' });
});

test.each([
  'README.md',
  'CONTRIBUTING.md',
  'docs/anatomy.md',
  'docs/architecture.md',
  'docs/errors.md',
  'docs/reliability.md',
  'docs/your-own-app.md',
])('%s links to files that exist', async (page) => {
  const links = [...(await readFile(page, 'utf8')).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(
    ([, target = '']) => target,
  );
  const folder = page.includes('/') ? 'docs/' : '';
  expect(links.filter((target) => !existsSync(folder + target))).toEqual([]);
});
