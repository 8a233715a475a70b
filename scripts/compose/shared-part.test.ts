import { expect, test } from 'vitest';
import { withSharedParts } from './shared-part.ts';

const markOf = (name: string): string =>
  `# --- shared/graphql/${name}.graphql, kept in step by \`npm run compose\` ---`;
const MARK = markOf('common');
const read = (file: string): Promise<string> => Promise.resolve(`# ${file} as it is now\n`);
const NEW = '# shared/graphql/common.graphql as it is now\n';

test('what stands below the mark is replaced, what stands above is kept', async () => {
  const schema = `type Query { a: Int }\n\n${MARK}\n\nscalar Old\n`;
  expect(await withSharedParts(schema, read)).toBe(`type Query { a: Int }\n\n${MARK}\n\n${NEW}`);
});

test('each of several parts is replaced by its own file', async () => {
  const schema = `type Query { a: Int }\n\n${markOf('others')}\n\nscalar Older\n\n${MARK}\n\nscalar Old\n`;
  const others = '# shared/graphql/others.graphql as it is now\n';
  const expected = `type Query { a: Int }\n\n${markOf('others')}\n\n${others}\n${MARK}\n\n${NEW}`;
  expect(await withSharedParts(schema, read)).toBe(expected);
});

test('doing it again changes nothing', async () => {
  const once = await withSharedParts(`type Query { a: Int }\n${MARK}`, read);
  expect(await withSharedParts(once, read)).toBe(once);
});

test('a schema without the mark is refused, and told the line', async () => {
  await expect(withSharedParts('type Query { a: Int }', read)).rejects.toThrow(`it lacks the line "${MARK}"`);
});
